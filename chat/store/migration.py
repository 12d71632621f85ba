"""Formats: how the file of an older version becomes one of today's, and where the old one is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from chat.store.disk import Disk
from chat.store.format import FORMAT_VERSION
from chat.store.layout import Layout
from chat.store.tables import Tables, encoded, parsed

Step: TypeAlias = Callable[[Tables], Tables]

STEPS: dict[int, Step] = {}
"""What makes the tables of the next version, by the version before; each may edit what it is given."""


class Migration:
    """Brings the tables of one file to today's format, and keeps the old file before it is replaced."""

    def __init__(self, path: Path, *, disk: Disk) -> None:
        """Migrate this file, one of the conversations of a data folder if it says its format."""
        self._path = path
        self._disk = disk
        self._old: tuple[int, bytes] | None = None

    def applied(self, tables: Tables) -> Tables:
        """The tables as they are in today's format; the same object if nothing is to be done.

        Raises:
            ValueError: If there is no way from their format to today's.
        """
        version = _version(tables)
        if version is None or version >= FORMAT_VERSION:
            return tables
        text = encoded(tables)
        tables = parsed(text)
        for number in range(version, FORMAT_VERSION):
            if number not in STEPS:
                raise ValueError(f'no way from version {number}')
            tables = _marked(STEPS[number](tables), number + 1)
        self._old = version, text
        return tables

    def keep(self) -> None:
        """Store the file as it was, if it was of an older format; to be called before it is replaced.

        Raises:
            OSError: If it cannot be stored.
        """
        if self._old is None:
            return
        version, text = self._old
        backups = Layout(self._path.parent.parent).backups
        self._disk.make_folder(backups)
        self._disk.replace(backups / f'{self._path.stem}.v{version}.json', text)
        self._old = None


def _version(tables: Tables) -> int | None:
    version: Any = tables.get('_meta', {}).get('1', {}).get('format_version')
    return version if isinstance(version, int) else None


def _marked(tables: Tables, version: int) -> Tables:
    """The tables as those of this version, and of no generation, so that no journal counts for them."""
    meta = {key: value for key, value in tables['_meta']['1'].items() if key != 'generation'}
    return {**tables, '_meta': {'1': {**meta, 'format_version': version}}}
