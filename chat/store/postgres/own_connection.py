"""OwnConnection: a connection that is there for one thing, and made anew when it is lost."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import LiteralString, TypeVar

from psycopg import Error

from chat.errors import ChatError, StorageUnavailable
from chat.store.postgres.database import Connection, connect, counting_cursor
from chat.store.postgres.failures import REFUSALS, UNAVAILABLE, refused
from chat.store.postgres.metrics import NodeMetrics

T = TypeVar('T')

Work = Callable[[Connection, bool], Awaitable[T]]
"""What is done at the connection, and whether that is another one than the last time."""


class OwnConnection:
    """Does one thing at a time, without waiting for a free connection; each statement is committed.

    What takes longer than `timeout` counts as lost: a server that goes without a word is noticed late.
    """

    def __init__(
        self, url: str, *, timeout: float, metrics: NodeMetrics, settings: LiteralString = ''
    ) -> None:
        """Connect with the first work; `settings` are statements for each new connection."""
        self.metrics = metrics
        self._url = url
        self._timeout = timeout
        self._settings: LiteralString = settings
        self._connection: Connection | None = None
        self._is_new = False
        self._is_closed = False
        self._busy = asyncio.Lock()

    async def run(self, work: Work[T]) -> T:
        """Do something, once.

        Raises:
            StorageUnavailable: If the connection was lost, or could not be made: then it may be done already;
                or if the database stores nothing.
        """
        async with self._busy:
            if self._is_closed:
                raise StorageUnavailable(UNAVAILABLE)
            try:
                connection = self._connection or await self._connect()
                result = await self._in_time(connection, work(connection, self._is_new))
            except (Error, ChatError, OSError) as error:
                self.metrics.lost.inc()
                await self._drop()
                raise (
                    refused(error) if isinstance(error, REFUSALS) else StorageUnavailable(UNAVAILABLE)
                ) from error
            except asyncio.CancelledError:
                await self._drop()  # it was cut
                raise
            self._is_new = False
            return result

    async def close(self) -> None:
        """Close it; what is being done fails."""
        self._is_closed = True
        if self._connection:
            cut(self._connection)
        async with self._busy:
            await self._drop()

    async def _connect(self) -> Connection:
        async with asyncio.timeout(self._timeout):
            connection = await connect(self._url)
        connection.cursor_factory = counting_cursor(self.metrics)
        self._connection, self._is_new = connection, True
        if self._settings:
            await self._in_time(connection, connection.execute(self._settings))
        return connection

    async def _in_time(self, connection: Connection, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task}, timeout=self._timeout)
        finally:
            if not task.done():
                cut(connection)  # to cancel it would ask the server, and wait for its answer
                await asyncio.wait({task})
                task.exception()  # whoever waited may be gone
        return task.result()

    async def _drop(self) -> None:
        if self._connection:
            connection, self._connection = self._connection, None
            await connection.close()


def cut(connection: Connection) -> None:
    """End a connection as if the line were cut; whatever waits for the server fails at once."""
    if not connection.closed:
        with socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as line:
            line.shutdown(socket.SHUT_RDWR)
