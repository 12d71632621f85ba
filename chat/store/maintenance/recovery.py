"""Recovery of intact messages from a damaged conversation file.

It parses the text document by document, so that damage costs only the documents that it hits.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from pydantic_ai.conversation_store import ConversationRecord

from chat.store.conversations.document_repair import RepairFailed
from chat.store.conversations.format import (
    dump_record,
    file_name,
    load_metadata,
    load_record,
)
from chat.store.tinydb_storage.json_sanitize import Json

_ENTRY_PATTERN = re.compile(r'("[^"\\]+")\s*:\s*(?=\{\s*"parent_id"\s*:)')
_RECORD_PATTERN = re.compile(r'"record"\s*:\s*\{\s*"1"\s*:\s*(?=\{)')
_METADATA_PATTERN = re.compile(r'"meta"\s*:\s*\{\s*"1"\s*:\s*(?=\{)')
_INVALID_BYTES = re.compile('[\udc80-\udcff]')
"""Bytes that are not UTF-8, as `surrogateescape` decodes them."""

_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredConversation:
    """A conversation made of the intact messages."""

    record: Json
    entries: dict[str, Json]
    metadata: Json


def recover_conversation(data: bytes, stem: str) -> RecoveredConversation | None:
    """Recover the intact messages of a file; `None` if there are none.

    Where an entry is lost, its successor follows its predecessor.

    Args:
        data: The content of the file, optionally followed by that of its journal.
        stem: The name of the file without any suffix. It holds the id of the conversation, or a hash of it.
    """
    text = data.decode('utf-8', 'surrogateescape')
    entries = _linked_entries(_entries(text))
    if not entries:
        return None
    record = _record(text, stem)
    head = record.head_id if record.head_id in entries else list(entries)[-1]
    parents = {document['parent_id'] for document in entries.values()}
    ends = [entry_id for entry_id in entries if entry_id not in parents and entry_id != head]
    record = replace(record, head_id=head, branches=ends, revision=str(uuid4()))
    return RecoveredConversation(record=dump_record(record), entries=entries, metadata=_metadata(text))


def _entries(text: str) -> Iterator[tuple[str, Json]]:
    for name, document in _documents(_ENTRY_PATTERN, text):
        if isinstance(document.get('message'), dict):  # even one that cannot be shown: it is kept unchanged
            yield name, document


def _linked_entries(found: Iterable[tuple[str, Json]]) -> dict[str, Json]:
    """Return the entries by id, each linked to an existing parent."""
    entries: dict[str, Json] = {}
    last: str | None = None
    for entry_id, document in found:
        if entry_id in entries:  # repeated in the journal
            continue
        parent_id = document['parent_id']
        if parent_id is not None and parent_id not in entries:
            document = {**document, 'parent_id': last}
        entries[entry_id] = document
        last = entry_id
    return entries


def _record(text: str, stem: str) -> ConversationRecord:
    for _, document in reversed(list(_documents(_RECORD_PATTERN, text))):
        try:
            record = load_record(document)
        except RepairFailed:
            continue
        if file_name(record.conversation_id) == f'{stem}.json':
            return record
    is_id = file_name(stem) == f'{stem}.json'
    return ConversationRecord(
        conversation_id=stem if is_id else str(uuid5(NAMESPACE_URL, stem)),  # the same at every attempt
        head_id=None,
    )


def _metadata(text: str) -> Json:
    for _, document in reversed(list(_documents(_METADATA_PATTERN, text))):
        try:
            load_metadata(document)
        except RepairFailed:
            continue
        return document
    return {}


def _documents(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, Json]]:
    """Yield the intact documents that follow the pattern, with the name that its group has matched."""
    at = 0
    while found := pattern.search(text, at):
        at = found.end()
        try:
            document, end = _decoded(text, at)
            name = json.loads(found[1]) if pattern.groups else ''
        except (ValueError, RecursionError):
            continue
        if not _INVALID_BYTES.search(text, found.start(), end):  # else it may include the next document
            yield name, document
            at = end


def _decoded(text: str, at: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(text, at)
