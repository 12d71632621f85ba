"""Branches of a conversation that are erased from its file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from pydantic_ai.conversation_store import ConversationRecord

from chat.store.conversations.conversation_file import ConversationFile, IndexedSummary, history_from
from chat.store.conversations.format import dump_record
from chat.store.tinydb_storage.tables import encode_json


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """The result of erasing branches of a file."""

    indexed_summary: IndexedSummary
    """What the catalog lists of it now."""
    revision: str
    """The new one."""
    erased: bytes
    """The text of the entries that are gone."""


def prune_file(
    file: ConversationFile, branches: Sequence[str], before: ConversationRecord | None = None
) -> PruneResult:
    """Erase the entries that lead neither to the head nor to one of these ends, all or nothing.

    Args:
        file: The conversation.
        branches: The ends that stay.
        before: The record of before, whose head and time it has from then on.

    Raises:
        LookupError: If there is no such end, or nothing is stored.
        OSError: If the disk fails.
    """
    if (record := before or file.record()) is None:
        raise LookupError
    kept = {
        entry_id for end in (record.head_id, *branches) for entry_id, _ in history_from(file.entries, end)
    }
    erased = {entry_id: entry for entry_id, entry in file.entries.items() if entry_id not in kept}
    rest = {entry_id: entry for entry_id, entry in file.entries.items() if entry_id in kept}
    updated = before.updated_at if before else datetime.now(UTC)
    record = replace(record, branches=list(branches), revision=str(uuid4()), updated_at=updated)
    file.replace(dump_record(record), rest)
    return PruneResult(
        indexed_summary=file.indexed_summary(), revision=record.revision, erased=encode_json(erased).encode()
    )
