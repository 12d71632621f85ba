"""Websockets: how they take turns in reading, and texts that are written at once.

uvicorn 0.54 goes through all that a read has brought in one go; see `connections.py`.
"""

from collections.abc import Generator
from itertools import islice
from typing import Any

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import Event, Request

from chat.immediate_frames import offer

MAY_BE_CLOSED = (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING)
"""The states in which wsproto lets a connection be closed."""

EVENTS_PER_TURN = 100
"""Pieces that are read before the others have their turn: some 3 ms. The largest message comes in five."""


class PacedWebSocket(WSConnection):
    """Gives out no more than `EVENTS_PER_TURN` events at a time."""

    def __init__(self) -> None:
        super().__init__(ConnectionType.SERVER)
        self.is_behind = False

    def events(self) -> Generator[Event]:
        """Yield the next events; those that are left come with the next call."""
        left = EVENTS_PER_TURN
        for event in islice(super().events(), EVENTS_PER_TURN):
            left -= 1
            yield event
        self.is_behind = not left


class FairWebSocketProtocol(WSProtocol):
    """A websocket; nothing more is read before it has caught up with what has come."""

    def __init__(self, *args: Any, **options: Any) -> None:  # as uvicorn makes it
        super().__init__(*args, **options)
        self.conn: PacedWebSocket = PacedWebSocket()
        self._is_waiting = False
        self._waiting_senders = 0

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        offer(self.scope, self.write_at_once)  # pyright: ignore[reportArgumentType]  # uvicorn says which keys it has

    def handle_events(self) -> None:
        super().handle_events()
        if self.conn.is_behind and not self._is_waiting:
            self._is_waiting = True
            self.transport.pause_reading()
            self.loop.call_soon(self._catch_up)

    async def send(self, message: Any) -> None:
        """Send a message; a text, of which there may be thousands a second, with a frame made at once."""
        if not self.writable.is_set():
            self._waiting_senders += 1
            try:
                await self.writable.wait()
            finally:
                self._waiting_senders -= 1
        text = message.get('text')
        if text is None or not self.handshake_complete or self.close_sent or self.disconnected:
            await super().send(message)
        elif not self.transport.is_closing():
            self.transport.write(text_frame(text))

    def write_at_once(self, text: str) -> bool:
        """Send a text if nothing waits to be sent before it; return whether it was."""
        can_write = self.writable.is_set() and not self._waiting_senders
        if not can_write or not self.handshake_complete or self.close_sent or self.disconnected:
            return False
        if not self.transport.is_closing():
            self.transport.write(text_frame(text))
        return True

    def shutdown(self) -> None:
        """Close it, as the server ends; what is closed already is left, where uvicorn 0.54 fails."""
        if self.handshake_complete and not self.close_sent and self.conn.state not in MAY_BE_CLOSED:
            self.stop_keepalive()
            self.transport.close()
        else:
            super().shutdown()

    async def receive(self) -> Any:
        """Return the next message; uvicorn reads on if there is none in its queue."""
        message = await super().receive()
        if self._is_waiting:
            self.transport.pause_reading()
        return message

    def _catch_up(self) -> None:
        self._is_waiting = False
        if self.transport.is_closing():
            return
        self.handle_events()
        if not (self._is_waiting or self.read_paused):
            self.transport.resume_reading()


def text_frame(text: str) -> bytes:
    """Return a text as a whole frame of a server: RFC 6455, 5.2."""
    payload = text.encode()
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    size = (
        bytes((0x81, 126)) + length.to_bytes(2)
        if length < 1 << 16
        else bytes((0x81, 127)) + length.to_bytes(8)
    )
    return size + payload
