"""How a conversation is changed in the database: all of it in one transaction, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import LiteralString

from pydantic_ai.conversation_store import ConversationConflict, ConversationRecord

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.whole_conversation import with_fields
from chat.store.conversations.conversation_file import history_from, summary_of
from chat.store.conversations.document_repair import RepairFailed
from chat.store.conversations.format import dump_record, load_metadata, load_record
from chat.store.conversations.pruning import StateBefore
from chat.store.postgres.blobs import forget_blobs, insert_blobs, name_blobs
from chat.store.postgres.catalog import LISTED_COLUMNS, ListedRow
from chat.store.postgres.changed_fields import changed_fields
from chat.store.postgres.database import Connection
from chat.store.postgres.rows import BlobBytes, EntryRow, blobs_of, documents_of, dump_summary, key_of
from chat.store.tinydb_storage.tables import Json, encode_json, parsed

IS_LISTED: LiteralString = 'owner = %s and name = %s and deleted_at is null'


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What is to be stored of a conversation."""

    record: Json
    expected_revision: str | None
    """The one that is stored; `None` if the conversation is new."""
    rows: Sequence[EntryRow] = ()
    """New entries."""
    blobs: BlobBytes = field(default_factory=BlobBytes)
    """What they and the metadata have in blobs."""
    metadata: Json | None = None
    """What takes the place of what there is; `None` leaves it."""
    updated_at: datetime | None = None
    """When it was said; `None` for the time of the database."""
    deleted_at: datetime | None = None
    """When it was moved to the trash, if it is new and there."""

    @property
    def conversation_id(self) -> str:
        return self.record['conversation_id']


async def commit(connection: Connection, owner: str, change: Commit) -> ListedRow:
    """Store a record with new entries, and copies of those that its history has in another conversation.

    Raises:
        ConversationConflict: If another revision is stored, or an entry of the history is nowhere.
    """
    if (claimed := await _claim(connection, owner, change)) is None:
        return await _own_row(connection, owner, change)
    key, meta = claimed
    await insert_blobs(connection, change.blobs.contents)
    await _insert_entries(connection, key, change.rows)
    await _inherit(connection, owner, key, change)
    names = {name for row in change.rows for name in row.blobs} | set(blobs_of([change.metadata or {}]))
    await name_blobs(connection, owner, key, sorted(names), change.blobs.contents)
    stored: Json = parsed(meta) if meta else {}
    return await put_summary(connection, key, load_record(change.record), stored, change.metadata)


async def _claim(connection: Connection, owner: str, change: Commit) -> tuple[int, str | None] | None:
    """Write the record, which locks the conversation; `None` if another revision is stored."""
    values = [key_of(change.record['revision']), encode_json(change.record), change.updated_at]
    place = [owner, key_of(change.conversation_id)]
    if change.expected_revision is None:
        cursor = await connection.execute(
            'insert into conversation (revision, record, updated_at, owner, name, deleted_at, summary) '
            "values (%s, %s, coalesce(%s, clock_timestamp()), %s, %s, %s, '{}') on conflict do nothing "
            'returning key, meta',
            [*values, *place, change.deleted_at],
        )
    else:
        cursor = await connection.execute(
            'update conversation set revision = %s, record = %s, '
            'updated_at = coalesce(%s, clock_timestamp()) '
            f'where {IS_LISTED} and revision = %s returning key, meta',
            [*values, *place, key_of(change.expected_revision)],
        )
    return await cursor.fetchone()


async def _own_row(connection: Connection, owner: str, change: Commit) -> ListedRow:
    """Return what is stored if it is this very change: the connection was lost after it was made.

    Raises:
        ConversationConflict: If it is not.
    """
    cursor = await connection.execute(
        f'select {LISTED_COLUMNS} from conversation where {IS_LISTED} and revision = %s',
        [owner, key_of(change.conversation_id), key_of(change.record['revision'])],
    )
    if row := await cursor.fetchone():
        return ListedRow.of(*row)
    raise ConversationConflict(change.conversation_id)


async def _insert_entries(connection: Connection, key: int, rows: Sequence[EntryRow]) -> None:
    if rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(
                'insert into entry (conversation, key, parent, document, blobs, words, grams) '
                'values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing',
                [(key, *row.values) for row in rows],
            )


async def _inherit(connection: Connection, owner: str, key: int, change: Commit) -> None:
    """Copy the entries of the history that are in another conversation of this person only.

    Raises:
        ConversationConflict: If they are in none.
    """
    parents, head_id = {row.key: row.parent for row in change.rows}, change.record['head_id']
    at = None if head_id is None else key_of(head_id)
    while at in parents:
        at = parents[at]
    if at is None or await _has_entry(connection, key, at):
        return
    cursor = await connection.execute(
        'with recursive source as (select e.conversation from entry e join conversation c '
        'on c.key = e.conversation '
        'where e.key = %(at)s and c.owner = %(owner)s and c.deleted_at is null limit 1), '
        'chain as (select e.* from entry e join source s using (conversation) where e.key = %(at)s '
        'union all select e.* from entry e join chain c '
        'on e.conversation = c.conversation and e.key = c.parent) '
        'insert into entry (conversation, key, parent, document, blobs, words, grams) '
        'select %(key)s, key, parent, document, blobs, words, grams from chain order by place '
        'on conflict do nothing returning blobs',
        {'at': at, 'owner': owner, 'key': key},
    )
    copied = await cursor.fetchall()
    if not copied:
        raise ConversationConflict(change.conversation_id)
    await name_blobs(connection, owner, key, sorted({name for (blobs,) in copied for name in blobs}))


