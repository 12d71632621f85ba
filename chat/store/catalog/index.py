"""The index, a cache of what the catalog lists: it spares opening every file at start, and may be deleted.

A row of it counts only if the file still has the size and the time that the row names. It is never
synced to the disk, and that it cannot be read or written is logged and nothing more.
"""

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chat.store.conversations.format import file_name
from chat.store.conversations.summary import IndexedSummary
from chat.store.filesystem.disk import Disk

log = logging.getLogger(__name__)

_INDEXED_SUMMARY = TypeAdapter(IndexedSummary)
_INDEXED_SUMMARIES = TypeAdapter(list[IndexedSummary])


def read_index(path: Path) -> dict[str, IndexedSummary]:
    """The rows by file name, without those that make no sense."""
    try:
        rows: list[Any] = list(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, RecursionError) as error:
        log.warning('The index cannot be read and is rebuilt: %s', error)
        return {}
    return {
        file_name(row.summary.conversation_id): row for row in map(_indexed_summary, rows) if row is not None
    }


def _indexed_summary(value: Any) -> IndexedSummary | None:
    try:
        return _INDEXED_SUMMARY.validate_python(value)
    except ValidationError:
        return None


def write_index(path: Path, rows: Iterable[IndexedSummary], disk: Disk) -> None:
    """Replace the index."""
    try:
        disk.replace(path, _INDEXED_SUMMARIES.dump_json(list(rows)), durable=False)
    except OSError as error:
        log.warning('The index was not written: %s', error)
