"""The scan of all conversation files at start."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chat.conversation.storage import FileProblem
from chat.errors import ChatError
from chat.store.conversations.conversation_file import ConversationFile, IndexedSummary, not_in_future
from chat.store.conversations.format import FileDamaged, conversation_id_in, file_name
from chat.store.filesystem.disk import Disk
from chat.store.filesystem.layout import DataLayout
from chat.store.tinydb_storage.journal import journal_of

log = logging.getLogger(__name__)


class FileSetAside(ChatError):
    """A damaged file was renamed, or would have been if the disk had let us."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        """What it is called from now on."""


@dataclass(eq=False)
class ScanResult:
    """What is in the folder of the conversations."""

    indexed_summaries: dict[str, IndexedSummary] = field(default_factory=dict[str, IndexedSummary])
    """By file name."""
    problems: dict[str, FileProblem] = field(default_factory=dict[str, FileProblem])
    """By the name of each file that cannot be read, which its sentence says, too."""

    def add_problem(self, name: str, sentence: str) -> None:
        """Add the problem of a file, unless it has one already."""
        problem = FileProblem(conversation_id=conversation_id_in(name), sentence=sentence)
        self.problems.setdefault(name, problem)


def scan_folder(folder: Path, index: Mapping[str, IndexedSummary], disk: Disk) -> ScanResult:
    """List all conversations of the folder, from the index where that still holds.

    A file that is damaged is renamed to `*.corrupt`. One that a newer version wrote, that the system
    does not let us read, or whose name is not that of its conversation, is left alone.

    Raises:
        OSError: If the folder cannot be read.
    """
    found = ScanResult()
    now = datetime.now(UTC)
    for path in sorted(folder.glob('*.json')):
        try:
            found.indexed_summaries[path.name] = not_in_future(
                now, _scan_file(path, index) or _read(path, disk)
            )
        except FileSetAside as error:
            found.add_problem(error.name, _damaged_message(error.name))
        except ChatError as error:
            found.add_problem(path.name, str(error))
    for problem in found.problems.values():
        log.warning('%s', problem.sentence)
    for path in folder.glob('*.corrupt'):
        found.add_problem(path.name, _damaged_message(path.name))
    return found


def _scan_file(path: Path, index: Mapping[str, IndexedSummary]) -> IndexedSummary | None:
    try:
        stat = path.stat()
    except OSError:  # a link to nowhere, say
        return None
    row = index.get(path.name)
    return row if row and (row.size, row.mtime_ns) == (stat.st_size, stat.st_mtime_ns) else None


def _read(path: Path, disk: Disk) -> IndexedSummary:
    """Read what is to be listed of a file.

    Raises:
        FileSetAside: If it is damaged.
        ChatError: If it cannot be listed for another reason.
    """
    try:
        row = ConversationFile(path, disk=disk).indexed_summary()
    except FileDamaged as error:
        raise FileSetAside(_set_aside(path, disk)) from error
    except OSError as error:
        raise ChatError(f'{path.name} cannot be read: {error.strerror or error}.') from error
    if path.name != file_name(row.summary.conversation_id):  # a copy that a person made, say
        raise ChatError(f'{path.name} is not named after the conversation in it, and is not listed.')
    return row


def _damaged_message(name: str) -> str:
    return (
        f'{name} is damaged and kept as it is. `python main.py chats repair` recovers what is intact in it.'
    )


def _set_aside(path: Path, disk: Disk) -> str:
    try:
        if (journal := journal_of(path)).exists():
            disk.set_aside(journal)
        return disk.set_aside(path).name
    except OSError:
        return path.name


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
    """Return whether a file holds the conversation of this name, with every message that others follow."""
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
