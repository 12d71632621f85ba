"""The conversations of one person in the database: pydantic-ai's store, and the trash beside it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString
from uuid import uuid4

from pydantic_ai import AgentRunResult, BinaryContent, Conversation, ModelMessage
from pydantic_ai.conversation_store import ConversationConflict, ConversationEntry, ConversationRecord

from chat.conversation.content.attachments import Attachment
from chat.conversation.content.message_files import without_stored_bytes
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import ConversationStorage
from chat.errors import ConversationNotFound
from chat.store.conversation_locks import ConversationLocks
from chat.store.conversations.format import (
    dump_checkpoint,
    dump_entries,
    dump_metadata,
    dump_record,
    load_checkpoint,
    load_entry,
)
from chat.store.conversations.pruning import StateBefore
from chat.store.filesystem.disk import UncancellableTasks
from chat.store.postgres.adoption import take_over
from chat.store.postgres.blobs import PostgresBlobs
from chat.store.postgres.catalog import LISTED_COLUMNS, ListedRow, PostgresCatalog
from chat.store.postgres.commits import (
    IS_LISTED,
    Commit,
    commit,
    erase,
    keep_only,
    metadata_of,
    put_metadata,
    record_of,
)
from chat.store.postgres.database import Connection
from chat.store.postgres.node import Node
from chat.store.postgres.rows import BlobBytes, blobs_of, documents_of, entry_rows, key_of, last_entries
from chat.store.postgres.runs import Runs
from chat.store.tinydb_storage.tables import Json, parsed


class PostgresConversations(ConversationStorage):
    """Each method knows the conversations of its owner only; those of others are as if there were none.

    Whatever changes one is finished even if the caller is cancelled meanwhile.
    """

    def __init__(
        self,
        node: Node,
        owner: str,
        *,
        catalog: PostgresCatalog,
        blobs: PostgresBlobs,
        finishing: UncancellableTasks,
    ) -> None:
        self._database = node.database
        self.runs = Runs(node.database, owner, node=node.name, frames=node.frames, catalog=catalog)
        self._owner = owner
        self._catalog = catalog
        self._blobs = blobs
        self._saving = ConversationLocks()
        self._finishing = finishing
        self._early_metadata: dict[str, Json] = {}
        """By conversation id: metadata of conversations that are not stored yet."""

    async def save(
        self, conversation: Conversation | AgentRunResult[Any], *, scope: str | None = None
    ) -> list[ConversationEntry]:
        """Save as the base class does, of one conversation one save after the other."""
        saving = self.runs.unless_lost(conversation.conversation_id, self._save(conversation, scope))
        return await self._finishing.run(saving)

    async def _save(
        self, conversation: Conversation | AgentRunResult[Any], scope: str | None
    ) -> list[ConversationEntry]:
        async with self._saving.lock_of(conversation.conversation_id):
            return await super().save(conversation, scope=scope)

    async def branch(self, conversation_id: str, **where: Any) -> Conversation:
        return await self.runs.unless_lost(conversation_id, super().branch(conversation_id, **where))

    async def read_record(self, conversation_id: str) -> ConversationRecord | None:
        query = f'select record, updated_at from conversation where {IS_LISTED}'
        rows = await self._database.read(query, self._owner, key_of(conversation_id))
        return record_of(*rows[0]) if rows else None

    async def read_records(
        self, *, scope: str | None = None, limit: int | None = None
    ) -> list[ConversationRecord]:
        rows = await self._database.read(
            'select record, updated_at from conversation where owner = %s and deleted_at is null '
            'order by updated_at desc',
            self._owner,
        )
        records = await asyncio.to_thread(lambda: [record_of(*row) for row in rows])
        return [record for record in records if scope in (None, record.scope)][:limit]

    async def write_record(
        self,
        record: ConversationRecord,
        *,
        new_entries: Sequence[ConversationEntry] = (),
        expected_revision: str | None,
    ) -> None:
        document = dump_record(record)  # now: the caller may change it later
        entries = await dump_entries(new_entries)
        await self._finishing.run(self._write(document, entries, expected_revision))

    async def _write(self, record: Json, entries: Mapping[str, Json], expected: str | None) -> None:
        blobs, conversation_id = BlobBytes(), record['conversation_id']
        rows = await asyncio.to_thread(entry_rows, entries, blobs)
        early = self._early_metadata.get(conversation_id) if expected is None else None
        if early is not None:
            early = await asyncio.to_thread(blobs.externalize, early)
        await self.commit(
            Commit(record=record, expected_revision=expected, rows=rows, blobs=blobs, metadata=early)
        )
        self._early_metadata.pop(conversation_id, None)

    async def commit(self, change: Commit) -> None:
        """Store a change, all or nothing.

        Raises:
            ConversationConflict: If another revision is stored, or an entry of the history is nowhere.
            StorageUnavailable: If the database is away for too long.
        """

        async def work(connection: Connection, _: bool) -> ListedRow:
            row = await commit(connection, self._owner, change)
            await self.runs.in_commit(connection, row.key, change.conversation_id)
            return row

        async with self.runs.committing(change.conversation_id):
            self._catalog.put(await self._database.write(work))

    async def delete_record(self, conversation_id: str, *, expected_revision: str) -> None:
        await self._finishing.run(self._delete(conversation_id, expected_revision))

    async def _delete(self, conversation_id: str, expected_revision: str) -> None:
        name, key = key_of(conversation_id), await self._key_of(conversation_id)
        named = await self._blobs.named_by(key, name)

        async def work(connection: Connection, is_repeated: bool) -> None:
            cursor = await connection.execute(
                'select revision from conversation where key = %s and deleted_at is null for update', [key]
            )
            row = await cursor.fetchone()
            if row and key is not None and row[0] == key_of(expected_revision):
                await erase(connection, key, self._owner, name)
            elif row or not is_repeated:  # else it was this that has erased it
                raise ConversationConflict(conversation_id)

        await self._database.write(work)
        self._catalog.remove(key)
        await self._blobs.collect(named)

    async def _key_of(self, conversation_id: str) -> int | None:
        query: LiteralString = f'select key from conversation where {IS_LISTED}'
        rows = await self._database.read(query, self._owner, key_of(conversation_id))
        return rows[0][0] if rows else None

    async def prune(self, conversation_id: str, branches: Sequence[str], *, expected_revision: str) -> str:
        """Prune as the base class says; erase the blobs that only these entries name."""
        new = str(uuid4())
        await self._finishing.run(self.keep_only(conversation_id, branches, expected_revision, new))
        return new

    async def keep_only(
        self,
        conversation_id: str,
        branches: Sequence[str],
        expected_revision: str,
        new_revision: str,
        before: StateBefore | None = None,
    ) -> None:
        """Erase all entries but those up to the head and these ends; see `commits.keep_only`."""
        row, dropped = await self._database.write(
            lambda connection, _: keep_only(
                connection,
                self._owner,
                conversation_id,
                branches,
                expected_revision=expected_revision,
                new_revision=new_revision,
                before=before,
            )
        )
        self._catalog.put(row)
        await self._blobs.collect(dropped)

    async def read_entry(self, entry_id: str) -> ConversationEntry:
        rows = await self._database.read(
            'select document from entry e join conversation c on c.key = e.conversation '
            'where e.key = %s and c.owner = %s and c.deleted_at is null limit 1',
            *(key_of(entry_id), self._owner),
        )
        if not rows:
            raise LookupError(entry_id)
        documents = documents_of(rows)
        return (await self._loaded(list(documents.items())))[0]

    async def read_history(self, head_id: str | None, *, limit: int | None = None) -> list[ConversationEntry]:
        if head_id is None or limit == 0:
            return []
        rows = await self._database.read(
            'select document from entry where conversation = (select c.key from entry e '
            'join conversation c on c.key = e.conversation '
            'where e.key = %s and c.owner = %s and c.deleted_at is null limit 1)',
            *(key_of(head_id), self._owner),
        )
        history = await asyncio.to_thread(last_entries, rows, head_id, limit)
        return await self._loaded(history)

    async def _loaded(self, entries: Sequence[tuple[str, Json]]) -> list[ConversationEntry]:
        contents = BlobBytes(await self._blobs.contents(blobs_of([entry for _, entry in entries])))
        return await asyncio.to_thread(
            lambda: [load_entry(entry_id, contents.inline(entry)) for entry_id, entry in entries]
        )

    async def read_metadata(self, conversation_id: str) -> ConversationMetadata:
        rows = await self._database.read(
            f'select meta from conversation where {IS_LISTED}', self._owner, key_of(conversation_id)
        )
        if not rows and (early := self._early_metadata.get(conversation_id)):
            return metadata_of(early)
        document: Json = parsed(rows[0][0]) if rows and rows[0][0] else {}
        contents = BlobBytes(await self._blobs.contents(blobs_of([document])))
        return metadata_of(contents.inline(document))

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        await self._finishing.run(self._put_metadata(conversation_id, dump_metadata(metadata), {}))

    async def update_metadata(
        self, conversation_id: str, metadata: ConversationMetadata, *, since: ConversationMetadata
    ) -> None:
        documents = dump_metadata(metadata), dump_metadata(since)
        await self._finishing.run(self._put_metadata(conversation_id, *documents))

    async def _put_metadata(self, conversation_id: str, metadata: Json, since: Json) -> None:
        async with self._saving.lock_of(conversation_id):
            blobs = BlobBytes()
            mine: Json = await asyncio.to_thread(blobs.externalize, metadata)
            before: Json = await asyncio.to_thread(BlobBytes().externalize, since)

            async def work(connection: Connection, _: bool) -> tuple[ListedRow, list[str]] | None:
                key = await self._lock(connection, conversation_id)
                if key is None:
                    self._early_metadata[conversation_id] = metadata
                    return None
                return await put_metadata(connection, self._owner, key, mine, before, blobs)

            if stored := await self._database.write(work):
                self._catalog.put(stored[0])
                await self._blobs.collect(stored[1])

    async def _lock(self, connection: Connection, conversation_id: str) -> int | None:
        cursor = await connection.execute(
            f'select key from conversation where {IS_LISTED} for update',
            [self._owner, key_of(conversation_id)],
        )
        row = await cursor.fetchone()
        return row[0] if row else None

    async def write_checkpoint(self, conversation_id: str, messages: Sequence[ModelMessage]) -> None:
        """Store what an answer has said so far; should this node die, another one adds it to the rest.

        A checkpoint of a conversation that is not stored is ignored.
        """
        dumped = dump_checkpoint([*map(without_stored_bytes, messages)])  # now: they go on growing
        details = self.runs.details_of(conversation_id)
        await self.runs.write(conversation_id, await asyncio.to_thread(load_checkpoint, dumped), details)

    async def store_file(self, name: str, content: BinaryContent) -> Attachment:
        return await self._blobs.store_file(name, content)

    async def move_to_trash(self, conversation_id: str) -> None:
        await self._finishing.run(self._move_to_trash(conversation_id))

    async def _move_to_trash(self, conversation_id: str) -> None:
        key = await self._key_of(conversation_id)

        async def work(connection: Connection, _: bool) -> list[Any]:
            cursor = await connection.execute(
                'update conversation set deleted_at = coalesce(deleted_at, clock_timestamp()) where key = %s '
                f'returning {LISTED_COLUMNS}',
                [key],
            )
            return await cursor.fetchall()

        if key is not None:
            await take_over(self._database, key)  # what another node is saying in it stays as well
        if not (found := await self._database.write(work)):
            raise ConversationNotFound
        self._catalog.put(ListedRow.of(*found[0]))
