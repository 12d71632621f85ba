"""A node: one process of Parlour at a database that others use too."""

import asyncio
import logging
import socket
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from functools import partial
from secrets import token_hex
from typing import Any

from chat.errors import ChatError, StartFailed, StorageUnavailable
from chat.store.postgres.adoption import ONLY_GIVEN_UP, adopt_all
from chat.store.postgres.database import DEFAULT_RETRY_TIMES, Connection, Database, RetryTimes, open_database
from chat.store.postgres.frames import FrameWriter
from chat.store.postgres.heartbeat import Heartbeat
from chat.store.postgres.members import Listener, Member, notify_members
from chat.store.postgres.own_connection import OwnConnection
from chat.store.postgres.poller import Poller
from chat.store.postgres.reloader import Reloader

log = logging.getLogger(__name__)

BEAT_INTERVAL = 1.0
"""Seconds from one sign of life of a node to the next."""

LEASE = 5.0
"""Seconds of silence after which a node counts as dead, and the others take over its answers."""

FORGET_AFTER = timedelta(hours=1)
"""Of silence, after which nobody has to know that there was a node."""

MIN_TIMEOUT = 5.0
"""Seconds after which a connection counts as lost, at least; the lease if that is longer."""


class Node:
    """The connections of this process, its sign of life, and what it hears of the others.

    What it hears is a hint: whoever is told looks at what is stored, and all is looked at again after a
    connection was lost.
    """

    def __init__(
        self, url: str, database: Database, name: str, *, beat: float, lease: float, continues: bool = False
    ) -> None:
        self.database = database
        self.name = name
        self.lease = lease
        self.members: list[Member] = []
        self.listeners: list[Listener] = []
        self._beat = beat
        self._continues = continues
        self._timeout = timeout = max(lease, MIN_TIMEOUT)
        own = partial(OwnConnection, url, timeout=timeout, metrics=database.metrics)
        frames = own(settings='set synchronous_commit = off')
        self.frames = FrameWriter(frames, name, retry_time=database.retry_times.write)
        self._heart = Heartbeat(
            own(),
            name,
            lease=lease,
            answers=lambda: [each.answers for each in self.members],
        )
        self._hearing = own(settings='listen parlour')
        self._may_have_missed = False
        self._left = asyncio.Event()
        """Set when it is to be looked whether another node has left anything."""
        self._is_closing = False  # `wait_for` of Python 3.11, which psycopg_pool uses, may lose a cancel
        self._tasks: list[asyncio.Task[None]] = []
        self.poller = Poller(database, name, lease=lease, listeners=self.listeners)
        self._reloader = Reloader(self.members, self.listeners)
        self._reading: set[asyncio.Task[None]] = set()

    @property
    def is_leaving(self) -> bool:
        """Whether this node is about to end, or a guest, so that nothing may begin here."""
        return self._heart.is_leaving

    async def start(self, *, is_guest: bool = False) -> None:
        """Say that this node is here, and begin to listen."""
        self._heart.is_leaving = is_guest
        await self._heart.beat()
        await self._hearing.run(_connect)
        work = (self._keep_beating(), self._keep_polling(), self._keep_adopting(), self._keep_listening())
        self._tasks = [*map(asyncio.create_task, work)]

    async def drain(self, seconds: float) -> None:
        """Let nothing begin here, and what is answered end; after so many seconds the others go on with it.

        If there is no other node, it is ended here.
        """
        self._heart.is_leaving = True
        try:
            await self._heart.beat()
            await asyncio.gather(*(listener.drain(seconds) for listener in self.listeners))
            await self.announce_leaving()
        except ChatError as error:  # then it is silent, and found so
            log.warning('This node could not leave in order: %s', error)

    async def announce_leaving(self) -> None:
        """Have the other nodes look at once whether anything is left.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        await self.database.execute("select pg_notify('parlour', 'left')")

    async def has_others(self) -> bool:
        """Return whether another node is there that does not end.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        rows = await self.database.read(
            'select from node where id <> %s and not is_leaving and seen_at > clock_timestamp() - %s limit 1',
            *(self.name, timedelta(seconds=self.lease)),
        )
        return bool(rows)

    async def close(self) -> None:
        """Give up what is answered here, so that the others take it over at once; twice does no harm."""
        if not self._tasks:
            return
        tasks, self._tasks = self._tasks, []
        self._is_closing = True
        self._left.set()
        for task in tasks:
            task.cancel()
        await asyncio.wait([*tasks, *self._reading])
        await asyncio.gather(self.poller.close(), self._reloader.close())
        await self.frames.close()
        try:
            await self._heart.leave()
        except ChatError as error:  # then it is silent, and found so
            log.warning('This node could not say that it leaves: %s', error)
        await self.disconnect()

    async def disconnect(self) -> None:
        """Close all connections."""
        await self._hearing.close()
        await self._heart.close()
        await self.database.close()

    async def _keep_beating(self) -> None:
        is_late = False
        while not self._is_closing:
            await asyncio.sleep(self._beat)
            try:
                if await self._heart.beat():
                    self.frames.say_again()
                    self._may_have_missed = True
                is_late = False
            except ChatError as error:
                if not is_late:  # once for each time that the database is away
                    log.warning('The sign of life of this node is late: %s', error)
                is_late = True
            except Exception:  # the border of a task: without it the others would take this node for dead
                log.exception('What others have taken over could not be ended here')
            self._left.set()

    async def _keep_polling(self) -> None:
        while not self._is_closing:
            await asyncio.sleep(self._beat)
            has_missed, self._may_have_missed = self._may_have_missed, False
            await self._quietly(self._poll(has_missed=has_missed))

    async def _poll(self, *, has_missed: bool) -> None:
        if has_missed:
            self._reloader.mark()
        self._reloader.begin()
        for listener in self.listeners:
            listener.beat()
        await self.poller.compare()
        await self.poller.read_frames()
        await self.poller.find_commands(opens=not self.is_leaving)

    async def _keep_adopting(self) -> None:
        while not self._is_closing:
            await self._left.wait()
            self._left.clear()
            if not (self.is_leaving or self._is_closing):
                await self._quietly(self._adopt())

    async def _adopt(self) -> None:
        is_sure = self._heart.is_sure
        lease = timedelta(seconds=self.lease) if is_sure() else ONLY_GIVEN_UP
        await adopt_all(
            self.database,
            lease,
            node=self.name,
            first={(each.owner, name) for each in self.listeners for name in each.opened},
            continues=self._continues,
            is_sure=is_sure if is_sure() else lambda: True,
        )
        await self.database.execute(
            'delete from node n where seen_at < clock_timestamp() - %s '
            'and not exists (select from run r where r.node = n.id)',
            FORGET_AFTER,
        )

    async def _keep_listening(self) -> None:
        while not self._is_closing:
            try:
                payloads, is_new = await self._hearing.run(self._listen)
                self._may_have_missed |= is_new
                for payload in payloads:
                    await self._quietly(self._on_notification(payload))
            except Exception as error:  # the border of a task: the next attempt may do better
                if isinstance(error, ChatError):
                    log.info('The database is listened to again: %s', type(error.__cause__).__name__)
                else:
                    log.exception('The database could not be listened to')
                self._may_have_missed = True
                await asyncio.sleep(self._beat)

    async def _listen(self, connection: Connection, is_new: bool) -> tuple[Sequence[str], bool]:
        """Return what is told next; if nothing is for a while, try whether the connection is there."""
        notices = connection.notifies(timeout=self._timeout / 2, stop_after=1)
        payloads = [notice.payload async for notice in notices]
        if not payloads:
            await connection.execute('select')
        return payloads, is_new

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that is done again soon."""
        try:
            await work
        except ChatError as error:
            self._may_have_missed = True
            log.warning('The other nodes could not be looked at: %s', error)
        except Exception:  # the border of a task: the next beat may do better
            log.exception('What another node has left could not be taken over')

    async def _on_notification(self, payload: str) -> None:
        """Tell those whom it concerns what has changed: a conversation, or what somebody keeps beside."""
        kind, _, rest = payload.partition(' ')
        match kind:
            case 'left':
                self._left.set()
            case 'frame':
                self._begin(self.poller.read_new_frames())
                return
            case _:
                await notify_members(self.members, self.database, kind, rest, begin=self._begin)
        for listener in self.listeners:
            await listener.on_notification(kind, rest)


async def _connect(_: Connection, __: bool) -> None:
    """Do nothing but have a connection."""


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
    retry_times: RetryTimes = DEFAULT_RETRY_TIMES,
    continues: bool = False,
    is_guest: bool = False,
) -> Node:
    """Connect to a database whose tables are those of this version.

    Args:
        url: Its address.
        name: Its name, as `new_node_name` makes them.
        beat: Seconds from one sign of life to the next.
        lease: Seconds of silence after which another node counts as dead.
        retry_times: Seconds for which statements are tried again.
        continues: Whether an answer of a dead node is gone on with, unless it was before.
        is_guest: Whether it only puts something in or takes it out, so that no other leaves anything to it.

    Raises:
        StartFailed: If there is no such database, its tables are others, or nothing can be stored in them.
    """
    database = await open_database(url, retry_times=retry_times)
    node = Node(url, database, name or new_node_name(), beat=beat, lease=lease, continues=continues)
    try:
        await node.start(is_guest=is_guest)
    except BaseException as error:
        await node.disconnect()
        if isinstance(error, StorageUnavailable):
            raise StartFailed(str(error)) from error
        raise
    return node
