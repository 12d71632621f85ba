"""The listener on the network ends at once, whoever is being served, and quietly."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

from chat.server.lan_listener import LanServer
from chat.server.listener import bind_socket, port_of_socket, server_config
from chat.server.security.authentication import LocalAuthenticator
from chat.server.security.middleware import SecurityMiddleware


class Silent:
    """An app that never answers, on a listener of its own."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._listening = bind_socket('127.0.0.1', 0)
        self.port = port_of_socket(self._listening)
        self.guard = SecurityMiddleware(self._app, LocalAuthenticator(host='127.0.0.1', port=self.port))
        self.server = LanServer(server_config(self.guard, lifespan='off'))
        self._serving = asyncio.create_task(self.server.serve([self._listening]))

    async def question(self) -> socket.socket:
        """A connection on which something was asked and no answer has come."""
        await self.server.has_started.wait()
        client = socket.create_connection(('127.0.0.1', self.port))
        client.sendall(b'GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n' % self.port)
        await self.asked.wait()
        return client

    async def end(self) -> None:
        self.server.should_exit = True
        await self._serving

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.set()
        await asyncio.Event().wait()


@pytest.fixture
async def silent() -> AsyncIterator[Silent]:
    app = Silent()
    yield app
    await app.end()


async def test_an_answer_that_is_under_way_when_it_ends_is_no_error(
    silent: Silent, caplog: pytest.LogCaptureFixture
) -> None:
    with await silent.question() as client:
        await silent.end()
        assert client.recv(1) == b'', 'the connection is closed'
    assert caplog.records == []


async def test_who_is_sent_away_before_an_answer_has_come_is_told_so(
    silent: Silent, caplog: pytest.LogCaptureFixture
) -> None:
    with await silent.question() as client:
        await asyncio.gather(
            *(silent.guard.active.abort(session) for session in silent.guard.active.sessions)
        )
        answer = await asyncio.to_thread(client.recv, 1000)
    assert answer.startswith(b'HTTP/1.1 401 ')
    assert caplog.records == []
