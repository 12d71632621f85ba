"""Branches of a conversation that are erased from its file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from pydantic_ai.conversation_store import ConversationRecord

from chat.conversation.whole_conversation import with_fields
from chat.store.conversations.conversation_file import ConversationFile, IndexedSummary, history_from
from chat.store.conversations.format import dump_record
from chat.store.tinydb_storage.tables import Json, encode_json


@dataclass(frozen=True, slots=True, kw_only=True)
class StateBefore:
    """What a conversation goes back to when what was added to it is taken back."""

    record: ConversationRecord
    """Whose head and time it has from then on."""
    meta: Json
    """What is put back of its metadata, as of `fields_before`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """The result of erasing branches of a file."""

    indexed_summary: IndexedSummary
    """What the catalog lists of it now."""
    revision: str
    """The new one."""
    erased: bytes
    """The text of the entries that are gone, and of the metadata of before if that was replaced."""


def prune_file(
    file: ConversationFile, branches: Sequence[str], before: StateBefore | None = None
) -> PruneResult:
    """Erase the entries that lead neither to the head nor to one of these ends, all or nothing.

    Args:
        file: The conversation.
        branches: The ends that stay.
        before: What it goes back to, if it does.

    Raises:
        LookupError: If there is no such end, or nothing is stored.
        OSError: If the disk fails.
    """
    if (record := before.record if before else file.record()) is None:
        raise LookupError
    kept = {
        entry_id for end in (record.head_id, *branches) for entry_id, _ in history_from(file.entries, end)
    }
    erased = {entry_id: entry for entry_id, entry in file.entries.items() if entry_id not in kept}
    rest = {entry_id: entry for entry_id, entry in file.entries.items() if entry_id in kept}
    updated = before.record.updated_at if before else datetime.now(UTC)
    record = replace(record, branches=list(branches), revision=str(uuid4()), updated_at=updated)
    gone: list[Json] = [erased, file.meta] if before else [erased]
    file.replace(dump_record(record), rest, with_fields(file.meta, before.meta) if before else None)
    return PruneResult(
        indexed_summary=file.indexed_summary(), revision=record.revision, erased=encode_json(gone).encode()
    )
