"""Prints what python-engineio and uvicorn alone take for a frame: `python plain_sockets.py SOCKETS FRAMES`.

In milliseconds of the processor for each socket. Nothing that sends to pages by their queues can take less.
"""

import asyncio
import multiprocessing
import socket
import sys
import time
from typing import Any

import engineio  # pyright: ignore[reportMissingTypeStubs]
import uvicorn

FRAME = '2["grow",' + 100 * 'x' + ']'
INTERVAL = 0.05
UPGRADE = (
    b'GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n'
    b'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n'
)


class Page(asyncio.Protocol):
    """Reads, and understands nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(UPGRADE)


def read(port: int, count: int) -> None:
    """Open so many sockets, and read what comes."""

    async def opened() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(count):
            await loop.create_connection(Page, '127.0.0.1', port)
        await asyncio.Event().wait()

    asyncio.run(opened())


async def measure(count: int, frames: int) -> float:
    server: Any = engineio.AsyncServer(async_mode='asgi')
    app: Any = engineio.ASGIApp(server)
    with socket.create_server(('127.0.0.1', 0), backlog=2048) as listening:
        running = uvicorn.Server(uvicorn.Config(app, ws='wsproto', lifespan='off', log_level='error'))
        serving = asyncio.create_task(running.serve([listening]))
        reading = multiprocessing.Process(target=read, args=(listening.getsockname()[1], count), daemon=True)
        reading.start()
        while len(server.sockets) < count or not all(each.upgraded for each in server.sockets.values()):  # noqa: ASYNC110  # no event says so
            await asyncio.sleep(INTERVAL)
        before = time.process_time()
        for _ in range(frames):
            for socket_id in tuple(server.sockets):
                await server.send(socket_id, FRAME)
            await asyncio.sleep(INTERVAL)
        spent = time.process_time() - before
        reading.kill()
        running.should_exit = running.force_exit = True
        await serving
    return 1000 * spent / frames / count


if __name__ == '__main__':
    print(asyncio.run(measure(*map(int, sys.argv[1:]))))
