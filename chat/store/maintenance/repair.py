"""Repair a data folder that is not in use; damaged files are kept under another name."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from chat.errors import ChatError
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.conversation_file import ConversationFile
from chat.store.conversations.format import FileDamaged, dump_record, file_name
from chat.store.conversations.message_repair import storable_entry
from chat.store.data_folder import open_store
from chat.store.filesystem.disk import Disk
from chat.store.filesystem.layout import DataLayout
from chat.store.maintenance.recovery import RecoveredConversation, recover_conversation
from chat.store.maintenance.verify import journal_is_damaged, odd_messages, unreadable_entries
from chat.store.tinydb_storage.journal import journal_of

CORRUPT_SUFFIX = '.corrupt'


async def repair_folder(folder: Path) -> list[str]:
    """Set damaged files aside, recover their intact messages, and clean up; return what was done.

    Raises:
        OSError: If the disk fails.
        StartFailed: If the folder cannot be used.
    """
    layout, disk = DataLayout(folder), Disk()
    done = [*_set_damaged_aside(layout, disk), *_set_damaged_blobs_aside(layout, disk)]
    done += _recover_damaged(layout, disk)
    done += _repair_odd_messages(layout, disk)
    disk.remove(layout.index)
    opened = await open_store(folder, disk=disk)  # it cleans up, and rebuilds the index
    try:
        if swept := await opened.conversations.collect_blobs():
            done.append(f'Removed {swept} attachments that no conversation has.')
    finally:
        await opened.close()
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
