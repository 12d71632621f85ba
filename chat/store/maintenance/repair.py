"""Repair a data folder that is not in use; damaged files are kept under another name.

A damaged file is parsed document by document, so that damage costs only the documents that it hits.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from pydantic_ai.conversation_store import ConversationRecord

from chat.errors import ChatError
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.conversation_file import ConversationFile
from chat.store.conversations.document_repair import RepairFailed, storable_entry
from chat.store.conversations.format import (
    FileDamaged,
    dump_record,
    file_name,
    load_metadata,
    load_record,
)
from chat.store.data_folder import open_store
from chat.store.filesystem.disk import Disk
from chat.store.filesystem.layout import DataLayout
from chat.store.maintenance.verify import journal_is_damaged, odd_messages, unreadable_entries
from chat.store.tinydb_storage.journal import journal_of
from chat.store.tinydb_storage.tables import Json

CORRUPT_SUFFIX = '.corrupt'

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


async def repair_folder(folder: Path) -> list[str]:
    """Set damaged files aside, recover their intact messages, and clean up; return what was done.

    Raises:
        OSError: If the disk fails.
        StartFailed: If the folder cannot be used.
    """
    layout, disk = DataLayout(folder), Disk()
    done = [*_set_damaged_aside(layout, disk), *_set_damaged_blobs_aside(layout, disk)]
    done += _recover_damaged(layout, disk)
    disk.remove(layout.index)
    await (await open_store(folder, disk=disk)).close()  # it keeps what interrupted answers have said
    done += _repair_odd_messages(layout, disk)
    disk.remove(layout.index)
    data_folder = await open_store(folder, disk=disk)  # it cleans up, and rebuilds the index
    try:
        if removed := await data_folder.conversations.collect_blobs():
            done.append(f'Removed {removed} attachments that no conversation has.')
    finally:
        await data_folder.close()
    return done


def _set_damaged_aside(layout: DataLayout, disk: Disk) -> Iterator[str]:
    for path in sorted(layout.conversations.glob('*.json')):
        try:
            is_damaged = bool(unreadable_entries(ConversationFile(path))) or journal_is_damaged(path)
        except FileDamaged:
            is_damaged = True
        except (OSError, ChatError) as error:
            yield f'conversations/{path.name} was left alone: {error}'
            continue
        if is_damaged:
            journal = journal_of(path)
            aside = [disk.set_aside(each).name for each in (journal, path) if each.exists()]
            yield f'conversations/{path.name} is damaged, and is now {aside[-1]}.'


def _set_damaged_blobs_aside(layout: DataLayout, disk: Disk) -> Iterator[str]:
    for name in sorted(BlobStore(layout.blobs).names()):
        path = layout.blobs / name
        if hashlib.sha256(path.read_bytes()).hexdigest() != name:
            yield f'blobs/{name} is damaged, and is now {disk.set_aside(path).name}.'


def _recover_damaged(layout: DataLayout, disk: Disk) -> Iterator[str]:
    """Recover a conversation from each damaged file, the last one first, unless it exists by now."""
    damaged = layout.conversations.glob(f'*.json*{CORRUPT_SUFFIX}')
    for path in sorted(damaged, key=lambda path: path.stat().st_mtime_ns, reverse=True):
        stem = path.name.split('.')[0]
        journals = sorted(layout.conversations.glob(f'{stem}.journal*'))
        text = b''.join(each.read_bytes() for each in (path, *journals))
        found = recover_conversation(text, stem)
        if found is None:
            yield f'conversations/{path.name} has no whole message.'
        elif not _is_there(layout, found):
            _store(layout, found, disk)
            yield f'Saved {len(found.entries)} messages of {path.name} as {_id(found)}.'


def _repair_odd_messages(layout: DataLayout, disk: Disk) -> Iterator[str]:
    """Store messages with invalid fields in their repaired form, after backing up the file."""
    for path in sorted(layout.conversations.glob('*.json')):
        try:
            file = ConversationFile(path, disk=disk)
            odd = [entry_id for entry_id, condition in odd_messages(file) if condition == 'odd']
        except (OSError, ChatError):  # reported above
            continue
        if odd and (record := file.record()):
            file.merge_journal()
            kept = layout.backups / f'{path.stem}.odd.json'
            if not kept.exists():
                disk.replace(kept, path.read_bytes())
            mended = {entry_id: storable_entry(entry_id, file.entries[entry_id]) for entry_id in odd}
            file.commit(dump_record(record), mended)
            file.merge_journal()
            yield f'Mended {len(odd)} messages of {path.name}; backups/{kept.name} is as it was.'


def _id(found: RecoveredConversation) -> str:
    return str(found.record['conversation_id'])


def _is_there(layout: DataLayout, found: RecoveredConversation) -> bool:
    name = file_name(_id(found))
    return (layout.conversations / name).exists() or any(layout.trash.glob(f'{Path(name).stem}.*'))


def _store(layout: DataLayout, found: RecoveredConversation, disk: Disk) -> None:
    path = layout.conversations / file_name(_id(found))
    ConversationFile(path, disk=disk).commit(found.record, found.entries, found.metadata)


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
