"""Poller: reads what other nodes do, with one query for all that is open here, of however many people."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from chat.errors import ChatError
from chat.store.postgres.database import Database
from chat.store.postgres.members import Listener

log = logging.getLogger(__name__)

UNHEARD_AFTER = timedelta(seconds=1)
"""After which nobody is on the way who has something open of the person whom a command is for."""

MAX_CONCURRENT_OPENINGS = 3
"""People for whom what they have is opened at a time, so that half of the connections are left for others."""


class Poller:
    """Reads what a notification tells of, and what none has told of."""

    def __init__(self, database: Database, node: str, *, lease: float, listeners: Sequence[Listener]) -> None:
        self.on_wanted: Callable[[str], Awaitable[None]] | None = None
        """Told of people of whom nothing is open here, for whom something is to be done."""
        self._database = database
        self._node = node
        self._lease = timedelta(seconds=lease)
        self._listeners = listeners
        self._reading = asyncio.Lock()
        self._has_new_frames = False
        self._opening: dict[str, asyncio.Task[None]] = {}
        """By whom it is for, what `on_wanted` does; however long that takes, all else is looked at."""
        self._slots = asyncio.Semaphore(MAX_CONCURRENT_OPENINGS)

    async def close(self) -> None:
        """End what `on_wanted` does."""
        tasks = [*self._opening.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def read_new_frames(self) -> None:
        """Read frames of which somebody has told, unless that is about to be done."""
        if not self._has_new_frames:
            self._has_new_frames = True
            await self.read_frames()

    async def read_frames(self) -> None:
        """Read what the answers have said that are followed here.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        async with self._reading:
            self._has_new_frames = False
            following = {each.run: each for listener in self._listeners for each in listener.following}
            if not following:
                return
            rows = await self._database.read(
                'select f.run, f.seq, f.keep, f.tail, '
                'extract(epoch from clock_timestamp() - f.said_at)::float8 '
                'from unnest(%s::bigint[], %s::bigint[]) as u (run, seq) '
                'join frame f on f.run = u.run and f.seq > u.seq order by f.run, f.seq',
                *(list(following), [each.seq for each in following.values()]),
            )
            frames: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
            ages: dict[int, float] = {}
            for run, seq, keep, tail, age in rows:
                frames[run].append((seq, keep, tail))
                ages[run] = age
            for run, new in frames.items():
                if following[run].seq:  # what was said before anybody looked may be of any age
                    self._database.metrics.ages.observe(ages[run])
                await following[run].add(new)

    async def compare(self) -> None:
        """Tell what is stored of all that is open.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        opened: list[tuple[Listener, str, str]] = [
            (each, each.owner, name) for each in self._listeners for name in each.opened
        ]
        if not opened:
            return
        rows = await self._database.read(
            'select u.place, c.name, c.revision, r.id, coalesce(r.is_shown, false) '
            'from unnest(%s::text[], %s::text[]) with ordinality as u (owner, name, place) '
            'join conversation c on c.owner = u.owner and c.name = u.name and c.deleted_at is null '
            'left join run r on r.conversation = c.key and r.node is distinct from %s',
            *([owner for _, owner, _ in opened], [name for _, _, name in opened], self._node),
        )
        for place, name, revision, run, is_shown in rows:
            listener = opened[int(place) - 1][0]
            listener.compare(name, revision, run, is_shown=is_shown)

    async def find_commands(self, *, opens: bool) -> None:
        """Have the commands done that nobody does; if it `opens`, for people who have nothing open, too.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        rows = await self._database.read(
            'select c.owner, c.key, bool_or(m.created_at < clock_timestamp() - %s) '
            'from command m join conversation c on c.key = m.conversation '
            'where (m.node is null or m.node = %s or not exists '
            '(select from node n where n.id = m.node and n.seen_at > clock_timestamp() - %s)) '
            'and not exists (select from run r where r.conversation = m.conversation '
            'and r.node is distinct from %s) group by c.owner, c.key',
            *(UNHEARD_AFTER, self._node, self._lease, self._node),
        )
        listeners = {listener.owner: listener for listener in self._listeners}
        for owner, key, _ in rows:
            if listener := listeners.get(owner):
                listener.take_soon(key)
        if opens and self.on_wanted:
            for owner in {owner for owner, _, is_old in rows if is_old} - listeners.keys():
                if owner not in self._opening:
                    self._opening[owner] = asyncio.create_task(self._want(owner, self.on_wanted))

    async def _want(self, owner: str, on_wanted: Callable[[str], Awaitable[None]]) -> None:
        """Tell of a person for whom something is to be done; if that fails, they are told of again."""
        try:
            async with self._slots:
                await on_wanted(owner)
        except ChatError as error:
            log.warning('What is to be done for somebody has to wait: %s', error)
        except Exception:  # the border of a task
            log.exception('What is to be done for somebody could not be done')
        finally:
            del self._opening[owner]
