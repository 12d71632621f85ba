"""Cluster: what this node tells the others of one person's conversations, and hears of them."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any
from weakref import WeakValueDictionary

from chat.cluster.command_handler import handle_command
from chat.cluster.commands import Commands
from chat.cluster.coordinator import StoredState
from chat.cluster.remote_answer import RemoteAnswer
from chat.cluster.shared_conversation import SharedConversation
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.errors import ChatError, ConversationNotFound, StorageUnavailable
from chat.store.postgres.node import Node
from chat.store.postgres.rows import key_of
from chat.store.postgres.storage import PostgresStorage
from chat.store.tinydb_storage.tables import Json, parsed

logger = logging.getLogger(__name__)


class Cluster:
    """One person's conversations at this node; it is the `Coordinator` of all that are open.

    Whatever it is told is a hint: it reads the rows. What it may have missed it reads with each beat.
    """

    def __init__(self, node: Node, storage: PostgresStorage) -> None:
        self._node = node
        self._storage = storage
        self._runs = storage.conversations.runs
        self._commands = Commands(node, storage.owner)
        self._registry: ConversationRegistry | None = None
        self._named: WeakValueDictionary[str, SharedConversation] = WeakValueDictionary()
        self._to_sync = set[SharedConversation]()
        """Conversations that are about to be read: what was told before is seen then."""
        self._is_to_count = False
        self._counting = asyncio.Lock()
        self._taking: dict[int, bool] = {}
        """By the keys of conversations whose commands are done now, whether there may be more."""
        self._ended: dict[SharedConversation, asyncio.Task[None] | None] = {}
        """Conversations in which an answer has ended that may not be stored, with what sees to that now."""
        self._first_syncs: dict[LiveConversation, asyncio.Task[None]] = {}
        """While one is under way, its conversation may show less than what is said at another node."""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_leaving(self) -> bool:
        return self._node.is_leaving

    @property
    def owner(self) -> str:
        return self._storage.owner

    @property
    def opened(self) -> Sequence[str]:
        """The names of the conversations that are open here, as `key_of` makes them."""
        self._named = WeakValueDictionary({key_of(live.id): live for live in self._opened()})
        return list(self._named)

    @property
    def following(self) -> Sequence[RemoteAnswer]:
        """The answers of other nodes that are followed here."""
        return [live.remote for live in self._opened() if live.remote]

    def make_live(self, log: ConversationLog, **parts: Any) -> SharedConversation:
        """Return a conversation that follows what other nodes do."""
        live = SharedConversation(log, coordinator=self, **parts)
        self._to_sync.add(live)
        self._first_syncs[live] = syncing = self.start(self.sync(live))  # another node may be answering
        syncing.add_done_callback(lambda _: self._first_syncs.pop(live))
        return live

    async def _until_followed(self, live: LiveConversation) -> None:
        if syncing := self._first_syncs.get(live):
            await asyncio.wait({syncing})

    def open(self, registry: ConversationRegistry) -> None:
        """Follow the conversations that are opened here from now on."""
        self._registry = registry
        registry.until_followed = self._until_followed
        self._runs.on_lost = self._lose
        self._runs.details_of = self._details_of
        self._node.listeners.append(self)
        self._count_soon()

    async def close(self) -> None:
        """Hear nothing any more, and wait until what was begun is done."""
        if self._registry:
            self._registry = None
            self._node.listeners.remove(self)
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def drain(self, seconds: float) -> None:
        """Return when nothing is answered here; what takes longer is left to the others, if there are any."""
        if (registry := self._registry) is None:
            return
        try:
            async with asyncio.timeout(seconds):
                while registry.answering:
                    await registry.activity.wait()
        except TimeoutError:
            if await self._node.has_others():
                lives = [live for live in registry.answering if isinstance(live, SharedConversation)]
                await asyncio.gather(*(live.give_up() for live in lives if not live.place.is_temporary))

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            if isinstance(error, ChatError):  # the next beat looks again
                logger.warning('Another node was not heard: %s', error)
            else:
                logger.error('What another node does was not followed', exc_info=error)

    async def claim(self, log: ConversationLog, *, attempt: int) -> bool:
        return not self.is_leaving and await self._runs.claim(
            log.id, log.conversation.revision, attempt=attempt
        )

    async def show(self, log: ConversationLog) -> None:
        await self._runs.show(log.id)

    def end(self, live: SharedConversation) -> None:
        self._runs.end(live.id)
        self._ended.setdefault(live)

    async def give_up(self, live: SharedConversation) -> None:
        self._ended.pop(live, None)  # whoever takes it over stores what it has said
        await self._runs.give_up(live.id)

    def number_of(self, live: SharedConversation) -> int | None:
        return self._runs.number_of(live.id)

    async def command(self, conversation_id: str, command: Json) -> None:
        await self._commands.put(conversation_id, command)

    async def read(self, live: SharedConversation) -> ConversationLog | None:
        known = live.stored_metadata
        try:
            stored = (await self._registry.stored(live.id))[0] if self._registry else None
        except ConversationNotFound:  # it was deleted elsewhere
            return None
        return stored if known is live.stored_metadata else await self.read(live)

    async def abandon(self, live: SharedConversation) -> None:
        self._ended.setdefault(live)  # as long as the others may believe it
        await self._runs.abandon(live.id)
        self._ended.pop(live, None)

    async def sync(self, live: SharedConversation, *, discard_unsaved: bool = False) -> None:
        async with live.sync_lock:
            self._to_sync.discard(live)
            if state := await self._state_of(live):
                await live.follow(state, discard_unsaved=discard_unsaved)

    async def _state_of(self, live: SharedConversation) -> StoredState | None:
        """Return what stands in the rows, with all that this node has stored while they were read."""
        known = live.stored_metadata
        rows = await self._node.database.read(
            'select c.record, r.id, r.is_shown from conversation c left join run r '
            'on r.conversation = c.key and r.node is distinct from %s '
            'where c.owner = %s and c.name = %s and c.deleted_at is null',
            *(self._node.name, self._storage.owner, key_of(live.id)),
        )
        metadata = await self._storage.conversations.read_metadata(live.id)
        if known is not live.stored_metadata:
            return await self._state_of(live)
        for record, run, is_shown in rows:
            revision = parsed(record)['revision']
            return StoredState(revision=revision, metadata=metadata, run=run, is_shown=bool(is_shown))
        return None

    def _sync_soon(self, live: SharedConversation) -> None:
        if live not in self._to_sync:
            self._to_sync.add(live)
            self.start(self.sync(live))

    async def read_frames(self) -> None:
        await self._node.poller.read_frames()

    async def on_notification(self, kind: str, rest: str) -> None:
        key = rest.partition(' ')[0]
        if not key.isdigit() or self._storage.catalog.id_of(int(key)) is None:
            return
        if kind == 'command':
            self.take_soon(int(key))
        elif kind in ('conversation', 'run') and (live := self._live_at(int(key))):
            self._sync_soon(live)
        if kind == 'run':
            self._count_soon()

    def compare(self, name: str, revision: str, run: int | None, *, is_shown: bool) -> None:
        live = self._named.get(name)
        if live and not live.is_changing:
            known, *seen = live.seen
            if [known and key_of(known), *seen] != [revision, run, is_shown]:
                self._sync_soon(live)

    def beat(self) -> None:
        for live, finishing in list(self._ended.items()):
            if not live.is_changing and (finishing is None or finishing.done()):
                self._ended[live] = self.start(self._finish(live))

    async def _finish(self, live: SharedConversation) -> None:
        """Store what an answer has left, if it could not be, and tell that it has ended."""
        await live.save_unsaved()
        if not live.is_changing:
            await self.abandon(live)

    def resync(self) -> None:
        for live in self._opened():
            self._sync_soon(live)
        self._count_soon()

    def _count_soon(self) -> None:
        if not self._is_to_count:
            self._is_to_count = True
            self.start(self._count_running())

    async def _count_running(self) -> None:
        """Know where other nodes answer, also in conversations that are not open here."""
        async with self._counting:
            self._is_to_count = False
            rows = await self._node.database.read(
                'select r.conversation from run r join conversation c on c.key = r.conversation '
                'where c.owner = %s and c.deleted_at is null and r.is_shown and r.node is distinct from %s',
                *(self._storage.owner, self._node.name),
            )
        if self._registry:
            ids = (self._storage.catalog.id_of(key) for (key,) in rows)
            self._registry.note_elsewhere(frozenset(each for each in ids if each))

    def take_soon(self, key: int) -> None:
        if self._registry is None or self._registry.is_closed:
            return
        is_taking = key in self._taking
        self._taking[key] = True
        if not is_taking:
            self.start(self._take_commands(key))

    async def _take_commands(self, key: int) -> None:
        """Do what was left for whoever answers in a conversation, unless that is another node."""
        try:
            while self._taking[key]:
                self._taking[key] = False
                await self._commands.take(key, self._handle)
        finally:
            del self._taking[key]

    async def _handle(self, key: int, command: Json) -> None:
        catalog = self._storage.catalog
        if catalog.id_of(key) is None:  # another node has made it, and this is heard before that
            await catalog.read_row(self._node.database, key)
        registry = self._open_registry()
        if conversation_id := catalog.id_of(key):
            live = await registry.open(conversation_id)
            if isinstance(live, SharedConversation):
                await self.sync(live)
                self._open_registry()
                await handle_command(live, command)

    def _open_registry(self) -> ConversationRegistry:
        """Return the conversations that are open here.

        Raises:
            StorageUnavailable: If they are being closed: the command stays, for whoever opens them next.
        """
        if self._registry is None or self._registry.is_closed:
            raise StorageUnavailable('What somebody had open at this node is being closed.')
        return self._registry

    def _lose(self, conversation_id: str) -> None:
        if live := self._live(conversation_id):
            logger.warning('Another node has taken over an answer of this one')
            live.lose_run()

    def _details_of(self, conversation_id: str) -> str:
        return live.details if (live := self._live(conversation_id)) else ''

    def _opened(self) -> list[SharedConversation]:
        opened = self._registry.opened if self._registry else []
        return [live for live in opened if isinstance(live, SharedConversation)]

    def _live_at(self, key: int) -> SharedConversation | None:
        return self._live(self._storage.catalog.id_of(key) or '')

    def _live(self, conversation_id: str) -> SharedConversation | None:
        live = self._registry.get(conversation_id) if self._registry else None
        return live if isinstance(live, SharedConversation) else None
