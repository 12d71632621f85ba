"""Cluster: what this node tells the others of one person's conversations, and hears of them."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from chat.cluster.shared_conversation import SharedConversation, StoredState
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.conversation_registry import ConversationRegistry
from chat.errors import ChatError, ConversationNotFound
from chat.store.postgres.database import Connection
from chat.store.postgres.node import Node
from chat.store.postgres.rows import key_of
from chat.store.postgres.storage import PostgresStorage
from chat.store.tinydb_storage.tables import Json, encode_json, parsed

logger = logging.getLogger(__name__)


class Cluster:
    """One person's conversations at this node; it is the `Exchange` of all that are open.

    Whatever it is told is a hint: it looks at the rows. What it may have missed it looks at with each beat.
    """

    def __init__(self, node: Node, storage: PostgresStorage) -> None:
        self._node = node
        self._storage = storage
        self._runs = storage.conversations.runs
        self._registry: ConversationRegistry | None = None
        self._reading_frames = asyncio.Lock()
        self._has_new_frames = False
        self._ended: set[SharedConversation] = set()
        """Conversations in which an answer has ended that may not be stored yet."""
        self._tasks: set[asyncio.Task[None]] = set()

    def make_live(self, log: ConversationLog, **parts: Any) -> SharedConversation:
        """Return a conversation that follows what other nodes do."""
        live = SharedConversation(log, exchange=self, **parts)
        self.start(self.look(live))  # another node may be answering
        return live

    def open(self, registry: ConversationRegistry) -> None:
        """Follow the conversations that are opened here from now on."""
        self._registry = registry
        self._node.on_notice.append(self._hear)
        self._node.on_beat.append(self._beat)

    async def close(self) -> None:
        """Hear nothing any more, and wait until what was begun is done."""
        if self._registry:
            self._registry = None
            self._node.on_notice.remove(self._hear)
            self._node.on_beat.remove(self._beat)
        while self._tasks:
            await asyncio.wait(self._tasks)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            if isinstance(error, ChatError):  # the next beat looks again
                logger.warning('Another node was not heard: %s', error)
            else:
                logger.error('What another node does was not followed', exc_info=error)

    async def claim(self, log: ConversationLog) -> bool:
        return await self._runs.claim(log.id, log.conversation.revision)

    async def show(self, log: ConversationLog) -> None:
        await self._runs.show(log.id)

    def end(self, live: SharedConversation) -> None:
        self._runs.end(live.id)
        self._ended.add(live)

    async def command(self, conversation_id: str, command: Json) -> None:
        stored = await self._node.database.execute(
            'insert into command (conversation, document) select key, %s from conversation '
            'where owner = %s and name = %s and deleted_at is null',
            *(encode_json(command), self._storage.owner, key_of(conversation_id)),
        )
        if not stored:
            raise ConversationNotFound

    async def read(self, live: SharedConversation) -> ConversationLog | None:
        if self._registry is None:
            return None
        try:
            stored, _ = await self._registry.stored(live.id)
        except ConversationNotFound:  # it was deleted elsewhere
            return None
        return stored

    async def abandon(self, live: SharedConversation) -> None:
        self._ended.discard(live)
        await self._runs.abandon(live.id)

    async def look(self, live: SharedConversation, *, is_anew: bool = False) -> None:
        async with live.looking:
            rows = await self._node.database.read(
                'select c.record, r.id, r.is_shown from conversation c left join run r '
                'on r.conversation = c.key and r.node is distinct from %s '
                'where c.owner = %s and c.name = %s and c.deleted_at is null',
                *(self._node.name, self._storage.owner, key_of(live.id)),
            )
            for record, run, is_shown in rows:
                metadata = await self._storage.conversations.read_metadata(live.id)
                revision = parsed(record)['revision']
                state = StoredState(revision=revision, metadata=metadata, run=run, is_shown=bool(is_shown))
                await live.follow(state, is_anew=is_anew)

    async def read_frames(self) -> None:
        async with self._reading_frames:
            self._has_new_frames = False
            following = {live.remote.run: live for live in self._opened() if live.remote}
            if not following:
                return
            seen = [live.remote.seq if live.remote else 0 for live in following.values()]
            rows = await self._node.database.read(
                'select f.run, f.seq, f.keep, f.tail, '
                'extract(epoch from clock_timestamp() - f.said_at)::float8 '
                'from unnest(%s::bigint[], %s::bigint[]) as u (run, seq) '
                'join frame f on f.run = u.run and f.seq > u.seq order by f.run, f.seq',
                *(list(following), seen),
            )
            frames: dict[int, list[tuple[int, int, str]]] = {}
            ages: dict[int, float] = {}
            for run, seq, keep, tail, age in rows:
                frames.setdefault(run, []).append((seq, keep, tail))
                ages[run] = age
            for run, new in frames.items():
                if (remote := following[run].remote) and remote.run == run:
                    if remote.seq:  # what was said before anybody looked may be of any age
                        self._node.database.metrics.ages.observe(ages[run])
                    remote.add(new)
                    following[run].changed.notify_soon()

    async def _hear(self, kind: str, rest: str) -> None:
        if kind == 'frame':
            if not self._has_new_frames:  # else they are read already with those that came before
                self._has_new_frames = True
                self.start(self.read_frames())
            return
        key = rest.partition(' ')[0]
        if kind == 'command' and self._storage.catalog.id_of(int(key)) is not None:
            self.start(self._take_commands(int(key)))
        elif kind in ('conversation', 'run') and (live := self._live_at(int(key))):
            self.start(self.look(live))

    async def _beat(self) -> None:
        for live in self._opened():
            if live.remote:
                self.start(self.look(live))
        for live in list(self._ended):
            if not self._runs.has(live.id):
                self._ended.discard(live)
            elif not live.is_answering:
                self.start(live.save_unsaved())
        waiting = await self._node.database.read(
            'select distinct m.conversation from command m join conversation c on c.key = m.conversation '
            'where c.owner = %s',
            self._storage.owner,
        )
        for (key,) in waiting:
            self.start(self._take_commands(key))

    async def _take_commands(self, key: int) -> None:
        """Do what was left for whoever answers in a conversation, unless that is another node."""

        async def work(connection: Connection, _: bool) -> list[str]:
            cursor = await connection.execute(
                'delete from command where id in (select m.id from command m where m.conversation = %s '
                'and not exists (select from run r where r.conversation = m.conversation and r.node <> %s) '
                'order by m.id for update skip locked) returning id, document',
                [key, self._node.name],
            )
            return [document for _, document in sorted(await cursor.fetchall())]

        commands = await self._node.database.write(work)
        conversation_id = self._storage.catalog.id_of(key)
        if not commands or conversation_id is None or self._registry is None:
            return
        live = await self._registry.open(conversation_id)
        if isinstance(live, SharedConversation):
            await self.look(live)
            for command in commands:
                await live.obey(parsed(command))

    def _opened(self) -> list[SharedConversation]:
        opened = self._registry.opened if self._registry else []
        return [live for live in opened if isinstance(live, SharedConversation)]

    def _live_at(self, key: int) -> SharedConversation | None:
        conversation_id = self._storage.catalog.id_of(key)
        return next((live for live in self._opened() if live.id == conversation_id), None)
