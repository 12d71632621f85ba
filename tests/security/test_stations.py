"""The stations that a request passes before the app: each once, in the order of `SECURITY.md`."""

import re
import sys
from pathlib import Path
from types import FrameType

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from chat.server.security.authentication import GuestAuthenticator, LocalAuthenticator
from chat.server.security.middleware import SecurityMiddleware
from chat.server.security.rate_limit import TokenBucket
from chat.sharing.access import Guest, Session
from chat.sharing.invites import AcceptedInvite
from tests.security.case import AttackCase
from tests.security.target import Target

SERVER = Path(__file__).parents[2] / 'chat' / 'server'

DOCUMENTED = re.findall(r'^\| `security/(\w+)\.py` \|', (SERVER / 'SECURITY.md').read_text(), re.MULTILINE)


class InvitesOfAll:
    """Knows every browser as a guest."""

    async def join(self, token: str, secret: str) -> AcceptedInvite:
        raise AssertionError('no link is opened here')

    def session(self, secret: str) -> Session | None:
        return Session(id='ann', visitor=Guest(conversation_id='c', permission='read', session_id='ann'))


class AppAtTheEnd:
    """An app that notes which modules of `security/` were entered before it."""

    def __init__(self) -> None:
        self.modules: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sys.setprofile(None)
        await send({'type': 'http.response.start', 'status': 200, 'headers': []})
        await send({'type': 'http.response.body', 'body': b'served'})

    def note(self, frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == 'call' and path.parent == SERVER / 'security' and self.modules[-1:] != [path.stem]:
            self.modules.append(path.stem)


async def stations_before(app: AppAtTheEnd, guard: SecurityMiddleware, path: str) -> list[str]:
    transport = httpx.ASGITransport(guard)
    async with httpx.AsyncClient(transport=transport, base_url='http://127.0.0.1:8080') as browser:
        sys.setprofile(app.note)
        try:
            assert (await browser.get(path)).status_code == 200
        finally:
            sys.setprofile(None)
    return app.modules


@pytest.mark.parametrize('path', ['/c/c', '/files/x', '/assets/x'])
async def test_a_request_of_a_guest_passes_each_once(path: str) -> None:
    app = AppAtTheEnd()
    guests = GuestAuthenticator(InvitesOfAll(), names={'127.0.0.1'}, port=8080, on_admitted=lambda _: None)
    guard = SecurityMiddleware(app, guests, request_rate=TokenBucket(burst=90, per_second=90))
    assert await stations_before(app, guard, path) == DOCUMENTED


async def test_one_of_the_owner_passes_all_but_the_rate_limit() -> None:
    app = AppAtTheEnd()
    guard = SecurityMiddleware(app, LocalAuthenticator(host='127.0.0.1', port=8080))
    expected = [station for station in DOCUMENTED if station != 'rate_limit']
    assert await stations_before(app, guard, '/') == expected


def test_only_a_page_gets_a_nonce(guarded: Target) -> None:
    page = AttackCase(name='page', expected=200).send(guarded.url)
    other = AttackCase(name='no page', path='/healthz', expected=200).send(guarded.url)
    nonce = re.search("'nonce-([^']+)'", page.header('content-security-policy'))
    assert nonce
    assert f'nonce="{nonce[1]}"' in page.body
    assert other.header('content-security-policy') == "default-src 'none'; frame-ancestors 'none'"
