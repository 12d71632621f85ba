"""Who is let in where a proxy says who it is, and who is believed."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from chat.server.security.authentication import session_in
from chat.server.security.middleware import SecurityMiddleware
from chat.server.security.proxy_authentication import ProxyAuthenticator
from chat.sharing.access import Owner
from chat.sign_in_proxy import SignInProxy, read_network, read_public_url
from tests.support.clock import clock, on_a_clock

PROXY = '10.0.0.5'
HOST = {'Host': 'chat.example.org'}
ANNA = {**HOST, 'X-Forwarded-User': 'anna'}
SOCKET_PATH = '/_nicegui_ws/socket.io/'


class Echo:
    """An app that says for whom it answers, and where it thinks it is."""

    def __init__(self) -> None:
        self.served: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visitor = session_in(scope).visitor
        assert isinstance(visitor, Owner)
        assert not visitor.is_at_computer
        self.served.append(visitor.user)
        headers = {name for name, _ in scope['headers']}
        assert not headers & {b'x-forwarded-user', b'x-forwarded-host', b'x-forwarded-proto'}
        if scope['type'] == 'websocket':
            await send({'type': 'websocket.accept'})
            while (await receive())['type'] != 'websocket.disconnect':
                pass
            return
        body = f'{scope["scheme"]} {scope["root_path"]} {visitor.user}'.encode()
        await send({'type': 'http.response.start', 'status': 200, 'headers': []})
        await send({'type': 'http.response.body', 'body': body})


def guard(app: Echo, url: str = 'https://chat.example.org', **options: Any) -> SecurityMiddleware:
    proxy = SignInProxy(
        public_url=read_public_url(url),
        networks=[read_network(PROXY), read_network('2001:db8::/64')],
        user_header='x-forwarded-user',
    )
    return SecurityMiddleware(app, ProxyAuthenticator(proxy), **options)


async def asked(
    path: str = '/',
    headers: Mapping[str, str] | list[tuple[str, str]] = ANNA,
    *,
    peer: str = PROXY,
    url: str = 'https://chat.example.org',
) -> tuple[int, str]:
    """The status of a request, and what was answered."""
    app = Echo()
    transport = httpx.ASGITransport(guard(app, url), client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url='http://node-a:8080') as proxy:
        answer = await proxy.get(path, headers=headers)
    assert bool(app.served) == (answer.status_code == 200)
    return answer.status_code, answer.text


async def test_a_trusted_proxy_says_who_it_is() -> None:
    """The scheme is that of the public address, whatever else the headers say of it."""
    lies = {'X-Forwarded-Proto': 'ftp', 'X-Forwarded-Host': 'evil.example', 'Forwarded': 'for=127.0.0.1'}
    assert await asked() == (200, 'https  anna')
    assert await asked(headers=ANNA | lies | {'Origin': 'https://chat.example.org'}) == (200, 'https  anna')
    assert (await asked(peer='2001:db8::77'))[0] == 200
    assert (await asked(peer=f'::ffff:{PROXY}'))[0] == 200


@pytest.mark.parametrize(
    'path', ['/', '/c/x', '/files/x', '/chat/', '/print/x', '/assets/x', '/front', '/admin']
)
async def test_nobody_else_is_believed(path: str) -> None:
    assert (await asked(path, HOST))[0] == 401
    for peer in ('10.0.0.6', '127.0.0.1', '::1', ''):
        assert (await asked(path, peer=peer))[0] == 401
    assert (await asked(path, {'X-Forwarded-User': 'anna', 'Host': '10.0.0.11:8080'}, peer='10.0.0.6'))[
        0
    ] == 401


@pytest.mark.parametrize('name', ['', 'anna, bert', 'a;b', 'x' * 129, 'an\tna', 'ann\x7fa', 'a  b', '"anna"'])
async def test_an_odd_name_is_refused(name: str) -> None:
    assert (await asked(headers=HOST | {'X-Forwarded-User': name}))[0] == 400


async def test_bytes_that_are_no_text_are_no_name() -> None:
    app = Echo()
    transport = httpx.ASGITransport(guard(app), client=(PROXY, 4711))
    async with httpx.AsyncClient(transport=transport, base_url='http://chat.example.org') as proxy:
        assert (await proxy.get('/', headers={b'X-Forwarded-User': b'ann\xe4'})).status_code == 400
        answer = await proxy.get('/', headers={b'X-Forwarded-User': 'Ännä B.'.encode()})
    assert answer.text == 'https  Ännä B.'


async def test_names_that_only_look_the_same_are_two_people() -> None:
    """Else one who may choose a name at the sign-in could be taken for somebody else."""
    app = Echo()
    transport = httpx.ASGITransport(guard(app), client=(PROXY, 4711))
    names = ['Zo\u00eb', 'Zoe\u0308', 'zo\u00eb', '\uff3ao\u00eb']
    async with httpx.AsyncClient(transport=transport, base_url='http://chat.example.org') as proxy:
        for name in names:
            assert (await proxy.get('/', headers={b'X-Forwarded-User': name.encode()})).status_code == 200
    assert app.served == names


async def test_a_second_header_is_refused() -> None:
    """A browser may have sent one of the two."""
    twice = [*ANNA.items(), ('x-forwarded-user', 'admin')]
    assert (await asked(headers=twice))[0] == 400


@pytest.mark.parametrize('path', ['/healthz', '/ready'])
async def test_a_balancer_asks_for_nobody(path: str) -> None:
    """It may say nothing of a host, and is nobody even if it says so."""
    for peer in (PROXY, '10.0.0.6', '127.0.0.1'):
        assert await asked(path, {'Host': '10.0.0.11'}, peer=peer) == (200, 'https  ')
    assert await asked(path, peer='10.0.0.6') == (200, 'https  ')
    assert (await asked(f'{path}/', HOST))[0] == 401


async def test_metrics_are_for_proxies_and_this_computer() -> None:
    for peer, status in ((PROXY, 200), ('127.0.0.1', 200), ('::1', 200), ('10.0.0.6', 401)):
        assert (await asked('/metrics', {'Host': 'node-a'}, peer=peer))[0] == status


async def test_only_the_public_address_is_answered() -> None:
    assert (await asked(headers=ANNA | {'Host': 'evil.example'}))[0] == 421
    assert (await asked(headers=ANNA | {'Host': 'chat.example.org:8080'}))[0] == 421
    for origin in ('http://chat.example.org', 'https://evil.example', 'null'):
        assert (await asked(headers=ANNA | {'Origin': origin}))[0] == 403


async def test_a_path_before_it() -> None:
    url = 'https://chat.example.org/ai'
    for path in ('/ai/', '/ai', '/ai/c/x'):
        assert await asked(path, url=url) == (200, 'https /ai anna')
    assert await asked('/ai/ready', HOST, url=url) == (200, 'https /ai ')
    for path in ('/', '/c/x', '/aix', '/ai2/'):
        assert (await asked(path, url=url))[0] == 404


def opening(headers: Mapping[str, str], peer: str = PROXY) -> Scope:
    """The upgrade to a websocket."""
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {
        **{'type': 'websocket', 'scheme': 'ws', 'path': SOCKET_PATH, 'root_path': '', 'query_string': b''},
        **{'headers': raw, 'client': (peer, 4711), 'extensions': {'websocket.http.response': {}}},
    }


async def answer_to(scope: Scope) -> str | int:
    """What is said first to somebody who opens a websocket: its status, if it is refused."""
    sent: list[Message] = []
    answered = asyncio.Event()

    async def receive() -> Message:
        await answered.wait()
        return {'type': 'websocket.disconnect', 'code': 1000}

    async def send(message: Message) -> None:
        sent.append(message)
        answered.set()

    await guard(Echo())(scope, receive, send)
    return sent[0].get('status', sent[0]['type'])


async def test_the_upgrade_of_a_socket_passes_the_same_check() -> None:
    page = ANNA | {'Origin': 'https://chat.example.org'}
    assert await answer_to(opening(page)) == 'websocket.accept'
    assert await answer_to(opening(page, peer='10.0.0.6')) == 401
    assert await answer_to(opening(HOST | {'Origin': 'https://chat.example.org'})) == 401
    assert await answer_to(opening(ANNA)) == 403
    assert await answer_to(opening(ANNA | {'Origin': 'http://chat.example.org'})) == 403


@on_a_clock
async def test_a_socket_ends_after_twelve_hours() -> None:
    """Its page comes back through the proxy, which is asked again who it is."""
    hours = 3600.0
    app, sent = Echo(), list[Message]()
    ended = asyncio.Event()

    async def receive() -> Message:
        await ended.wait()
        return {'type': 'websocket.disconnect', 'code': 1005}

    async def send(message: Message) -> None:
        sent.append(message)
        if message['type'] == 'websocket.close':
            ended.set()

    page = opening(ANNA | {'Origin': 'https://chat.example.org'})
    open_socket = asyncio.create_task(guard(app, socket_lifetime=12 * hours)(page, receive, send))
    await asyncio.sleep(11.9 * hours)
    assert [message['type'] for message in sent] == ['websocket.accept']
    await asyncio.sleep(0.2 * hours)
    with suppress(asyncio.CancelledError):
        await open_socket
    assert sent[-1] == {'type': 'websocket.close', 'code': 1001}
    assert clock().time() > 12 * hours
