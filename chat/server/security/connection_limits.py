"""Connections of those who have not come in: few, and none that only waits."""

import asyncio
from collections import Counter
from typing import ClassVar

import h11

from chat.server.fair import FairRequests

Connection = tuple[str, int]
"""The address and the port of the other side, which name it for as long as it is open."""

HEAD_TIMEOUT = 10
"""Seconds that the other side has to send the head of a request; uvicorn 0.54 would wait for ever."""

MAX_CONNECTIONS_PER_ADDRESS = 24
"""Connections of one address on which no request was let in yet."""

MAX_CONNECTIONS = 200
"""The same, of all addresses together."""


class UnauthenticatedConnections:
    """Counts the connections on which no request was let in yet."""

    def __init__(self) -> None:
        self._connections: set[Connection] = set()
        self._by_address: Counter[str] = Counter()

    def add(self, connection: Connection) -> bool:
        """Whether there is room for one more."""
        if (
            len(self._connections) >= MAX_CONNECTIONS
            or self._by_address[connection[0]] >= MAX_CONNECTIONS_PER_ADDRESS
        ):
            return False
        self._connections.add(connection)
        self._by_address[connection[0]] += 1
        return True

    def remove(self, connection: Connection) -> None:
        """It has ended, or is no stranger any more; this may be said more than once."""
        if connection in self._connections:
            self._connections.remove(connection)
            self._by_address -= Counter([connection[0]])


class LimitedH11Protocol(FairRequests):
    """HTTP as uvicorn speaks it, on connections that are counted and may not idle before they have asked."""

    unauthenticated: ClassVar[UnauthenticatedConnections]
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as there
        super().connection_made(transport)
        if self.client and self.unauthenticated.add(self.client):
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
        # Another protocol takes the connection, and it is closed at once if it is refused.
        self._remove_connection()
        super().handle_websocket_upgrade(event)

    def _start_head_timer(self) -> None:
        """Count the time from the first byte of a head, or none at all, until it is whole."""
        is_whole = self.conn.their_state is not h11.IDLE
        if is_whole:
            self._stop_head_timer()
        elif not self._head_timer and not self.transport.is_closing():
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self.transport.abort)

    def _remove_connection(self) -> None:
        self._stop_head_timer()
        if self.client:
            self.unauthenticated.remove(self.client)

    def _stop_head_timer(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


def limited_protocol(unauthenticated: UnauthenticatedConnections) -> type[LimitedH11Protocol]:
    """The protocol for one listener: uvicorn makes its own objects of it."""
    return type('ListenerProtocol', (LimitedH11Protocol,), {'unauthenticated': unauthenticated})
