"""Files that were set aside as damaged and can be read now, for what is odd in them is mended today."""

import logging
from pathlib import Path

from chat.errors import ChatError
from chat.store.conversations.conversation_file import ConversationFile
from chat.store.conversations.format import file_name
from chat.store.filesystem.disk import Disk
from chat.store.filesystem.layout import DataLayout

log = logging.getLogger(__name__)


def restore_readable_files(layout: DataLayout, disk: Disk) -> None:
    """Give such files their names back, unless there is a conversation in their place by now.

    That one cannot be renamed is logged and nothing more.
    """
    aside = layout.conversations.glob('*.json*.corrupt')
    for path in sorted(aside, key=lambda path: path.stat().st_mtime_ns, reverse=True):
        name = f'{path.name.split(".")[0]}.json'
        is_taken = (layout.conversations / name).exists() or any(layout.trash.glob(f'{Path(name).stem}.*'))
        if is_taken or not _is_whole(path, name):
            continue
        try:
            _rename(path, name, disk)
            log.warning('%s can be read, and is %s again', path.name, name)
        except OSError as error:
            log.warning('%s can be read, and was not renamed: %s', path.name, error)


def _is_whole(path: Path, name: str) -> bool:
    """Whether it holds the conversation of this name, with every message that others follow."""
    try:
        file = ConversationFile(path)
        record = file.record()
    except (OSError, ChatError):
        return False
    parents = {entry.get('parent_id') for entry in file.entries.values()} - {None}
    return record is not None and file_name(record.conversation_id) == name and parents <= file.entries.keys()


def _rename(path: Path, name: str, disk: Disk) -> None:
    target, journal = path.with_name(name), path.with_name(path.name.replace('.json', '.journal', 1))
    disk.move(path, target)  # first: a journal without its file is removed
    if journal.exists():
        disk.move(journal, target.with_suffix('.journal'))