async def _has_entry(connection: Connection, key: int, entry: str) -> bool:
    query = 'select from entry where conversation = %s and key = %s'
    return await (await connection.execute(query, [key, entry])).fetchone() is not None


async def put_summary(
    connection: Connection, key: int, record: ConversationRecord, stored: Json, metadata: Json | None = None
) -> ListedRow:
    """Store what lists say of a conversation, and new metadata if there is some; return what they say."""
    document = {**stored, **(metadata or {})}
    known = metadata_of(document)
    entries = await read_entries(connection, key) if known.waiting else {}
    if metadata is not None:
        await connection.execute(
            'update conversation set meta = %s, blobs = %s where key = %s',
            [encode_json(document), blobs_of([document]), key],
        )
    cursor = await connection.execute(
        f'update conversation set summary = %s where key = %s returning {LISTED_COLUMNS}',
        [dump_summary(summary_of(record, known, entries)), key],
    )
    [row] = await cursor.fetchall()  # it is locked
    return ListedRow.of(*row)


async def put_metadata(
    connection: Connection, owner: str, key: int, mine: Json, since: Json, blobs: BlobBytes
) -> tuple[ListedRow, list[str]] | None:
    """Store what metadata has changed `since`; the rest of it stays. `None` if that is stored already.

    Returns what lists say, and the blobs that the conversation does not name any more.
    """
    cursor = await connection.execute(
        'select record, updated_at, meta from conversation where key = %s', [key]
    )
    [(record, updated_at, meta)] = await cursor.fetchall()
    stored: Json = parsed(meta) if meta else {}
    changes = changed_fields(stored, mine, since)
    if stored | changes == stored:
        return None
    named = blobs_of([stored | changes])
    await insert_blobs(connection, blobs.contents)
    await name_blobs(connection, owner, key, named, blobs.contents)
    row = await put_summary(connection, key, record_of(record, updated_at), stored, changes)
    is_less = set(blobs_of([stored])) - set(named)
    return row, await forget_blobs(connection, key) if is_less else []


def metadata_of(document: Json) -> ConversationMetadata:
    """Return the metadata in a document; empty metadata if it cannot be read."""
    try:
        return load_metadata(document)
    except RepairFailed:  # the messages are worth more
        return ConversationMetadata()


async def read_entries(connection: Connection, key: int) -> dict[str, Json]:
    """Return all entries of a conversation by id, in the order in which they were stored."""
    query = 'select document from entry where conversation = %s order by place'
    return documents_of(await (await connection.execute(query, [key])).fetchall())


async def keep_only(
    connection: Connection,
    owner: str,
    conversation_id: str,
    branches: Sequence[str],
    *,
    expected_revision: str,
    new_revision: str,
    before: StateBefore | None = None,
) -> tuple[ListedRow, list[str]]:
    """Erase the entries that lead neither to the head nor to one of these ends.

    Returns what lists say, and the blobs that it does not name any more.

    Args:
        connection: In a transaction.
        owner: Whose conversation it is.
        conversation_id: The conversation.
        branches: The ends that stay.
        expected_revision: The one that is stored, unless it is the new one: then this was done before.
        new_revision: The one of then.
        before: What it goes back to, if it does.

    Raises:
        ConversationConflict: If another revision is stored, or one of the ends is not.
    """
    cursor = await connection.execute(
        f'select key, revision, record, updated_at, meta from conversation where {IS_LISTED} for update',
        [owner, key_of(conversation_id)],
    )
    row = await cursor.fetchone()
    if row is None or row[1] not in (key_of(expected_revision), key_of(new_revision)):
        raise ConversationConflict(conversation_id)
    key = row[0]
    meta: Json = parsed(row[4]) if row[4] else {}
    record = before.record if before else record_of(row[2], row[3])
    entries = await read_entries(connection, key)
    record = replace(record, branches=list(branches), revision=new_revision)
    try:
        kept = ids_to(entries, (record.head_id, *branches))
    except LookupError:
        raise ConversationConflict(conversation_id) from None
    await connection.execute(
        'update conversation set revision = %s, record = %s, updated_at = coalesce(%s, clock_timestamp()) '
        'where key = %s',
        [key_of(new_revision), encode_json(dump_record(record)), before and before.record.updated_at, key],
    )
    await connection.execute(
        'delete from entry where conversation = %s and key <> all(%s)', [key, [*map(key_of, kept)]]
    )
    listed = await put_summary(
        connection, key, record, with_fields(meta, before.meta) if before else meta, {} if before else None
    )
    return listed, await forget_blobs(connection, key)


def ids_to(entries: Mapping[str, Json], ends: Sequence[str | None]) -> set[str]:
    """Return the ids of all entries that lead to one of these ends.

    Raises:
        LookupError: If one is missing.
    """
    return {entry_id for end in ends for entry_id, _ in history_from(entries, end)}


def record_of(text: str, updated_at: datetime) -> ConversationRecord:
    """Return the record in a row, with the time of the database."""
    record = load_record(parsed(text))
    record.updated_at = updated_at.astimezone(UTC)
    return record


async def erase(connection: Connection, key: int, owner: str, name: str) -> None:
    """Erase a conversation, with its draft unless there is another one with its id."""
    await connection.execute('delete from conversation where key = %s', [key])
    cursor = await connection.execute(
        'delete from draft where owner = %(owner)s and place = %(name)s and not exists '
        '(select from conversation where owner = %(owner)s and name = %(name)s and deleted_at is null)',
        {'owner': owner, 'name': name},
    )
    if cursor.rowcount:
        await connection.execute('delete from blob_use where owner = %s and draft = %s', [owner, name])
