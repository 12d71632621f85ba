"""The route by which a balancer learns that a node is about to end, so that nobody new is sent there."""

from collections.abc import Callable

from fastapi import APIRouter, Response


def ready_route(is_ready: Callable[[], bool]) -> APIRouter:
    """Return it. It knows of this process only: that a database is restarted must not cut every page off."""
    router = APIRouter()

    @router.get('/ready')
    async def ready() -> Response:
        status, text = (200, 'ready') if is_ready() else (503, 'leaving')
        return Response(text, status_code=status, media_type='text/plain')

    return router
