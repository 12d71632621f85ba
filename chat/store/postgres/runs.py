"""Which conversations of one person this node answers in: the rows of `run` that it has."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic_ai.conversation_store import ConversationConflict

from chat.errors import StorageUnavailable
from chat.store.conversation_locks import ConversationLocks
from chat.store.postgres.catalog import PostgresCatalog
from chat.store.postgres.database import Connection, Database
from chat.store.postgres.frames import FrameWriter
from chat.store.postgres.rows import key_of

T = TypeVar('T')


@dataclass(slots=True)
class _Held:
    """A run of this node."""

    run: int | None = None
    """Its number; `None` until the first commit of a conversation that is new."""
    attempt: int = 0
    is_claimed: bool = True
    is_ending: bool = False
    """Whether the next commit ends it."""
    has_old_frames: bool = False
    """Whether an earlier answer has said something under its number: its first commit gives it another."""
    is_lost: bool = False
    """Whether another node has taken it over."""
    committed: int | None = None
    """The number that it has after a commit that is under way."""


class Runs:
    """The runs of this node. One that was claimed lasts until `end` and the commit after it.

    What is said without a claim, by whoever needs none, ends with the next commit.
    """

    def __init__(
        self, database: Database, owner: str, *, node: str, frames: FrameWriter, catalog: PostgresCatalog
    ) -> None:
        self.on_lost: Callable[[str], None] = lambda _: None
        """Told of a conversation in which another node has taken over what was answered here."""
        self.details_of: Callable[[str], str] = lambda _: ''
        """Asked what pages show of a run in a conversation besides messages, as one line."""
        self._database = database
        self._owner = owner
        self._node = node
        self._frames = frames
        self._catalog = catalog
        self._held: dict[str, _Held] = {}
        """By the id of the conversation."""
        self._committing = set[str]()
        self._locks = ConversationLocks()
        """Held while a run of a conversation is claimed or abandoned."""

    @property
    def are_any(self) -> bool:
        """Whether there is one whose end is not stored."""
        return bool(self._held)

    def number_of(self, conversation_id: str) -> int | None:
        """Return the number of the run of this node in a conversation, if there is one."""
        held = self._held.get(conversation_id)
        return held.run if held else None

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all runs that have to be there now: none that begins or ends in this moment."""
        return frozenset(
            held.run
            for conversation_id, held in self._held.items()
            if held.run and conversation_id not in self._committing and not (held.is_ending or held.is_lost)
        )

    def lose(self, numbers: Collection[int]) -> None:
        """Be told that these runs were taken over, as far as they are still there."""
        lost = self.numbers & {*numbers}
        for conversation_id, held in list(self._held.items()):
            if held.run in lost:
                self._lose(conversation_id, held)

    async def unless_lost(self, conversation_id: str, change: Awaitable[T]) -> T:
        """Change a conversation; if another node has done so, it has taken over what is answered here.

        Raises:
            ConversationConflict: In that case, which the sign of life may not have shown yet.
        """
        try:
            return await change
        except ConversationConflict:
            held = self._held.get(conversation_id)
            if held and held.is_claimed and not held.is_lost:
                self._lose(conversation_id, held)
            raise

    def _lose(self, conversation_id: str, held: _Held) -> None:
        held.is_lost = True
        self.on_lost(conversation_id)

    async def claim(self, conversation_id: str, revision: str | None, *, attempt: int = 0) -> bool:
        """Return whether this node may answer in a conversation of which it knows this revision.

        One that is not stored yet (`None`) is claimed with its first commit.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        async with self._locks.lock_of(conversation_id):
            held = _Held(attempt=attempt)
            if revision is not None:
                try:
                    rows = await self._claimed(conversation_id, revision, attempt)
                except StorageUnavailable:
                    self._held[conversation_id] = _Held(is_ending=True)  # it may stand there all the same
                    raise
                if not rows:
                    return False
                [(held.run, held.has_old_frames)] = rows
            self._held[conversation_id] = held
            return True

    async def _claimed(self, conversation_id: str, revision: str, attempt: int) -> list[Any]:
        return await self._database.written(
            'insert into run (conversation, node, is_shown, attempt) select key, %s, false, %s '
            'from conversation where owner = %s and name = %s and deleted_at is null and revision = %s '
            'on conflict (conversation) do update set is_shown = false, attempt = excluded.attempt '
            'where run.node = excluded.node '
            'returning id, exists (select from frame where frame.run = run.id)',
            *(self._node, attempt, self._owner, key_of(conversation_id), key_of(revision)),
        )

    async def show(self, conversation_id: str) -> None:
        """Let the other nodes see the run: its prompt is stored."""
        if held := self._held.get(conversation_id):
            await self._database.execute(
                'update run set is_shown = true where id = %s and node = %s', held.run, self._node
            )

    async def write(self, conversation_id: str, text: str, details: str = '') -> None:
        """Store what a run has said so far, and what pages show besides, as one line."""
        held = self._held.get(conversation_id) or await self._begin_unclaimed(conversation_id)
        if held and held.run and not held.is_lost:
            await self._frames.write(held.run, f'{text}\n{details}' if details else text)

    async def _begin_unclaimed(self, conversation_id: str) -> _Held | None:
        if (key := self._catalog.key_of(conversation_id)) is None:
            return None
        rows = await self._database.written(
            'insert into run (conversation, node) values (%s, %s) on conflict do nothing returning id',
            *(key, self._node),
        )
        if not rows:
            return None
        held = self._held[conversation_id] = _Held(run=rows[0][0], is_claimed=False)
        return held

    def end(self, conversation_id: str) -> None:
        """Have the next commit end the run."""
        if held := self._held.get(conversation_id):
            held.is_ending = True

    async def abandon(self, conversation_id: str) -> None:
        """Have no run in a conversation any more: nothing is answered in it here.

        Raises:
            StorageUnavailable: If the database is away for too long; then this is to be done again.
        """
        async with self._locks.lock_of(conversation_id):
            if (held := self._held.get(conversation_id)) is None:
                return
            held.is_ending = True  # so a commit ends it, too
            if held.run:
                await self._frames.forget(held.run)
            await self._database.execute(
                'delete from run r using conversation c where r.conversation = c.key '
                'and c.owner = %s and c.name = %s and r.node = %s',
                *(self._owner, key_of(conversation_id), self._node),
            )
            self._forget(conversation_id, held)

    async def give_up(self, conversation_id: str) -> None:
        """Leave a run to the other nodes, with all that it has said."""
        if (held := self._held.pop(conversation_id, None)) and held.run:
            await self._frames.forget(held.run)
            await self._database.execute(
                'update run set node = null where id = %s and node = %s', held.run, self._node
            )

    @asynccontextmanager
    async def committing(self, conversation_id: str) -> AsyncGenerator[None]:
        """Have no checkpoint come late, and know afterwards what `in_commit` has changed."""
        self._committing.add(conversation_id)
        try:
            if (
                (held := self._held.get(conversation_id))
                and held.run
                and (_ends(held) or held.has_old_frames)
            ):
                await self._frames.forget(held.run)
            yield
            if held and _ends(held):
                self._forget(conversation_id, held)
            elif held:
                held.run, held.has_old_frames = held.committed or held.run, False
        finally:
            self._committing.discard(conversation_id)

    def _forget(self, conversation_id: str, held: _Held) -> None:
        """Forget a run, unless another one has begun meanwhile."""
        if self._held.get(conversation_id) is held:
            del self._held[conversation_id]

    async def in_commit(self, connection: Connection, key: int, conversation_id: str) -> None:
        """End the run with what it has said, in the same transaction, unless it goes on.

        Raises:
            ConversationConflict: If another node has begun to answer, or has taken this over.
        """
        held = self._held.get(conversation_id)
        if held is None or _ends(held):
            await connection.execute(
                'delete from run where conversation = %s and node = %s', [key, self._node]
            )
        elif held.run is None or held.has_old_frames:
            held.committed = await self._begin(connection, key, held.attempt)
        else:
            cursor = await connection.execute(
                'select from run where id = %s and node = %s for update', [held.run, self._node]
            )
            if not cursor.rowcount:
                raise ConversationConflict(conversation_id)

    async def _begin(self, connection: Connection, key: int, attempt: int) -> int:
        """Begin a run with a number of its own, so that nothing from before is taken for what it says."""
        await connection.execute('delete from run where conversation = %s and node = %s', [key, self._node])
        cursor = await connection.execute(
            'insert into run (conversation, node, is_shown, attempt) values (%s, %s, false, %s) '
            'on conflict do nothing returning id',
            [key, self._node, attempt],
        )
        if (row := await cursor.fetchone()) is None:
            raise ConversationConflict(str(key))
        return row[0]


def _ends(held: _Held) -> bool:
    """Return whether the next commit is the end of a run."""
    return held.is_ending or not held.is_claimed


def without_details(text: str) -> tuple[str, str]:
    """Return the messages and the details in what frames say: two lines, since JSON here has no breaks."""
    said, _, details = text.partition('\n')
    return said, details
