"""GET /healthz: whether Parlour runs here, and whether it is the one that a second start looks for."""

from fastapi import APIRouter

from chat import __version__
from chat.server.instance import RunningInstance


def health_route(running: RunningInstance) -> APIRouter:
    """The route; with `?challenge=…` the answer has a `proof` that only this instance can give."""
    router = APIRouter()

    @router.get('/healthz')
    async def healthz(challenge: str = '') -> dict[str, str]:
        answer = {'status': 'ok', 'version': __version__}
        return answer | ({'proof': running.proof(challenge)} if challenge else {})

    return router
