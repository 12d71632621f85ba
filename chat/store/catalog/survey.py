"""The look at all conversation files at start."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chat.errors import ChatError
from chat.store.disk.disk import Disk
from chat.store.documents.journal import journal_of
from chat.store.files.conversation_file import ConversationFile
from chat.store.files.format import FileDamaged, file_name
from chat.store.files.summary import Row, not_after

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Survey:
    """What is in the folder of the conversations."""

    rows: dict[str, Row] = field(default_factory=dict[str, Row])
    """By file name."""
    notes: list[str] = field(default_factory=list[str])
    """A sentence for each file that cannot be read, which names it."""


def survey(folder: Path, index: Mapping[str, Row], disk: Disk) -> Survey:
    """List all conversations of the folder, from the index where that still holds.

    A file that is damaged is renamed to `*.corrupt`. One that a newer version wrote, that the system
    does not let us read, or whose name is not that of its conversation, is left alone.

    Raises:
        OSError: If the folder cannot be read.
    """
    found = Survey()
    now = datetime.now(UTC)
    for path in sorted(folder.glob('*.json')):
        try:
            found.rows[path.name] = not_after(now, _listed(path, index) or _read(path, disk))
        except ChatError as error:
            found.notes.append(str(error))
    for note in found.notes:
        log.warning('%s', note)
    found.notes += [
        _damaged(path.name) for path in folder.glob('*.corrupt') if _damaged(path.name) not in found.notes
    ]
    return found


def _listed(path: Path, index: Mapping[str, Row]) -> Row | None:
    try:
        stat = path.stat()
    except OSError:  # a link to nowhere, say
        return None
    row = index.get(path.name)
    return row if row and (row.size, row.mtime_ns) == (stat.st_size, stat.st_mtime_ns) else None


def _read(path: Path, disk: Disk) -> Row:
    """What is to be listed of a file.

    Raises:
        ChatError: If it cannot be listed.
    """
    try:
        row = ConversationFile(path, disk=disk).row()
    except FileDamaged as error:
        raise FileDamaged(_damaged(_set_aside(path, disk))) from error
    except OSError as error:
        raise ChatError(f'{path.name} cannot be read: {error.strerror or error}.') from error
    if path.name != file_name(row.summary.conversation_id):  # a copy that a person made, say
        raise ChatError(f'{path.name} is not named after the conversation in it, and is not listed.')
    return row


def _damaged(name: str) -> str:
    return f'{name} is damaged and kept as it is. `python main.py chats repair` saves what is whole in it.'


def _set_aside(path: Path, disk: Disk) -> str:
    try:
        if (journal := journal_of(path)).exists():
            disk.set_aside(journal)
        return disk.set_aside(path).name
    except OSError:
        return path.name
