"""Conversations as a whole: read for an export, stored by an import."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import uuid4

from pydantic_ai.conversation_store import ConversationConflict, ConversationRecord

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import StoredFile
from chat.conversation.whole_conversation import ONLY_ID, Tables, WholeConversation
from chat.errors import ConversationNotFound
from chat.store.conversations.format import load_record
from chat.store.conversations.pruning import StateBefore
from chat.store.conversations.whole_file import read_whole, storable_tables
from chat.store.filesystem.disk import UncancellableTasks
from chat.store.postgres.blobs import PostgresBlobs
from chat.store.postgres.commits import IS_LISTED, Commit, metadata_of, record_of
from chat.store.postgres.conversations import PostgresConversations
from chat.store.postgres.database import Database
from chat.store.postgres.node import Node
from chat.store.postgres.rows import BlobBytes, blobs_of, documents_of, entry_row, key_of
from chat.store.postgres.values import ValueTable
from chat.store.tinydb_storage.tables import Json, parsed

COLUMNS: LiteralString = 'key, record, updated_at, meta'


NODE_FIELD = 'node'
"""Which node an import runs at, in what is stored of it."""


@dataclass(frozen=True, slots=True)
class StoredRows:
    """A conversation as it stands in the rows, for `read_whole`."""

    stored: ConversationRecord
    entries: Mapping[str, Json]
    meta: Json
    checkpoint: str | None = None

    def record(self) -> ConversationRecord:
        return self.stored

    def metadata(self) -> ConversationMetadata:
        return metadata_of(self.meta)


class PostgresWholeConversations:
    """`WholeConversations` of one person."""

    def __init__(
        self,
        database: Database,
        owner: str,
        *,
        conversations: PostgresConversations,
        blobs: PostgresBlobs,
        finishing: UncancellableTasks,
        node: Node,
    ) -> None:
        self._node = node
        self._database = database
        self._owner = owner
        self._conversations = conversations
        self._blobs = blobs
        self._finishing = finishing
        self._imports = ValueTable(database, owner, 'imports')

    async def read(self, conversation_id: str, *, with_files: bool = False) -> WholeConversation:
        """Return all that is stored of a conversation.

        Raises:
            ConversationNotFound: If there is none with this id.
            FileDamaged: If a message that others follow is missing.
        """
        rows = await self._stored(await self._found(conversation_id))
        if rows is None:
            raise ConversationNotFound
        return await self._read(rows, with_files=with_files)

    async def read_row(self, key: int) -> WholeConversation:
        """Return all that is stored of a conversation, also of one in the trash.

        Raises:
            ConversationNotFound: If there is no such row.
            FileDamaged: If a message that others follow is missing.
        """
        rows = await self._stored(
            await self._database.read(f'select {COLUMNS} from conversation where key = %s', key)
        )
        if rows is None:
            raise ConversationNotFound
        return await self._read(rows, with_files=False)

    async def _read(self, rows: StoredRows, *, with_files: bool) -> WholeConversation:
        names = blobs_of(rows.entries.values()) if with_files else []
        blobs = BlobBytes(await self._blobs.contents(names))
        return await asyncio.to_thread(read_whole, rows, blobs, with_files=with_files)

    async def _found(self, conversation_id: str) -> Sequence[Any]:
        return await self._database.read(
            f'select {COLUMNS} from conversation where {IS_LISTED}',
            *(self._owner, key_of(conversation_id)),
        )

    async def _stored(self, found: Sequence[Any]) -> StoredRows | None:
        if not found:
            return None
        key, record, updated_at, meta = found[0]
        query = 'select document from entry where conversation = %s order by place'
        rows = await self._database.read(query, key)
        entries = await asyncio.to_thread(documents_of, rows)
        return StoredRows(record_of(record, updated_at), entries, parsed(meta) if meta else {})

    async def file(self, blob: str) -> StoredFile | None:
        """Return the bytes of a file with this SHA-256; `None` if there is none."""
        return await self._blobs.get(blob)

    async def put(self, tables: Tables, *, expected_revision: str | None) -> None:
        """Store a conversation, or add entries to it, all or nothing.

        Raises:
            ConversationConflict: If another revision is stored.
            FileDamaged: If this is no conversation.
            StorageUnavailable: If the database is away for too long.
        """
        stored = await self._stored(await self._found(tables['record'][ONLY_ID]['conversation_id']))
        if (stored and stored.record().revision) != expected_revision:
            raise ConversationConflict(tables['record'][ONLY_ID]['conversation_id'])
        change = await asyncio.to_thread(
            _commit_of, tables, stored.entries if stored else {}, expected_revision
        )
        await self._finishing.run(self._conversations.commit(change))

    async def put_at(self, tables: Tables, deleted_at: datetime | None) -> None:
        """Store a new conversation, in the trash if it has been deleted at a time."""
        change = await asyncio.to_thread(_commit_of, tables, {}, None)
        await self._finishing.run(self._conversations.commit(replace(change, deleted_at=deleted_at)))

    async def has_revision(self, conversation_id: str, revision: str) -> bool:
        """Return whether a conversation is stored in this revision, in the trash or not."""
        rows = await self._database.read(
            'select from conversation where owner = %s and name = %s and revision = %s',
            *(self._owner, key_of(conversation_id), key_of(revision)),
        )
        return bool(rows)

    async def remove(self, revisions: Mapping[str, str], *, to_trash: bool) -> set[str]:
        left: set[str] = set()
        for conversation_id, revision in revisions.items():
            record = await self._conversations.read_record(conversation_id)
            if record is None:
                continue
            if record.revision != revision:
                left.add(conversation_id)
            elif to_trash:
                with suppress(ConversationNotFound):
                    await self._conversations.move_to_trash(conversation_id)
            else:
                with suppress(ConversationConflict):
                    await self._conversations.delete_record(conversation_id, expected_revision=revision)
        return left

    async def revert(self, conversation_id: str, record: Json, revision: str, *, meta: Json) -> bool:
        before = StateBefore(record=load_record(record), meta=meta)
        try:
            await self._finishing.run(
                self._conversations.keep_only(
                    conversation_id, before.record.branches, revision, str(uuid4()), before
                )
            )
        except ConversationConflict:
            return False
        return True

    async def imports(self) -> Mapping[str, Json]:
        """Return what is known of imports, but for those that are under way at another node."""
        rows = await self._database.read(
            'select id from node where id <> %s and seen_at > clock_timestamp() - %s',
            *(self._node.name, timedelta(seconds=self._node.lease)),
        )
        others = {name for (name,) in rows}
        return {
            import_id: {name: value for name, value in document.items() if name != NODE_FIELD}
            for import_id, document in (await self._imports.read()).items()
            if document.get('state') != 'running' or document.get(NODE_FIELD) not in others
        }

    async def put_import(self, import_id: str, document: Json) -> None:
        document = {**document, NODE_FIELD: self._node.name}
        await self._finishing.run(self._imports.put(import_id, document))


def _commit_of(tables: Tables, stored: Mapping[str, Json], expected_revision: str | None) -> Commit:
    """Return what is to be stored, each message as it is: what reads it mends it."""
    record, entries, metadata = storable_tables(tables, stored)
    return Commit(
        record=record,
        expected_revision=expected_revision,
        rows=[entry_row(entry_id, entry) for entry_id, entry in entries.items()],
        metadata=metadata,
        updated_at=load_record(record).updated_at,
    )
