"""Connections that take turns with all others, however many small pieces come at once.

uvicorn 0.54 goes through all that a read has brought in one go: a megabyte holds 160,000 pings or pieces of a
body, which takes seconds in which nobody else is served. To be removed when it makes pauses itself.
"""

import asyncio
from collections.abc import Generator
from itertools import islice
from typing import Any

import h11
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto import ConnectionType, WSConnection
from wsproto.events import Event

AT_ONCE = 100
"""Pieces that are read before the others have their turn: some 3 ms. The largest message comes in five."""

MOST_BYTES_OF_HEAD = 64 * 1024
"""Of a request, as uvicorn has it."""


class PacedSocket(WSConnection):
    """Gives out no more than `AT_ONCE` events at a time, and says whether there may be more."""

    def __init__(self) -> None:
        super().__init__(ConnectionType.SERVER)
        self.is_behind = False

    def events(self) -> Generator[Event]:
        """The next ones; those that are left come with the next call."""
        left = AT_ONCE
        for event in islice(super().events(), AT_ONCE):
            left -= 1
            yield event
        self.is_behind = not left


class FairSocket(WSProtocol):
    """A websocket; nothing more is read before it has caught up with what has come."""

    def __init__(self, *args: Any, **options: Any) -> None:  # as uvicorn makes it
        super().__init__(*args, **options)
        self.conn: PacedSocket = PacedSocket()
        self._is_waiting = False

    def handle_events(self) -> None:
        super().handle_events()
        if self.conn.is_behind and not self._is_waiting:
            self._is_waiting = True
            self.transport.pause_reading()
            self.loop.call_soon(self._catch_up)

    async def receive(self) -> Any:
        """The next message; uvicorn reads on if there is none in its queue."""
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


class PacedRequests(h11.Connection):
    """Says after `AT_ONCE` events that it needs more data, until it is asked anew."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER, MOST_BYTES_OF_HEAD)
        self._left = AT_ONCE

    @property
    def is_behind(self) -> bool:
        """Whether there may be more."""
        return not self._left

    def begin(self) -> None:
        self._left = AT_ONCE

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        if self.is_behind:
            return h11.NEED_DATA
        self._left -= 1
        return super().next_event()


class HeldFlow(FlowControl):
    """Reads on when the app wants more, unless there is still something to catch up with."""

    is_held = False

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self._connection = transport

    def hold(self) -> None:
        self.is_held = True
        self._connection.pause_reading()

    def let_go(self) -> None:
        self.is_held = False
        if not self.read_paused:
            self._connection.resume_reading()

    def resume_reading(self) -> None:
        super().resume_reading()
        if self.is_held:
            self._connection.pause_reading()


class FairRequests(H11Protocol):
    """HTTP; nothing more is read before it has caught up with what has come."""

    def __init__(self, *args: Any, **options: Any) -> None:  # as uvicorn makes it
        super().__init__(*args, **options)
        self.conn: PacedRequests = PacedRequests()
        self._held: HeldFlow

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as there
        super().connection_made(transport)
        self.flow = self._held = HeldFlow(transport)

    def handle_events(self) -> None:
        self.conn.begin()
        super().handle_events()
        if self.conn.is_behind and not self._held.is_held:
            self._held.hold()
            self.loop.call_soon(self._catch_up)

    def _catch_up(self) -> None:
        if self.transport.is_closing():
            return
        self._held.is_held = False
        self.handle_events()
        if not self._held.is_held:
            self._held.let_go()
