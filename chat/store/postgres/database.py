"""The connections to PostgreSQL, and what happens when one is lost."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString, Self, TypeAlias, TypeVar

from psycopg import AsyncConnection, AsyncCursor
from psycopg.adapt import Buffer, Loader
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import Error
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from chat.errors import StartFailed, StorageUnavailable
from chat.store.postgres.failures import (
    BUSY,
    IN_THE_WAY,
    LOST,
    NOT_UNICODE,
    REFUSALS,
    UNAVAILABLE,
    refused,
    unusable,
)
from chat.store.postgres.metrics import NodeMetrics
from chat.store.postgres.schema import check_version

log = logging.getLogger(__name__)

logging.getLogger('psycopg.pool').setLevel(logging.ERROR)  # it would tell of each attempt; we tell once

T = TypeVar('T')

Connection: TypeAlias = AsyncConnection[TupleRow]

Work: TypeAlias = Callable[[Connection, bool], Awaitable[T]]
"""What is done in a transaction, and whether it was tried before: then it may have been done already."""

POOL_SIZE = 6
"""Connections of a node for everything but listening."""

FREE_TIMEOUT = 5.0
"""Seconds after which who waits for a connection asks anew: the pool then tries to make one."""

FIRST_PAUSE, LAST_PAUSE = 0.05, 1.0
"""Seconds from one attempt to the next."""

CONNECTION_OPTIONS = {
    'application_name': 'parlour',
    'client_encoding': 'UTF8',
    'connect_timeout': 5,
    'keepalives_idle': 10,
    'keepalives_interval': 5,
    'keepalives_count': 3,
    'tcp_user_timeout': 20_000,
}
"""So that all texts pass, and a server is noticed that is gone without a word; what the URL says wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryTimes:
    """Seconds for which something is tried again while the database is away."""

    read: float = 5.0
    """Somebody waits for it."""
    write: float = 30.0
    """A restart of the database harms nobody."""


DEFAULT_RETRY_TIMES = RetryTimes()


