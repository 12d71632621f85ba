"""What waits for its rate is not served once its session has ended."""

import asyncio
from collections.abc import Mapping

import pytest
from starlette.types import Message, Receive, Scope, Send

from chat.server.security.authentication import GuestAuthenticator
from chat.server.security.middleware import SecurityMiddleware
from chat.server.security.rate_limit import TokenBucket
from chat.server.security.request_limits import MAX_CONCURRENT_REQUESTS
from chat.sharing.access import Guest, Session
from chat.sharing.invites import AcceptedInvite

HEADERS = [(b'host', b'127.0.0.1:8080'), (b'origin', b'http://127.0.0.1:8080')]
REQUESTS: Mapping[str, Scope] = {
    'page': {'type': 'http', 'method': 'GET', 'path': '/c/c'},
    'file': {'type': 'http', 'method': 'GET', 'path': '/files/x'},
    'websocket': {'type': 'websocket', 'path': '/_nicegui_ws/socket.io/'},
}


class OneGuest:
    """Knows every browser as the same guest."""

    async def join(self, token: str, secret: str) -> AcceptedInvite:
        raise AssertionError('no link is opened here')

    def session(self, secret: str) -> Session | None:
        return Session(id='ann', visitor=Guest(conversation_id='c', permission='read', session_id='ann'))


class SecretApp:
    """An app with something to say to those who are let in."""

    def __init__(self) -> None:
        self.was_called = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.was_called = True
        if scope['type'] == 'websocket':
            await receive()
            await send({'type': 'websocket.accept'})
            await send({'type': 'websocket.send', 'text': 'secret'})
        else:
            await send({'type': 'http.response.start', 'status': 200, 'headers': []})
            await send({'type': 'http.response.body', 'body': b'secret'})


class Browser:
    """Sends one request through the middleware, and notes what comes back."""

    def __init__(self, guard: SecurityMiddleware, request: str) -> None:
        scope = REQUESTS[request]
        self._opening: Message = {
            'type': 'websocket.connect' if scope['type'] == 'websocket' else 'http.request'
        }
        self.received: list[Message] = []
        self.task = asyncio.create_task(
            guard(
                {
                    'scheme': 'http',
                    'headers': HEADERS,
                    'query_string': b'',
                    'client': ('1.1.1.1', 1),
                    **scope,
                },
                self._receive,
                self._send,
            )
        )

    async def _receive(self) -> Message:
        return self._opening

    async def _send(self, message: Message) -> None:
        self.received.append(message)

    @property
    def was_served(self) -> bool:
        return 'secret' in str(self.received)


def guarded(app: SecretApp, *, per_second: float) -> SecurityMiddleware:
    guests = GuestAuthenticator(OneGuest(), names={'127.0.0.1'}, port=8080, on_admitted=lambda _: None)
    return SecurityMiddleware(app, guests, request_rate=TokenBucket(burst=0, per_second=per_second))


async def until_they_wait() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize('request_', REQUESTS)
async def test_it_is_refused(request_: str) -> None:
    app = SecretApp()
    guard = guarded(app, per_second=20)
    browser = Browser(guard, request_)
    await until_they_wait()
    assert not browser.received, 'it waits for its rate'
    await guard.active.abort('ann')
    await browser.task
    assert browser.received
    assert not browser.was_served
    assert not app.was_called


async def test_what_waits_counts_among_the_requests_at_once() -> None:
    guard = guarded(SecretApp(), per_second=0.001)
    browsers = [Browser(guard, 'file') for _ in range(MAX_CONCURRENT_REQUESTS + 1)]
    await until_they_wait()
    assert [browser.received[0]['status'] for browser in browsers if browser.received] == [429]
    await guard.active.abort('ann')
    await asyncio.gather(*(browser.task for browser in browsers))
    assert not any(browser.was_served for browser in browsers)
