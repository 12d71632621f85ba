"""Limit unauthenticated connections per address and in total; drop those that send no head in 10 s."""

import asyncio
from collections import Counter
from typing import ClassVar

import h11

from chat.server.fair import FairRequests

Connection = tuple[str, int]
"""The address and port of the peer, which identify an open connection."""

HEAD_TIMEOUT = 10
"""Seconds within which a peer must send a request head; uvicorn 0.54 has no timeout for it."""

MAX_CONNECTIONS_PER_ADDRESS = 24
"""Connections of one address without an authenticated request."""

MAX_CONNECTIONS = 200
"""The same, of all addresses together."""


class UnauthenticatedConnections:
    """Counts the connections without an authenticated request."""

    def __init__(self) -> None:
        self._connections: set[Connection] = set()
        self._by_address: Counter[str] = Counter()

    def add(self, connection: Connection) -> bool:
        """Count one more connection; return whether it is within the limits."""
        if (
            len(self._connections) >= MAX_CONNECTIONS
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
        # A websocket protocol takes over the connection, which is closed at once if it is refused.
        self._remove_connection()
        super().handle_websocket_upgrade(event)

    def _start_head_timer(self) -> None:
        """Start the timeout of a request head; it runs until the head is complete."""
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
    """Return the protocol class for one listener, of which uvicorn creates the instances."""
    return type('ListenerProtocol', (LimitedH11Protocol,), {'unauthenticated': unauthenticated})
