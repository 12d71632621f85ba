"""Who sends very much in very small pieces waits in line: all others have their turn in between."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager

import pytest
from starlette.types import Receive, Scope, Send
from wsproto.frame_protocol import FrameProtocol

from chat.immediate_frames import offered
from chat.server.lan_listener import LanServer
from chat.server.listener import bind_socket, port_of_socket, server_config
from chat.server.websockets import EVENTS_PER_TURN, text_frame

UPGRADE = (
    b'GET / HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
    b'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n'
)
UNMASKED = b'\0\0\0\0'
PING = b'\x89\x80' + UNMASKED
LAST = b'\x81\x84' + UNMASKED + b'last'
OTHER = b'\x81\x85' + UNMASKED + b'other'

AT_ONE_READ = 8_000
"""Pings that come with one read."""

MANY = 20_000
"""Pieces of a message."""


class Listening:
    """An app that notes what it is given, and how much of it at once."""

    def __init__(self) -> None:
        self.given: list[str | bytes] = []
        self.has_all = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] == 'websocket':
            await receive()
            await send({'type': 'websocket.accept'})
            while (message := await receive())['type'] == 'websocket.receive':
                self.note(message['text'])
            return
        is_more = True
        while is_more:
            message = await receive()
            self.note(message['body'])
            is_more = message['more_body']
        self.has_all.set()
        await send({'type': 'http.response.start', 'status': 204, 'headers': []})
        await send({'type': 'http.response.body'})

    def note(self, piece: str | bytes) -> None:
        self.given.append(piece)
        if piece == 'last':
            self.has_all.set()


@pytest.fixture
def app() -> Listening:
    return Listening()


@pytest.fixture
async def port(app: Listening) -> AsyncIterator[int]:
    server = LanServer(server_config(app, lifespan='off'))
    listening = bind_socket('127.0.0.1', 0)
    serving = asyncio.create_task(server.serve([listening]))
    await server.has_started.wait()
    yield port_of_socket(listening)
    server.should_exit = True
    await serving


@contextmanager
def connected(port: int) -> Generator[socket.socket]:
    """A connection that sends without waiting for anybody."""
    with socket.create_connection(('127.0.0.1', port)) as connection:
        connection.setblocking(False)
        yield connection


async def upgraded(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, UPGRADE)
    assert b'101' in await loop.sock_recv(connection, 4096)


@pytest.mark.parametrize('text', ['', 'é', 'x' * 125, 'x' * 126, 'é' * 32_768, 'x' * 65_536])
def test_a_frame_of_a_text_is_what_a_library_makes(text: str) -> None:
    frames = FrameProtocol(client=False, extensions=[])
    assert text_frame(text) == frames.send_data(text, fin=True)


async def test_who_sends_thousands_of_pings_is_overtaken(app: Listening, port: int) -> None:
    with connected(port) as many, connected(port) as one:
        await upgraded(many)
        await upgraded(one)
        many.send(PING * AT_ONE_READ + LAST)
        one.send(OTHER)
        await app.has_all.wait()
    assert app.given == ['other', 'last']


async def test_a_message_in_many_pieces_arrives_whole(app: Listening, port: int) -> None:
    text = b''.join(b'\x00\x81' + UNMASKED + bytes([97 + n % 26]) for n in range(MANY))
    with connected(port) as connection:
        await upgraded(connection)
        begin, end = b'\x01\x81' + UNMASKED + b'>', b'\x80\x81' + UNMASKED + b'<'
        await asyncio.get_running_loop().sock_sendall(connection, begin + text + end + LAST)
        await app.has_all.wait()
    whole = ''.join(chr(97 + n % 26) for n in range(MANY))
    assert app.given == [f'>{whole}<', 'last']


async def test_messages_at_once_arrive_in_order(app: Listening, port: int) -> None:
    frames = b''.join(b'\x81\x85' + UNMASKED + b'%05d' % n for n in range(MANY))
    with connected(port) as connection:
        await upgraded(connection)
        await asyncio.get_running_loop().sock_sendall(connection, frames + LAST)
        await app.has_all.wait()
    assert app.given == [*(f'{n:05}' for n in range(MANY)), 'last']


async def test_a_body_in_small_chunks_comes_a_few_at_a_time(app: Listening, port: int) -> None:
    head = b'POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n'
    with connected(port) as connection:
        await asyncio.get_running_loop().sock_sendall(connection, head + b'1\r\na\r\n' * MANY + b'0\r\n\r\n')
        await app.has_all.wait()
    assert sum(len(piece) for piece in app.given) == MANY
    assert (
        max(len(piece) for piece in app.given) <= 2 * EVENTS_PER_TURN
    )  # a turn may begin between two of the app's


class Telling:
    """An app that says numbers to a websocket: at once where that is possible, else as ASGI has it."""

    def __init__(self) -> None:
        self.said = self.at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({'type': 'websocket.accept'})
        await receive()  # the browser is ready
        write = offered(scope)
        assert write
        while write(self._next()):  # until there is no more room, for nobody reads meanwhile
            self.at_once += 1
        waiting = asyncio.create_task(self._send(send, str(self.said)))
        await asyncio.sleep(0)
        while not waiting.done():
            assert not write('overtaken')
            await asyncio.sleep(0)
        assert write(self._next())
        assert write('last')

    async def _send(self, send: Send, first: str) -> None:
        for text in (f'{first:>1000}', self._next(), self._next()):
            await send({'type': 'websocket.send', 'text': text})

    def _next(self) -> str:
        self.said += 1
        return f'{self.said:>1000}'


async def test_what_is_written_at_once_overtakes_nothing() -> None:
    app = Telling()
    server = LanServer(server_config(app, lifespan='off'))
    listening = bind_socket('127.0.0.1', 0)
    serving = asyncio.create_task(server.serve([listening]))
    await server.has_started.wait()
    with connected(port_of_socket(listening)) as connection:
        loop = asyncio.get_running_loop()
        await upgraded(connection)
        connection.send(OTHER)
        received = b''
        while b'last' not in received:
            received += await loop.sock_recv(connection, 1 << 20)
    numbers = [int(found) for found in re.findall(rb' (\d+)', received)]
    assert app.at_once > 1
    assert numbers == [*range(1, app.said + 1)]
    server.should_exit = True
    await serving
