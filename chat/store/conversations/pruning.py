"""Erasing branches: the entries of a conversation that lead to none of the ends that stay."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from chat.store.conversations.conversation_file import ConversationFile, history_from
from chat.store.conversations.format import dump_record
from chat.store.conversations.summary import IndexedSummary
from chat.store.tinydb_storage.tables import encode_json


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """What was done to a file."""

    indexed_summary: IndexedSummary
    """What the catalog lists of it now."""
    revision: str
    """The new one."""
    erased: bytes
    """The text of the entries that are gone."""


def prune_file(file: ConversationFile, branches: Sequence[str]) -> PruneResult:
    """Erase the entries that lead neither to the head nor to one of these ends, all or nothing.

    Raises:
        LookupError: If there is no such end, or nothing is stored.
        OSError: If the disk fails.
    """
    if (record := file.record()) is None:
        raise LookupError
    kept = {
        entry_id for end in (record.head_id, *branches) for entry_id, _ in history_from(file.entries, end)
    }
    erased = {entry_id: entry for entry_id, entry in file.entries.items() if entry_id not in kept}
    rest = {entry_id: entry for entry_id, entry in file.entries.items() if entry_id in kept}
    record = replace(record, branches=list(branches), revision=str(uuid4()), updated_at=datetime.now(UTC))
    file.replace(dump_record(record), rest)
    return PruneResult(
        indexed_summary=file.indexed_summary(), revision=record.revision, erased=encode_json(erased).encode()
    )
