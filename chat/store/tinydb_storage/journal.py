"""The journal of a file: commits that are not in the file yet, one JSON line each.

Each line names the generation of the file, a random token that every rewrite of the file changes: a line of
another generation says nothing any more. And each carries a checksum: what comes after the first line that is
not whole does not count.
"""

import logging
import secrets
from pathlib import Path
from typing import Any
from zlib import crc32

from chat.store.filesystem.disk import Disk, corrupt_path
from chat.store.tinydb_storage.json_sanitize import Json
from chat.store.tinydb_storage.tables import Tables, encode_json, parsed, with_added

log = logging.getLogger(__name__)

META_TABLE, ONLY_ID = '_meta', '1'
"""The table, and the id of its only document, where a file says its generation."""

_LINE_FORMAT = b'{"check": "%08x", %b}'
_LINE_PREFIX_BYTES = len(_LINE_FORMAT % (0, b'')) - len(b'}')
"""Bytes of a line before that of which the checksum is."""


class Journal:
    """The lines that count for one file; it blocks, and changes nothing when it is made or read."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self.path = path
        self.size = 0
        """Bytes of the lines that count."""
        self.generation: str | None = None
        """Of the file; `None` if it has none, and so no journal."""
        self._disk = disk
        self._is_clean = True
        """Whether nothing is on the disk but the lines that count."""
        self.is_damaged = False
        """Whether more is there than lines of before and the rest of a write that was cut off."""
        self._is_named = False
        """Whether the name of the file would outlast a power cut."""

    def read(self, generation: str | None) -> list[Json]:
        """Learn the generation of the file; return the lines that count for it, oldest first.

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
        )  # zeros are what a power cut leaves of a write that was never acknowledged
        return counting

    def append(self, commit: Json, *, durable: bool) -> None:
        """Add a line: all or nothing.

        Raises:
            OSError: If it could not be written.
            TypeError, ValueError: If it says what JSON cannot say.
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
        """Begin anew: the file has this generation now, so that no line counts any more.

        Raises:
            OSError: If it could not be removed.
        """
        self._is_clean = self._is_clean and not self.size
        self.size, self.generation = 0, generation
        self.clean()

    def clean(self) -> None:
        """Remove what does not count; keep a copy of it if that is more than what a cut-off write has left.

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
    """Where the journal of a file is, if it has one."""
    return path.with_suffix('.journal')


def file_of(journal: Path) -> Path:
    """The file that a journal belongs to."""
    return journal.with_suffix('.json')


def generation_of(tables: Tables) -> str | None:
    """The generation of a file."""
    generation: Any = tables.get(META_TABLE, {}).get(ONLY_ID, {}).get('generation')
    return generation if isinstance(generation, str) else None


def with_generation(tables: Tables, generation: str) -> Tables:
    """The tables of a file of this generation."""
    return with_added(
        tables,
        {META_TABLE: {ONLY_ID: {**tables.get(META_TABLE, {}).get(ONLY_ID, {}), 'generation': generation}}},
    )


def new_generation() -> str:
    """A token that no file had before."""
    return secrets.token_hex(8)


def _encoded_line(says: Json) -> bytes:
    text = encode_json(says).encode()[1:-1]
    return _LINE_FORMAT % (crc32(text), text) + b'\n'


def _parsed_line(line: bytes) -> Json | None:
    """What a line says, or `None` if it is not whole."""
    text = line[_LINE_PREFIX_BYTES:-1]
    if line != _LINE_FORMAT % (crc32(text), text):
        return None
    said: Any = parsed(line)
    return said
