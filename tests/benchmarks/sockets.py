"""Pages without a browser: hundreds of sockets in one process, each of which reads as a browser does.

They read and acknowledge all that comes, and understand no more than what their caller looks for in it.
"""

import asyncio
import base64
import json
import os
import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from tests.security.sockets import SOCKET, Page

ACK_INTERVAL = 3.0
"""Seconds after which NiceGUI's page says what it has got."""

MESSAGE_ID = re.compile(rb'^42\["[^"]+",(?:\[|\{.*"_id":)(\d+)', re.DOTALL)
PING, PONG, EVENT = b'2', b'3', b'42'
TEXT_FRAME, PING_FRAME, PONG_FRAME = 0x81, 0x89, 0x8A
"""The first byte of whole frames: RFC 6455, 5.2."""

Look = Callable[[bytes], object]
"""Is given each message."""


@dataclass(eq=False)
class SocketPage(asyncio.Protocol):
    """One page that was served, and its websocket."""

    page: Page
    on_message: Look
    messages: int = 0
    size: int = 0
    next_message_id: int = 0
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    _data: bytearray = field(default_factory=bytearray)
    _is_open: bool = False

    async def connect(self) -> None:
        """Open the socket, and wait until the app takes it for the page's."""
        parts = urlsplit(self.page.url)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: self, parts.hostname or '', parts.port or 80)
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        query = {
            'EIO': '4',
            'transport': 'websocket',
            'client_id': self.page.client_id,
            'implicit_handshake': 'true',
            'document_id': str(uuid4()),
            'tab_id': str(uuid4()),
            'next_message_id': '0',
        }
        said = {'Host': parts.netloc, **dict(self.page.said)}
        head = [
            f'GET {SOCKET}?{urlencode(query)} HTTP/1.1',
            *(f'{name}: {value}' for name, value in said.items()),
            f'Origin: http://{said["Host"]}',
            f'Cookie: {self.page.cookie}',
            'Connection: Upgrade',
            'Upgrade: websocket',
            'Sec-WebSocket-Version: 13',
            f'Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}',
        ]
        transport.write(('\r\n'.join(head) + '\r\n\r\n').encode())
        async with asyncio.timeout(60):
            await self.joined.wait()
        self._acknowledge()

    def fire(self, event: str, *arguments: object) -> None:
        """Have a listener of the page called, as if its browser had said so."""
        element_id, listener_id = self.page.listener(event)
        said = {
            'client_id': self.page.client_id,
            'id': element_id,
            'listener_id': listener_id,
            'args': [json.dumps(argument) for argument in arguments],
        }
        self._emit('event', said)

    @property
    def conversation(self) -> str:
        """The id of the chat that the page shows."""
        return self.page.conversation

    def send(self, prompt: str) -> None:
        """Send a prompt, as the box does."""
        self.fire('send', {'id': str(uuid4()), 'conversation': self.conversation, 'text': prompt, 'seen': ''})

    def close(self) -> None:
        self._transport.abort()

    # What asyncio calls

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._is_open:
            head, end, rest = bytes(self._data).partition(b'\r\n\r\n')
            if not end:
                return
            assert head.startswith(b'HTTP/1.1 101'), head[:200]
            self._data, self._is_open = bytearray(rest), True
        while (frame := self._next_frame()) is not None:
            kind, payload = frame
            if kind == PING_FRAME:
                self._write(payload, PONG_FRAME)
            else:
                self._take(payload)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()

    def _take(self, message: bytes) -> None:
        self.messages += 1
        self.size += len(message)
        if message == PING:
            self._write(PONG)
        elif message.startswith(b'0'):
            self._write(b'40')
        elif message.startswith(b'40'):
            self.joined.set()
        elif message.startswith(EVENT):
            if found := MESSAGE_ID.match(message[:60]) or MESSAGE_ID.match(message):
                self.next_message_id = int(found[1]) + 1
            self.on_message(message)

    def _next_frame(self) -> tuple[int, bytes] | None:
        """Return the kind and payload of the next frame, if it is whole; a server's is not masked."""
        data = self._data
        if len(data) < 2:
            return None
        length, start = data[1] & 127, 2
        if length >= 126:
            start = 4 if length == 126 else 10
            if len(data) < start:
                return None
            length = int.from_bytes(data[2:start])
        if len(data) < start + length:
            return None
        kind, payload = data[0], bytes(data[start : start + length])
        del data[: start + length]
        return kind, payload

    def _acknowledge(self) -> None:
        if self.closed.is_set():
            return
        self._emit('ack', {'client_id': self.page.client_id, 'next_message_id': self.next_message_id})
        asyncio.get_running_loop().call_later(ACK_INTERVAL, self._acknowledge)

    def _emit(self, event: str, message: object) -> None:
        self._write(EVENT + json.dumps([event, message]).encode())

    def _write(self, message: bytes, kind: int = TEXT_FRAME) -> None:
        length = len(message)
        size = bytes([0x80 | length]) if length < 126 else bytes([0x80 | 126]) + length.to_bytes(2)
        self._transport.write(bytes([kind]) + size + bytes(4) + message)  # with a mask that changes nothing


@dataclass(slots=True)
class Lateness:
    """How late an event loop answers, as its HTTP server shows it."""

    worst: float = 0.0


@contextmanager
def lateness_of(url: str, interval: float = 0.02) -> Generator[Lateness]:
    """Ask for a small thing again and again, in this loop; a slow answer means that the app was busy."""
    lateness = Lateness()
    parts = urlsplit(url)

    async def ask() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        request = f'GET /healthz HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n'.encode()
        while True:
            begun = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b'\r\n\r\n')
            length = re.search(rb'content-length: (\d+)', head.lower())
            await reader.readexactly(int(length[1]) if length else 0)
            lateness.worst = max(lateness.worst, time.perf_counter() - begun)
            await asyncio.sleep(interval)

    asking = asyncio.create_task(ask())
    try:
        yield lateness
    finally:
        asking.cancel()