class _JsonText(Loader):
    """Leaves JSON as text: a thread parses it, not the event loop."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


class Database:
    """The connections of this process to one database; for the event loop only."""

    def __init__(
        self, pool: AsyncConnectionPool[Connection], *, retry_times: RetryTimes, metrics: NodeMetrics
    ) -> None:
        self.metrics = metrics
        self.retry_times = retry_times
        self._pool = pool
        self._is_away = False

    async def read(self, query: LiteralString, *values: Any) -> list[TupleRow]:
        """Return the rows of a statement that changes nothing.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """

        async def work(connection: Connection, _: bool) -> list[TupleRow]:
            return await (await connection.execute(query, values)).fetchall()

        return await self._run(work, self.retry_times.read)

    async def write(self, work: Work[T]) -> T:
        """Do it in a transaction, and anew if the connection is lost, even while it was committed.

        Raises:
            StorageUnavailable: If the database is away for too long, or its disk is full.
        """

        async def transaction(connection: Connection, is_repeated: bool) -> T:
            async with connection.transaction():
                return await work(connection, is_repeated)

        return await self._run(transaction, self.retry_times.write)

    async def written(self, query: LiteralString, *values: Any) -> list[TupleRow]:
        """Do one statement, which may be done twice; return the rows that it says it has changed.

        Raises:
            StorageUnavailable: As `write`.
        """

        async def work(connection: Connection, _: bool) -> list[TupleRow]:
            return await (await connection.execute(query, values)).fetchall()

        return await self._run(work, self.retry_times.write)

    async def execute(self, query: LiteralString, *values: Any) -> int:
        """Do one statement, which may be done twice; return how many rows it has changed.

        Raises:
            StorageUnavailable: As `write`.
        """

        async def work(connection: Connection, _: bool) -> int:
            return (await connection.execute(query, values)).rowcount

        return await self._run(work, self.retry_times.write)

    async def close(self) -> None:
        """Close all connections; closing twice does no harm."""
        await self._pool.close()

    async def _run(self, work: Work[T], retry_time: float) -> T:
        clock = asyncio.get_running_loop().time
        begun, pause, is_repeated = clock(), FIRST_PAUSE, False
        while True:
            try:
                async with self._connection(begun, retry_time) as connection:
                    begun = begun if is_repeated else clock()
                    with self.metrics.working.time():
                        result = await work(connection, is_repeated)
                self._note(is_away=False)
                return result
            except REFUSALS as error:
                raise refused(error) from None
            except LOST as error:
                self.metrics.lost.inc()
                self._note(is_away=not isinstance(error, IN_THE_WAY))
                if clock() + pause > begun + retry_time:
                    raise StorageUnavailable(UNAVAILABLE) from error
            is_repeated = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)
            await self._pool.check()  # which replaces the connections that are lost as well

    @asynccontextmanager
    async def _connection(self, begun: float, retry_time: float) -> AsyncGenerator[Connection]:
        """Wait for a free connection: no longer than this only if it is known that the database is away.

        Else others have them all, or this process is short of time: who reads waits as long as who writes.
        """
        clock = asyncio.get_running_loop().time
        asked = clock()
        while True:
            left = begun + (retry_time if self._is_away else self.retry_times.write) - clock()
            try:
                connection = await self._pool.getconn(max(FIRST_PAUSE, min(left, FREE_TIMEOUT)))
                break
            except PoolTimeout as error:
                if left <= FREE_TIMEOUT:
                    raise StorageUnavailable(UNAVAILABLE if self._is_away else BUSY) from error
        self.metrics.waiting.observe(clock() - asked)
        try:
            yield connection
        finally:
            await self._pool.putconn(connection)

    def _note(self, *, is_away: bool) -> None:
        if is_away != self._is_away:
            self._is_away = is_away
            log.warning('The database %s', 'cannot be reached' if is_away else 'can be reached again')


async def connect(url: str) -> Connection:
    """Return a connection of its own.

    Raises:
        StartFailed: If there is no such database, or not every text can be stored in it, in a sentence
            without the password.
    """
    try:
        connection = await AsyncConnection.connect(conninfo_of(url), autocommit=True)
    except Error as error:
        raise StartFailed(unusable(error)) from None
    if (encoding := connection.info.parameter_status('server_encoding')) != 'UTF8':
        await connection.close()
        raise StartFailed(NOT_UNICODE.format(encoding))
    await _configure(connection)
    return connection


async def open_database(url: str, *, retry_times: RetryTimes = DEFAULT_RETRY_TIMES) -> Database:
    """Connect to a database whose tables are those of this version.

    Raises:
        StartFailed: If there is no such database, in a sentence without the password.
        SchemaMismatch: If its tables are others.
    """
    async with await connect(url) as connection:
        await check_version(connection)
    metrics = NodeMetrics()
    counting = counting_cursor(metrics)

    async def configure(connection: Connection) -> None:
        await _configure(connection)
        connection.cursor_factory = counting

    pool = AsyncConnectionPool[Connection](
        conninfo_of(url),
        open=False,
        min_size=1,
        max_size=POOL_SIZE,
        reconnect_timeout=1,  # then the next one who wants a connection has it tried anew, without a pause
        kwargs={'autocommit': True},
        configure=configure,
    )
    await pool.open()
    return Database(pool, retry_times=retry_times, metrics=metrics)


def counting_cursor(metrics: NodeMetrics) -> type[AsyncCursor[TupleRow]]:
    """Return a cursor that counts its statements."""

    class CountingCursor(AsyncCursor[TupleRow]):
        async def execute(self, *arguments: Any, **options: Any) -> Self:
            metrics.statements.inc()
            return await super().execute(*arguments, **options)

        async def executemany(self, query: Any, params_seq: Iterable[Any], **options: Any) -> None:
            rows = list(params_seq)
            metrics.statements.inc(len(rows))
            await super().executemany(query, rows, **options)

    return CountingCursor


async def _configure(connection: Connection) -> None:
    connection.adapters.register_loader('json', _JsonText)


def conninfo_of(url: str) -> str:
    """Return what a connection is made with.

    Raises:
        StartFailed: If it is no address of a database.
    """
    try:
        return make_conninfo('', **{**CONNECTION_OPTIONS, **conninfo_to_dict(url)})
    except Error:  # whose text may quote the password
        raise StartFailed(
            '--database is no address of PostgreSQL, such as postgresql://parlour@127.0.0.1/parlour.'
        ) from None
