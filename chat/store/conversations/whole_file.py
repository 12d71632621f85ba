"""A conversation file as a whole: read for an export, and checked before an import stores it."""

from collections.abc import Mapping
from typing import Protocol

from pydantic_ai.conversation_store import ConversationRecord

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.whole_conversation import ONLY_ID, Tables, WholeConversation
from chat.errors import ConversationNotFound
from chat.store.conversations.blobs import BlobContents
from chat.store.conversations.conversation_file import history_from
from chat.store.conversations.document_repair import RepairFailed
from chat.store.conversations.format import (
    FileDamaged,
    dump_entry,
    dump_record,
    interrupted_answers,
    load_entry,
    load_metadata,
    load_record,
    with_interrupted,
)
from chat.store.tinydb_storage.tables import Json, sanitized


class StoredConversation(Protocol):
    """A conversation as it is stored: as a `ConversationFile`, or elsewhere in the same documents."""

    @property
    def entries(self) -> Mapping[str, Json]: ...
    @property
    def meta(self) -> Json: ...
    @property
    def checkpoint(self) -> str | None: ...
    def record(self) -> ConversationRecord | None: ...
    def metadata(self) -> ConversationMetadata: ...


def read_whole(
    file: StoredConversation, blobs: BlobContents, *, with_files: bool = False
) -> WholeConversation:
    """Return all that is in a file; an answer that is under way is in it as far as it has come.

    Raises:
        ConversationNotFound: If there is no such file.
        FileDamaged: If a message that others follow is missing.
    """
    record, entries = file.record(), dict(file.entries)
    if record is None:
        raise ConversationNotFound
    if file.checkpoint is not None:
        record, found = with_interrupted(record, interrupted_answers(file.checkpoint, blobs, record.head_id))
        entries |= {entry.id: blobs.externalize(dump_entry(entry)) for entry in found}
    try:
        path = [entry_id for entry_id, _ in history_from(entries, record.head_id)][::-1]
    except LookupError as error:
        raise FileDamaged('A message of this chat is missing. See `chats repair`.') from error
    tables = {'record': {ONLY_ID: dump_record(record)}, 'entries': entries}
    return WholeConversation(
        tables={**tables, 'meta': {ONLY_ID: file.meta}} if file.meta else tables,
        metadata=file.metadata(),
        path=path,
        messages=[
            load_entry(entry_id, blobs.inline(entries[entry_id]) if with_files else entries[entry_id]).message
            for entry_id in path
        ],
    )


def storable_tables(tables: Tables, stored: Mapping[str, Json]) -> tuple[Json, dict[str, Json], Json | None]:
    """Return record, new entries and metadata of a conversation as they can be read again.

    An odd message stays as it is, for a later version may know more; what reads it mends it.

    Args:
        tables: As in `WholeConversation`.
        stored: The entries that the file has by now.

    Raises:
        FileDamaged: If this is no conversation, or a message that others follow is missing.
    """
    try:
        record = dump_record(load_record(tables['record'][ONLY_ID]))
        entries = {key: sanitized(entry) for key, entry in tables['entries'].items() if key not in stored}
        metadata = tables.get('meta', {}).get(ONLY_ID)
        if metadata is not None:
            load_metadata(metadata)
        for end in (record['head_id'], *record['branches']):
            for _, entry in history_from({**stored, **entries}, end):
                if not isinstance(entry['message'], dict):
                    raise FileDamaged
    except (RepairFailed, LookupError, TypeError) as error:
        raise FileDamaged from error
    return record, entries, None if metadata is None else sanitized(metadata)
