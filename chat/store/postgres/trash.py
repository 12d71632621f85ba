"""The trash of one person in the database: conversations that were deleted, as they were, for thirty days."""

from typing import Any

from psycopg.errors import UniqueViolation

from chat.change_signal import ChangeSignal
from chat.conversation.storage import TrashedConversation
from chat.errors import ConversationExists, ConversationNotFound
from chat.store.filesystem.disk import UncancellableTasks
from chat.store.postgres.blobs import PostgresBlobs
from chat.store.postgres.catalog import LISTED_COLUMNS, ListedRow, PostgresCatalog
from chat.store.postgres.commits import erase
from chat.store.postgres.database import Connection, Database
from chat.store.postgres.rows import key_of


class PostgresTrash:
    """The trash of one person; a cancelled caller ends no operation."""

    def __init__(
        self,
        database: Database,
        owner: str,
        *,
        catalog: PostgresCatalog,
        blobs: PostgresBlobs,
        finishing: UncancellableTasks,
    ) -> None:
        self._database = database
        self._owner = owner
        self._catalog = catalog
        self._blobs = blobs
        self._finishing = finishing

    @property
    def changed(self) -> ChangeSignal:
        return self._catalog.trash_changed

    @property
    def conversations(self) -> list[TrashedConversation]:
        return self._catalog.trashed

    def has(self, conversation_id: str) -> bool:
        return any(row.conversation_id == conversation_id for row in self._catalog.trashed)

    async def restore(self, conversation_id: str) -> None:
        await self._finishing.run(self._restore(conversation_id))

    async def _restore(self, conversation_id: str) -> None:
        key = await self._key_of(conversation_id)

        async def work(connection: Connection, _: bool) -> list[Any]:
            cursor = await connection.execute(
                f'update conversation set deleted_at = null where key = %s returning {LISTED_COLUMNS}', [key]
            )
            return await cursor.fetchall()

        try:
            found = await self._database.write(work)
        except UniqueViolation:
            raise ConversationExists from None
        for row in found:
            self._catalog.put(ListedRow.of(*row))

    async def delete_for_good(self, conversation_id: str) -> None:
        await self._finishing.run(self._delete_for_good(conversation_id))

    async def _delete_for_good(self, conversation_id: str) -> None:
        key, name = await self._key_of(conversation_id), key_of(conversation_id)
        named = await self._blobs.named_by(key, name)
        await self._database.write(lambda connection, _: erase(connection, key, self._owner, name))
        self._catalog.remove(key)
        await self._blobs.collect(named)

    async def _key_of(self, conversation_id: str) -> int:
        """Return the key of the conversation with this id that was moved to the trash last.

        Raises:
            ConversationNotFound: If there is none.
        """
        rows = await self._database.read(
            'select key from conversation where owner = %s and name = %s and deleted_at is not null '
            'order by deleted_at desc limit 1',
            *(self._owner, key_of(conversation_id)),
        )
        if not rows:
            raise ConversationNotFound
        return rows[0][0]
