"""The line between a browser and the app: a proxy on loopback that can be held or cut."""

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class TcpProxy:
    """Carries every byte both ways, unless it is `held`; `cut` ends all connections at once.

    While it `is_down`, nobody is there. `lost_answer_to` is what is carried there once: in place of the
    answer to it all connections end.
    """

    _usual_port = 0
    """Where one was before: what a browser has cached of that address it has of this one."""

    def __init__(self, url: str) -> None:
        """Lead to the app at this URL."""
        self._target = urlsplit(url)
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[StreamWriter] = set()
        self.url = ''
        self.is_down = False
        self.lost_answer_to: bytes | None = None
        self._answer_is_lost = False

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(self._carry, '127.0.0.1', TcpProxy._usual_port)
        except OSError:  # there is another one now
            self._server = await asyncio.start_server(self._carry, '127.0.0.1', 0)
        TcpProxy._usual_port = port = self._server.sockets[0].getsockname()[1]
        self.url = f'http://127.0.0.1:{port}'
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        self.release()

    def hold(self) -> None:
        """Let nothing through, without ending anything: as when the Wi-Fi is gone."""
        self._flows.clear()

    def release(self) -> None:
        self._flows.set()

    def go_down(self) -> None:
        """End all connections; new ones are ended at once."""
        self.is_down = True
        self.cut()

    def cut(self) -> None:
        """End all connections; new ones may be made."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        assert self._target.hostname
        if self.is_down:
            writer.transport.abort()
            return
        there, here = await asyncio.open_connection(self._target.hostname, self._target.port)
        if self.is_down:  # by now
            writer.transport.abort()
            here.transport.abort()
            return
        self._writers |= {writer, here}
        try:
            await asyncio.gather(self._copy(reader, here), self._copy(there, writer))
        finally:
            self._writers -= {writer, here}

    async def _copy(self, source: StreamReader, sink: StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self._flows.wait()
                if self._answer_is_lost:
                    self._answer_is_lost = False
                    self.cut()
                    return
                if self.lost_answer_to and self.lost_answer_to in data:
                    self.lost_answer_to, self._answer_is_lost = None, True
                sink.write(data)
                await sink.drain()
        sink.close()
