"""Connections: how many a process may have, and how they take turns; those of unknown peers have limits.

uvicorn 0.54 goes through all that a read has brought in one go: a megabyte holds 160,000 pings or pieces of a
body, which takes seconds in which nobody else is served. It has no timeout for a request head either. What is
here can be removed when it makes pauses and has that timeout itself.
"""

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol

from chat.server.websockets import EVENTS_PER_TURN

MAX_INCOMPLETE_EVENT_BYTES = 64 * 1024
"""The most that h11 buffers of a request head; uvicorn has the same."""

HEAD_TIMEOUT = 10
"""Seconds within which a peer must send a request head."""

MAX_CONNECTIONS_PER_ADDRESS = 24
"""Connections of one address without an authenticated request."""

MAX_UNAUTHENTICATED_CONNECTIONS = 200
"""The same, of all addresses together."""

Connection = tuple[str, int]
"""The address and port of the peer, which identify an open connection."""


class PacedHTTP(h11.Connection):
    """Says after `EVENTS_PER_TURN` events that it needs more data, until a new turn begins."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER, MAX_INCOMPLETE_EVENT_BYTES)
        self._left = EVENTS_PER_TURN

    @property
    def is_behind(self) -> bool:
        """Whether there may be more."""
        return not self._left

    def begin_turn(self) -> None:
        self._left = EVENTS_PER_TURN

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        if self.is_behind:
            return h11.NEED_DATA
        self._left -= 1
        return super().next_event()


class HeldFlowControl(FlowControl):
    """Reads on when the app wants more, unless there is still something to catch up with."""

    is_held = False

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self._connection = transport

    def hold(self) -> None:
        self.is_held = True
        self._connection.pause_reading()

    def release(self) -> None:
        self.is_held = False
        if not self.read_paused:
            self._connection.resume_reading()

    def resume_reading(self) -> None:
        super().resume_reading()
        if self.is_held:
            self._connection.pause_reading()


class FairHTTPProtocol(H11Protocol):
    """HTTP; nothing more is read before it has caught up with what has come."""

    def __init__(self, *args: Any, **options: Any) -> None:  # as uvicorn makes it
        super().__init__(*args, **options)
        self.conn: PacedHTTP = PacedHTTP()
        self._held: HeldFlowControl

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as there
        super().connection_made(transport)
        self.flow = self._held = HeldFlowControl(transport)

    def handle_events(self) -> None:
        self.conn.begin_turn()
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
            self._held.release()


class UnauthenticatedConnections:
    """Counts the connections without an authenticated request."""

    def __init__(self, is_trusted: Callable[[str], bool] = lambda _: False) -> None:
        """`is_trusted` says of an address that its connections have no limit: those of a proxy."""
        self.is_trusted = is_trusted
        self._connections: set[Connection] = set()
        self._by_address: Counter[str] = Counter()

    def add(self, connection: Connection) -> bool:
        """Count one more connection; return whether it is within the limits."""
        if (
            len(self._connections) >= MAX_UNAUTHENTICATED_CONNECTIONS
            or self._by_address[connection[0]] >= MAX_CONNECTIONS_PER_ADDRESS
        ):
            return False
        self._connections.add(connection)
        self._by_address[connection[0]] += 1
        return True

    def remove(self, connection: Connection) -> None:
        """Stop counting a connection that has closed or is authenticated; harmless if repeated."""
        if connection in self._connections:
            self._connections.remove(connection)
            self._by_address -= Counter([connection[0]])


class LimitedHTTPProtocol(FairHTTPProtocol):
    """HTTP on connections that are counted, and that may not idle before their first request."""

    unauthenticated: ClassVar[UnauthenticatedConnections]
    _head_timer: asyncio.TimerHandle | None = None
    _is_trusted = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as there
        super().connection_made(transport)
        if self.client and self.unauthenticated.is_trusted(self.client[0]):
            self._is_trusted = True
        elif self.client and self.unauthenticated.add(self.client):
            self._start_head_timer()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._remove_connection()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._start_head_timer()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        # A websocket protocol takes over the connection, which is closed at once if it is refused.
        self._remove_connection()
        super().handle_websocket_upgrade(event)

    def _start_head_timer(self) -> None:
        """Start the timeout of a request head; it runs until the head is complete."""
        is_whole = self.conn.their_state is not h11.IDLE
        if is_whole:
            self._stop_head_timer()
        elif not (self._head_timer or self._is_trusted or self.transport.is_closing()):
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self.transport.abort)

    def _remove_connection(self) -> None:
        self._stop_head_timer()
        if self.client:
            self.unauthenticated.remove(self.client)

    def _stop_head_timer(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


def limited_protocol(unauthenticated: UnauthenticatedConnections) -> type[LimitedHTTPProtocol]:
    """Return the protocol class for one listener, of which uvicorn creates the instances."""
    return type('ListenerProtocol', (LimitedHTTPProtocol,), {'unauthenticated': unauthenticated})


log = logging.getLogger(__name__)

WANTED_FILES = 8192
"""Open files and connections; a page needs one or two, and some systems allow only 256 by default."""


def raise_file_limit() -> None:
    """Raise the limit of this process as far as the system allows; a failure is logged."""
    if sys.platform == 'win32':  # which has no such limit
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        log.info('Up to %d files and connections may be open, not %d', wanted, soft)
    except (OSError, ValueError) as error:
        log.warning('Only %d files and connections may be open: %s', soft, error)
