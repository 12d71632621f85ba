"""What is still whole in the damaged file of a conversation, and a conversation made of it.

It reads the text from document to document, so that what is wrong in one place costs that place only.
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
"""Bytes that are no UTF-8, as `surrogateescape` reads them."""

_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredConversation:
    """A conversation made of what was whole."""

    record: Json
    entries: dict[str, Json]
    metadata: Json


def recover_conversation(data: bytes, stem: str) -> RecoveredConversation | None:
    """What can be saved of a file, or `None` if there is no whole message in it.

    Where an entry is lost, what came after it follows what came before it.

    Args:
        data: The file; the text of its journal may follow.
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
        if isinstance(document.get('message'), dict):  # also one that cannot be shown: it is kept as it is
            yield name, document


def _linked_entries(found: Iterable[tuple[str, Json]]) -> dict[str, Json]:
    """The entries by their ids, each after one that is there."""
    entries: dict[str, Json] = {}
    last: str | None = None
    for entry_id, document in found:
        if entry_id in entries:  # a journal says it again
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
        conversation_id=stem if is_id else str(uuid5(NAMESPACE_URL, stem)),  # the same at every try
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
    """The whole documents that follow the pattern, with the name that its group has found."""
    at = 0
    while found := pattern.search(text, at):
        at = found.end()
        try:
            document, end = _decoded(text, at)
            name = json.loads(found[1]) if pattern.groups else ''
        except (ValueError, RecursionError):
            continue
        if not _INVALID_BYTES.search(
            text, found.start(), end
        ):  # else it may have swallowed the document after it
            yield name, document
            at = end


def _decoded(text: str, at: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(text, at)
