"""POST /front: a second start brings the window of the first before the others."""

from collections.abc import Awaitable, Callable
from hmac import compare_digest

from fastapi import APIRouter, Response

from chat.server.instance import RunningInstance


def raise_window_route(running: RunningInstance, raise_window: Callable[[], Awaitable[bool]]) -> APIRouter:
    """The route; only who can read the data folder knows what to ask with. 404 if there is no window."""
    router = APIRouter()

    @router.post('/front')
    async def bring(challenge: str, proof: str) -> Response:
        if not compare_digest(proof.encode(), running.request(challenge).encode()):
            return Response(status_code=403)
        return Response(status_code=204 if await raise_window() else 404)

    return router
