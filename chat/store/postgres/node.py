"""A node: one process of Parlour at a database that others use too."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from secrets import token_hex
from typing import Protocol

from psycopg import Error

from chat.errors import ChatError
from chat.store.postgres.adoption import adopt_all
from chat.store.postgres.catalog import PostgresCatalog
from chat.store.postgres.database import WRITE_PATIENCE, Connection, Database, connect, open_database
from chat.store.postgres.frames import FrameWriter
from chat.store.postgres.values import PostgresDrafts

log = logging.getLogger(__name__)

BEAT_INTERVAL = 1.0
"""Seconds from one sign of life of a node to the next."""

LEASE = 5.0
"""Seconds of silence after which a node counts as dead, and the others take over its answers."""

CHANNEL = 'parlour'
"""On which the triggers of the tables tell what has changed."""


class Member(Protocol):
    """Somebody whose conversations are open at this node."""

    @property
    def owner(self) -> str: ...
    @property
    def catalog(self) -> PostgresCatalog: ...
    @property
    def drafts(self) -> PostgresDrafts: ...
    async def read_anew(self) -> None:
        """Look at everything that is held in memory again."""
        ...


class Node:
    """The connections of this process, its sign of life, and what it hears of the others.

    What it hears is a hint: whoever is told looks at what is stored, and all is looked at again after a
    connection was lost.
    """

    def __init__(self, url: str, database: Database, name: str, *, beat: float, lease: float) -> None:
        self._url = url
        self.database = database
        self.name = name
        self.frames = FrameWriter(database, name)
        self.members: list[Member] = []
        self.on_notice: list[Callable[[str, str], Awaitable[None]]] = []
        """Told what has changed by its kind and what is said of it; must be quick."""
        self.on_beat: list[Callable[[], Awaitable[None]]] = []
        """Called once a beat, and when what was told may have been missed."""
        self._beat = beat
        self._lease = lease
        self._first_connection: Connection | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Say that this node is here, and begin to listen."""
        await self._say_alive()
        self._first_connection = await self._listening()
        work = (self._keep_beating(), self._listen(self._first_connection))
        self._tasks = [*map(asyncio.create_task, work)]

    async def close(self) -> None:
        """Give up what is answered here, so that the others take it over at once; twice does no harm."""
        if not self._tasks:
            return
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        if self._first_connection:
            await self._first_connection.close()  # nobody may have begun to listen
        await self.frames.close()
        try:
            await self.database.execute('delete from node where id = %s', self.name)
        except ChatError as error:  # then it is silent, and found so
            log.warning('This node could not say that it leaves: %s', error)
        await self.database.close()

    async def _say_alive(self) -> None:
        await self.database.execute(
            'insert into node (id) values (%s) on conflict (id) do update set seen_at = clock_timestamp()',
            self.name,
        )

    async def _keep_beating(self) -> None:
        clock = asyncio.get_running_loop().time
        seen, since = clock(), clock()
        while True:
            await asyncio.sleep(self._beat)
            try:
                await self._say_alive()
                if (
                    clock() - seen > self._lease
                ):  # nobody could say that they live: they have a lease to do so
                    since = clock()
                seen = clock()
                if clock() - since >= self._lease:
                    await adopt_all(self.database, timedelta(seconds=self._lease))
                await self._tell_beat()
            except ChatError as error:
                log.warning('The sign of life of this node is late: %s', error)
            except Exception:  # the border of a task: the next beat may do better
                log.exception('What another node has left could not be taken over')

    async def _tell_beat(self) -> None:
        for listener in self.on_beat:
            await listener()

    async def _listening(self) -> Connection:
        connection = await connect(self._url)
        try:
            await connection.execute(f'listen {CHANNEL}')
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _listen(self, connection: Connection | None) -> None:
        is_new = True
        while True:
            try:
                async with connection or await self._listening() as listening:
                    connection = None
                    if not is_new:  # something may have been told meanwhile
                        await asyncio.gather(*(member.read_anew() for member in self.members))
                        await self._tell_beat()
                    async for notice in listening.notifies():
                        await self._hear(notice.payload)
            except (Error, ChatError) as error:
                log.info('The database is listened to again: %s', type(error).__name__)
            is_new = False
            await asyncio.sleep(self._beat)

    async def _hear(self, payload: str) -> None:
        """Tell those whom it concerns what has changed: a conversation, or what somebody keeps beside."""
        kind, _, rest = payload.partition(' ')
        match kind:
            case 'conversation':
                key, _, owner = rest.partition(' ')
                for member in self._members_of(owner):
                    await member.catalog.read_row(self.database, int(key))
            case 'draft':
                for member in self._members_of(rest):
                    await member.drafts.load()
            case _:
                pass  # no matter for what is listed
        for listener in self.on_notice:
            await listener(kind, rest)

    def _members_of(self, owner: str) -> Sequence[Member]:
        return [member for member in self.members if member.owner == owner]


def new_node_name(name: str = '') -> str:
    """Return a name that no other process has: this one or that of the computer, and something random.

    A process that is started again has another one: nobody may take it for the one that has died.
    """
    return f'{(name or socket.gethostname())[:60]}-{token_hex(4)}'


async def open_node(
    url: str,
    *,
    name: str = '',
    beat: float = BEAT_INTERVAL,
    lease: float = LEASE,
    write_patience: float = WRITE_PATIENCE,
) -> Node:
    """Connect to a database whose tables are those of this version.

    Raises:
        StartFailed: If there is no such database, or its tables are others.
    """
    database = await open_database(url, write_patience=write_patience)
    node = Node(url, database, name or new_node_name(), beat=beat, lease=lease)
    try:
        await node.start()
    except BaseException:
        await database.close()
        raise
    return node
