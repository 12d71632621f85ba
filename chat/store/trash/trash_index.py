"""The index of the trash: when each conversation was deleted, and what its page lists.

For a file that is missing in `trash/index.json`, the thirty days begin with the start that found it.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from pydantic import TypeAdapter

from chat.conversation.storage_values import ConversationSummary, TrashedConversation
from chat.errors import ChatError
from chat.store.conversations.conversation_file import ConversationFile
from chat.store.filesystem.disk import Disk

log = logging.getLogger(__name__)

INDEX_NAME = 'index.json'


TrashIndex: TypeAlias = Mapping[str, TrashedConversation]
"""By file name."""

_TRASH_INDEX = TypeAdapter(dict[str, TrashedConversation])


def read_trash_index(folder: Path, disk: Disk) -> TrashIndex:
    """Return a row for each file in the trash.

    Raises:
        OSError: If the folder cannot be read.
    """
    known = _known(folder / INDEX_NAME)
    names = sorted(path.name for path in folder.glob('*.json') if path.name != INDEX_NAME)
    rows = {name: known.get(name) or _trashed_file(folder / name) for name in names}
    if rows != known:
        write_trash_index(folder, rows, disk)
    return rows


def write_trash_index(folder: Path, rows: TrashIndex, disk: Disk) -> None:
    """Replace the index; a failure is only logged."""
    try:
        disk.replace(folder / INDEX_NAME, _TRASH_INDEX.dump_json(dict(rows)))
    except OSError as error:
        log.warning('The index of the trash was not written: %s', error)


def trashed_now(summary: ConversationSummary, deleted_at: datetime) -> TrashedConversation:
    """Return the row of a conversation that is deleted now."""
    return TrashedConversation(
        conversation_id=summary.conversation_id,
        title=summary.title,
        updated_at=summary.updated_at,
        deleted_at=deleted_at,
    )


def _known(path: Path) -> dict[str, TrashedConversation]:
    try:
        return _TRASH_INDEX.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        log.warning('The index of the trash cannot be read and is rebuilt: %s', error)
    except ValueError:  # without its text, which has titles
        log.warning('The index of the trash is invalid and is rebuilt')
    return {}


def _trashed_file(path: Path) -> TrashedConversation:
    try:
        return trashed_now(ConversationFile(path).indexed_summary().summary, datetime.now(UTC))
    except (OSError, ChatError):  # it can only be deleted
        unknown = ConversationSummary(
            conversation_id=path.stem, title=path.name, updated_at=datetime.now(UTC)
        )
        return trashed_now(unknown, datetime.now(UTC))
