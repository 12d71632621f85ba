"""A server that has no file descriptor left for another connection."""

import asyncio
import errno
import logging
import os
import socket
import sys

import pytest

from chat.server.loop_errors import LoopErrorHandler
from tests.support.timeouts import WAIT_TIMEOUT

pytestmark = pytest.mark.skipif(sys.platform == 'win32', reason='it has no such limit')


async def test_without_descriptors_there_is_one_line_and_connections_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Who waits is served as soon as there are descriptors again."""
    import resource

    loop, served = asyncio.get_running_loop(), asyncio.Event()
    told = asyncio.Event()
    log = LoopErrorHandler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        log.handle(loop, context)
        told.set()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        served.set()

    loop.set_exception_handler(handle)
    server = await asyncio.start_server(serve, '127.0.0.1', 0)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as client:
        client.setblocking(False)
        taken = os.open(os.devnull, os.O_RDONLY)
        resource.setrlimit(resource.RLIMIT_NOFILE, (taken, before[1]))
        try:
            os.close(taken)
            held = holding_all()
            await loop.sock_connect(client, server.sockets[0].getsockname())
            async with asyncio.timeout(WAIT_TIMEOUT):
                await told.wait()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for each in held:
            os.close(each)
        async with asyncio.timeout(WAIT_TIMEOUT):
            await served.wait()
    server.close()
    await server.wait_closed()
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [
        f'New connections have to wait: {os.strerror(errno.EMFILE)}. Close some pages.'
    ]
    assert 'Traceback' not in caplog.text


def holding_all() -> list[int]:
    """All descriptors that are left."""
    held: list[int] = []
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return held
