"""A computer that several people use: who has the address that was opened comes in, and nobody else."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from chat.server.instance import RunningInstance, instance_routes
from chat.server.security.authentication import owner_authenticator
from chat.server.security.middleware import SecurityMiddleware

URL = 'http://127.0.0.1:8080/'
TOKEN = 'the-token-of-this-launch'


async def served(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers whoever gets to it."""
    await send({'type': 'http.response.start', 'status': 200, 'headers': []})
    await send({'type': 'http.response.body', 'body': b'served'})


def browser() -> httpx.AsyncClient:
    """One that has no cookie yet."""
    guard = SecurityMiddleware(served, owner_authenticator('127.0.0.1', 8080, TOKEN))
    return httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=URL)


@pytest.mark.parametrize('path', ['/', '/c/x', '/settings', '/files/x', '/chat/', '/join/wrong', '/join/'])
async def test_without_it_nobody_comes_in(path: str) -> None:
    async with browser() as somebody:
        answer = await somebody.get(path, headers={'Accept': 'text/html'})
    assert answer.status_code in (401, 403)
    assert 'start' in answer.text.lower(), 'it says how to get in'


async def test_with_it_a_browser_gets_a_cookie_and_a_clean_address() -> None:
    async with browser() as owner:
        entered = await owner.get(f'/join/{TOKEN}')
        assert (entered.status_code, entered.headers['location']) == (303, '/')
        assert {'httponly', 'samesite=lax'} <= set(entered.headers['set-cookie'].lower().split('; '))
        assert TOKEN not in entered.headers['set-cookie']
        assert (await owner.get('/settings')).text == 'served'


async def test_a_made_up_cookie_is_none() -> None:
    async with browser() as somebody:
        assert (await somebody.get('/', headers={'Cookie': f'parlour-8080={TOKEN}'})).status_code == 401


@pytest.mark.parametrize(
    ('path', 'sent', 'status'), [('/chat/', TOKEN, 200), ('/chat/', 'wrong', 401), ('/settings', TOKEN, 401)]
)
async def test_a_program_sends_it_as_a_bearer(path: str, sent: str, status: int) -> None:
    async with browser() as program:
        answer = await program.get(path, headers={'Authorization': f'Bearer {sent}'})
    assert answer.status_code == status


async def test_what_health_tells_everybody_brings_no_window_to_the_front() -> None:
    running, brought = RunningInstance.now(URL, ''), list[bool]()

    async def to_front() -> bool:
        brought.append(True)
        return True

    app = FastAPI()
    app.include_router(instance_routes(running, to_front))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as somebody:
        proof = (await somebody.get('/healthz', params={'challenge': 'x'})).json()['proof']
        forged = await somebody.post('/front', params={'challenge': 'x', 'proof': proof})
        assert (forged.status_code, brought) == (403, [])
        asked = await somebody.post('/front', params={'challenge': 'x', 'proof': running.request('x')})
    assert (asked.status_code, brought) == (204, [True])
