"""Consistent reads of a conversation file while Parlour may be writing it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from chat.store.tinydb_storage.journal import journal_of

T = TypeVar('T')

MAX_READ_ATTEMPTS = 3
"""Attempts to read a file that changes meanwhile."""


def read_consistently(path: Path, read: Callable[[], T]) -> T:
    """Read a file and its journal consistently: repeat if one changed in between."""
    for _ in range(MAX_READ_ATTEMPTS - 1):
        before = _stamps(path)
        found = read()
        if before == _stamps(path):
            return found
    return read()


def _stamps(path: Path) -> list[tuple[int, int]]:
    stats = [each.stat() for each in (path, journal_of(path)) if each.exists()]
    return [(stat.st_mtime_ns, stat.st_size) for stat in stats]
