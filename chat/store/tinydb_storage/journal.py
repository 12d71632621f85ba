"""The journal of a file: commits that are not in the file yet, one JSON line each.

Each line names the generation of the file, a random token that each rewrite changes: a line of
another generation is ignored. Each line has a checksum: everything after the first line that is
incomplete is ignored.
"""

import logging
import secrets
from pathlib import Path
from typing import Any
from zlib import crc32

from chat.store.filesystem.disk import Disk, corrupt_path
from chat.store.tinydb_storage.tables import Json, Tables, encode_json, parsed, with_added

log = logging.getLogger(__name__)

META_TABLE, ONLY_ID = '_meta', '1'
"""The table, and the id of its only document, that hold the generation of a file."""

_LINE_FORMAT = b'{"check": "%08x", %b}'

_LINE_PREFIX_BYTES = len(_LINE_FORMAT % (0, b'')) - len(b'}')
"""Bytes of a line before the part that is checksummed."""


class Journal:
    """The valid journal lines of one file; blocks, and changes nothing when created or read."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self.path = path
        self.size = 0
        """Bytes of the valid lines."""
        self.generation: str | None = None
        """The generation of the file; `None` if it has none, and so no journal."""
        self._disk = disk
        self._is_clean = True
        """Whether the journal on the disk holds only valid lines."""
        self.is_damaged = False
        """Whether it holds more than outdated lines and the rest of an interrupted write."""
        self._is_named = False
        """Whether the name of the file is synced to the disk."""

    def read(self, generation: str | None) -> list[Json]:
        """Set the generation of the file; return its valid lines, oldest first.

        Raises:
            OSError: If there is a journal and it cannot be read.
        """
        try:
            data = self.path.read_bytes()
            is_there = True
        except FileNotFoundError:
            data, is_there = b'', False
        *whole, _ = data.split(b'\n')
        said = [_parsed_line(line) for line in whole]
        counting: list[Json] = []
        for line in said:
            if line is None or line.get('generation') != generation:
                break
            counting.append(line)
        self.generation = generation
        self.size = sum(len(line) + 1 for line in whole[: len(counting)])
        self._is_clean = self.size == len(data) and (self.size > 0 or not is_there)
        self.is_damaged = any(
            line is None and b'\0' not in whole[place] for place, line in enumerate(said)
        )  # zeros: the rest of an unacknowledged write after a power cut
        return counting

    def append(self, commit: Json, *, durable: bool) -> None:
        """Append a line: all or nothing.

        Raises:
            OSError: If it could not be written.
            TypeError, ValueError: If it cannot be encoded as JSON.
        """
        line = _encoded_line({'generation': self.generation, **commit})
        self.clean()
        if durable and self.size and not self._is_named:
            self._disk.sync_folder(self.path.parent)
            self._is_named = True
        self._is_clean = False  # unless it succeeds
        self._disk.append(self.path, line, durable=durable)
        self._is_clean = True
        self._is_named = self._is_named or durable
        self.size += len(line)

    def restart(self, generation: str) -> None:
        """Start over with a new generation of the file, so that all lines are invalid.

        Raises:
            OSError: If it could not be removed.
        """
        self._is_clean = self._is_clean and not self.size
        self.size, self.generation = 0, generation
        self.clean()

    def clean(self) -> None:
        """Remove invalid lines; keep a copy if they are more than the rest of an interrupted write.

        Raises:
            OSError: If it could not be removed.
        """
        if self._is_clean:
            return
        if self.is_damaged:
            aside = corrupt_path(self.path)
            log.warning('%s is damaged; as it was, it is kept as %s', self.path.name, aside.name)
            self._disk.replace(aside, self.path.read_bytes())
            self.is_damaged = False
        if self.size:
            self._disk.truncate(self.path, self.size)
        else:
            self._disk.unlink(self.path)
            self._is_named = False
        self._is_clean = True


def journal_of(path: Path) -> Path:
    """Return the path of the journal of a file."""
    return path.with_suffix('.journal')


def file_of(journal: Path) -> Path:
    """Return the file that a journal belongs to."""
    return journal.with_suffix('.json')


def generation_of(tables: Tables) -> str | None:
    """Return the generation of a file."""
    generation: Any = tables.get(META_TABLE, {}).get(ONLY_ID, {}).get('generation')
    return generation if isinstance(generation, str) else None


def with_generation(tables: Tables, generation: str) -> Tables:
    """Return the tables with this generation."""
    return with_added(
        tables,
        {META_TABLE: {ONLY_ID: {**tables.get(META_TABLE, {}).get(ONLY_ID, {}), 'generation': generation}}},
    )


def new_generation() -> str:
    """Return a random, unique token."""
    return secrets.token_hex(8)


def _encoded_line(says: Json) -> bytes:
    text = encode_json(says).encode()[1:-1]
    return _LINE_FORMAT % (crc32(text), text) + b'\n'


def _parsed_line(line: bytes) -> Json | None:
    """Parse a line; `None` if it is incomplete or damaged."""
    text = line[_LINE_PREFIX_BYTES:-1]
    if line != _LINE_FORMAT % (crc32(text), text):
        return None
    said: Any = parsed(line)
    return said


def text_delta(before: str, after: str) -> Json:
    """Return the delta from `before` to `after`; as long as the part that differs."""
    keep = common_prefix_length(before, after)
    return {'keep': keep, 'rest': after[keep:]}


def apply_delta(before: str, by: Json) -> str:
    """Apply one delta of `text_delta` to `before`."""
    return before[: by['keep']] + by['rest']


def common_prefix_length(one: str, two: str) -> int:
    """Return the length of the common prefix, by bisection, since comparing slices is fast."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
