"""When each conversation in the trash was deleted, and what the trash shows of it.

Where `trash/index.json` does not know a file, its thirty days begin with the start that found it.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from pydantic import AwareDatetime, TypeAdapter

from chat.errors import ChatError
from chat.store.disk.disk import Disk
from chat.store.files.conversation_file import ConversationFile
from chat.store.files.summary import Summary

log = logging.getLogger(__name__)

INDEX = 'index.json'


@dataclass(frozen=True, slots=True, kw_only=True)
class Trashed(Summary):
    """One conversation in the trash."""

    deleted_at: AwareDatetime


Rows: TypeAlias = Mapping[str, Trashed]
"""By file name."""

_ROWS = TypeAdapter(dict[str, Trashed])


def read_rows(folder: Path, disk: Disk) -> Rows:
    """A row for each file in the trash.

    Raises:
        OSError: If the folder cannot be read.
    """
    known = _known(folder / INDEX)
    names = sorted(path.name for path in folder.glob('*.json') if path.name != INDEX)
    rows = {name: known.get(name) or _row(folder / name) for name in names}
    if rows != known:
        write_rows(folder, rows, disk)
    return rows


def write_rows(folder: Path, rows: Rows, disk: Disk) -> None:
    """Replace the index; that it cannot be written is logged and nothing more."""
    try:
        disk.replace(folder / INDEX, _ROWS.dump_json(dict(rows)))
    except OSError as error:
        log.warning('The index of the trash was not written: %s', error)


def trashed(summary: Summary, deleted_at: datetime) -> Trashed:
    """The row of a conversation that is deleted."""
    return Trashed(
        conversation_id=summary.conversation_id,
        title=summary.title,
        updated_at=summary.updated_at,
        deleted_at=deleted_at,
    )


def _known(path: Path) -> dict[str, Trashed]:
    try:
        return _ROWS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        log.warning('The index of the trash cannot be read and is made anew: %s', error)
    except ValueError:  # whose text would show titles
        log.warning('The index of the trash makes no sense and is made anew')
    return {}


def _row(path: Path) -> Trashed:
    try:
        return trashed(ConversationFile(path).row().summary, datetime.now(UTC))
    except (OSError, ChatError):  # it can only be erased
        unknown = Summary(conversation_id=path.stem, title=path.name, updated_at=datetime.now(UTC))
        return trashed(unknown, datetime.now(UTC))
