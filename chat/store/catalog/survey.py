"""The look at all conversation files at start."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chat.store.disk.disk import Disk
from chat.store.documents.journal import journal_of
from chat.store.files.conversation_file import ConversationFile
from chat.store.files.format import FileDamaged, FileNewer, file_name
from chat.store.files.summary import Row

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Survey:
    """What is in the folder of the conversations."""

    rows: dict[str, Row] = field(default_factory=dict[str, Row])
    """By file name."""
    unread: list[str] = field(default_factory=list[str])
    """Names of files that could not be read: damaged ones under their new name, others left as they are."""


def survey(folder: Path, index: Mapping[str, Row], disk: Disk) -> Survey:
    """List all conversations of the folder, from the index where that still holds.

    A file that is damaged is renamed to `*.corrupt`. One that a newer version wrote, that the system
    does not let us read, or whose name is not that of its conversation, is left alone.

    Raises:
        OSError: If the folder cannot be read.
    """
    found = Survey()
    for path in sorted(folder.glob('*.json')):
        if row := _listed(path, index) or _read(path, found.unread, disk):
            found.rows[path.name] = row
    if found.unread:
        log.warning('These files hold no conversation that can be read: %s', ', '.join(found.unread))
    found.unread += [path.name for path in folder.glob('*.corrupt') if path.name not in found.unread]
    return found


def _listed(path: Path, index: Mapping[str, Row]) -> Row | None:
    try:
        stat = path.stat()
    except OSError:  # a link to nowhere, say
        return None
    row = index.get(path.name)
    return row if row and (row.size, row.mtime_ns) == (stat.st_size, stat.st_mtime_ns) else None


def _read(path: Path, unread: list[str], disk: Disk) -> Row | None:
    try:
        row = ConversationFile(path, disk=disk).row()
    except FileDamaged:
        unread.append(_set_aside(path, disk))
    except (OSError, FileNewer):
        unread.append(path.name)
    else:
        if path.name == file_name(row.summary.conversation_id):
            return row
        unread.append(path.name)  # a copy that a person made, say
    return None


def _set_aside(path: Path, disk: Disk) -> str:
    try:
        if (journal := journal_of(path)).exists():
            disk.set_aside(journal)
        return disk.set_aside(path).name
    except OSError:
        return path.name
