"""Which conversations of one person this node answers in: the rows of `run` that it has."""

from pydantic_ai.conversation_store import ConversationConflict

from chat.store.postgres.catalog import PostgresCatalog
from chat.store.postgres.database import Connection, Database
from chat.store.postgres.frames import FrameWriter
from chat.store.postgres.rows import key_of


class Runs:
    """The runs of this node. One that was claimed lasts until `end` and the commit after it.

    What is said without a claim, by whoever needs none, ends with the next commit.
    """

    def __init__(
        self, database: Database, owner: str, *, node: str, frames: FrameWriter, catalog: PostgresCatalog
    ) -> None:
        self._database = database
        self._owner = owner
        self._node = node
        self._frames = frames
        self._catalog = catalog
        self._claimed = set[str]()
        self._ending = set[str]()

    @property
    def are_any(self) -> bool:
        """Whether there is one whose end is not stored."""
        return bool(self._claimed)

    def has(self, conversation_id: str) -> bool:
        """Return whether this node has claimed to answer in a conversation."""
        return conversation_id in self._claimed

    async def claim(self, conversation_id: str, revision: str | None) -> bool:
        """Return whether this node may answer in a conversation of which it knows this revision.

        One that is not stored yet (`None`) is claimed with its first commit.

        Raises:
            StorageUnavailable: If the database is away for too long.
        """
        if revision is not None:
            claimed = await self._database.execute(
                'insert into run (conversation, node, is_shown) select key, %s, false from conversation '
                'where owner = %s and name = %s and deleted_at is null and revision = %s '
                'on conflict (conversation) do update set is_shown = false where run.node = excluded.node',
                *(self._node, self._owner, key_of(conversation_id), key_of(revision)),
            )
            if not claimed:
                return False
        self._claimed.add(conversation_id)
        self._ending.discard(conversation_id)
        return True

    async def show(self, conversation_id: str) -> None:
        """Let the other nodes see the run: its prompt is stored."""
        await self._database.execute(
            'update run set is_shown = true where node = %s and conversation = '
            '(select key from conversation where owner = %s and name = %s and deleted_at is null)',
            *(self._node, self._owner, key_of(conversation_id)),
        )

    async def write(self, conversation_id: str, text: str) -> None:
        """Store what a run has said so far."""
        if (key := self._catalog.key_of(conversation_id)) is not None:
            await self._frames.write(key, text)

    def end(self, conversation_id: str) -> None:
        """Have the next commit end the run."""
        if conversation_id in self._claimed:
            self._ending.add(conversation_id)

    def forget(self, conversation_id: str) -> None:
        """Know no more of a run: another node has taken it over."""
        self._claimed.discard(conversation_id)
        self._ending.discard(conversation_id)

    async def abandon(self, conversation_id: str) -> None:
        """Have no run in a conversation any more: nothing is answered in it here."""
        self.forget(conversation_id)
        if (key := self._catalog.key_of(conversation_id)) is not None:
            await self._frames.forget(key)
            await self._database.execute(
                'delete from run where conversation = %s and node = %s', key, self._node
            )

    async def before_commit(self, conversation_id: str) -> None:
        """Have no checkpoint come late."""
        if (key := self._catalog.key_of(conversation_id)) is not None:
            goes_on = conversation_id in self._claimed and conversation_id not in self._ending
            await self._frames.forget(key, goes_on=goes_on)

    async def in_commit(self, connection: Connection, key: int, conversation_id: str) -> None:
        """End the run with what it has said, in the same transaction, unless it goes on.

        Raises:
            ConversationConflict: If another node has begun to answer.
        """
        if conversation_id not in self._claimed or conversation_id in self._ending:
            await connection.execute(
                'delete from run where conversation = %s and node = %s', [key, self._node]
            )
            return
        cursor = await connection.execute(
            'insert into run (conversation, node, is_shown) values (%s, %s, false) '
            'on conflict (conversation) do update set is_shown = run.is_shown where run.node = excluded.node',
            [key, self._node],
        )
        if not cursor.rowcount:
            raise ConversationConflict(conversation_id)

    def after_commit(self, conversation_id: str) -> None:
        """Forget a run that has ended."""
        if conversation_id in self._ending:
            self.forget(conversation_id)
