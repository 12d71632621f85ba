"""Connections of those who have not come in: few, and none that only waits."""

import asyncio
from collections import Counter
from typing import ClassVar

import h11

from chat.serve.fair import FairRequests

Connection = tuple[str, int]
"""The address and the port of the other side, which name it for as long as it is open."""

HEAD_TIME = 10
"""Seconds that the other side has to send the head of a request; uvicorn 0.54 would wait for ever."""

MOST_OF_ONE = 24
"""Connections of one address on which no request was let in yet."""

MOST_OF_ALL = 200
"""The same, of all addresses together."""


class Strangers:
    """Counts the connections on which no request was let in yet."""

    def __init__(self) -> None:
        self._connections: set[Connection] = set()
        self._of: Counter[str] = Counter()

    def come(self, connection: Connection) -> bool:
        """Whether there is room for one more."""
        if len(self._connections) >= MOST_OF_ALL or self._of[connection[0]] >= MOST_OF_ONE:
            return False
        self._connections.add(connection)
        self._of[connection[0]] += 1
        return True

    def leave(self, connection: Connection) -> None:
        """It has ended, or is no stranger any more; this may be said more than once."""
        if connection in self._connections:
            self._connections.remove(connection)
            self._of -= Counter([connection[0]])


class CountedProtocol(FairRequests):
    """HTTP as uvicorn speaks it, on connections that are counted and may not idle before they have asked."""

    strangers: ClassVar[Strangers]
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as there
        super().connection_made(transport)
        if self.client and self.strangers.come(self.client):
            self._watch()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._leave()  # another protocol takes the connection, and it is closed at once if it is refused
        super().handle_websocket_upgrade(event)

    def _watch(self) -> None:
        """Count the time from the first byte of a head, or none at all, until it is whole."""
        is_whole = self.conn.their_state is not h11.IDLE
        if is_whole:
            self._stop_waiting()
        elif not self._waiting and not self.transport.is_closing():
            self._waiting = self.loop.call_later(HEAD_TIME, self.transport.abort)

    def _leave(self) -> None:
        self._stop_waiting()
        if self.client:
            self.strangers.leave(self.client)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None


def protocol_with(strangers: Strangers) -> type[CountedProtocol]:
    """The protocol for one listener: uvicorn makes its own objects of it."""
    return type('ListenerProtocol', (CountedProtocol,), {'strangers': strangers})
