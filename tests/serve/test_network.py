"""The listener on the network ends at once, whoever is being served, and quietly."""

import asyncio
import socket

import pytest
from starlette.types import Receive, Scope, Send

from chat.serve.guard.door import OwnerDoor
from chat.serve.guard.guard import Guard
from chat.serve.listener import bound_socket, configured, port_of
from chat.serve.network import NetworkServer


async def test_an_answer_that_is_under_way_when_it_ends_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    asked = asyncio.Event()

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        asked.set()
        await asyncio.Event().wait()

    listening = bound_socket('127.0.0.1', 0)
    port = port_of(listening)
    server = NetworkServer(configured(Guard(never, OwnerDoor(host='127.0.0.1', port=port)), lifespan='off'))
    serving = asyncio.create_task(server.serve([listening]))
    await server.has_started.wait()
    with socket.create_connection(('127.0.0.1', port)) as client:
        client.sendall(b'GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n' % port)
        await asked.wait()
        server.should_exit = True
        await serving
        assert client.recv(1) == b'', 'the connection is closed'
    assert caplog.records == []
