"""Formats: how a file of an older version becomes one of today's, and where the old one is kept."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from chat.store.filesystem.disk import Disk
from chat.store.tinydb_storage.tables import Tables, encoded, parsed

MigrationStep: TypeAlias = Callable[[Tables], Tables]
"""Makes the tables of the next version; it may edit what it is given."""


class Migration:
    """Brings the tables of one file to today's format, and keeps the old file before it is replaced."""

    def __init__(
        self, path: Path, *, version: int, steps: Mapping[int, MigrationStep], backups: Path, disk: Disk
    ) -> None:
        """Migrate a file that says its format, if that is older than `version`.

        Args:
            path: The file.
            version: That of today.
            steps: By the version before.
            backups: The folder for the old file.
            disk: Stores it there.
        """
        self._path = path
        self._version = version
        self._steps = steps
        self._backups = backups
        self._disk = disk
        self._old: tuple[int, bytes] | None = None

    def migrate(self, tables: Tables) -> Tables:
        """The tables as they are in today's format; the same object if nothing is to be done.

        Raises:
            ValueError: If there is no way from their format to today's.
        """
        version = _version(tables)
        if version is None or version >= self._version:
            return tables
        text = encoded(tables)
        tables = parsed(text)
        for number in range(version, self._version):
            if number not in self._steps:
                raise ValueError(f'no way from version {number}')
            tables = _with_version(self._steps[number](tables), number + 1)
        self._old = version, text
        return tables

    def back_up(self) -> None:
        """Store the file as it was, if it was of an older format; to be called before it is replaced.

        Raises:
            OSError: If it cannot be stored.
        """
        if self._old is None:
            return
        version, text = self._old
        self._disk.make_folder(self._backups)
        self._disk.replace(self._backups / f'{self._path.stem}.v{version}.json', text)
        self._old = None


def _version(tables: Tables) -> int | None:
    version: Any = tables.get('_meta', {}).get('1', {}).get('format_version')
    return version if isinstance(version, int) else None


def _with_version(tables: Tables, version: int) -> Tables:
    """The tables as those of this version, and of no generation, so that no journal counts for them."""
    meta = {key: value for key, value in tables['_meta']['1'].items() if key != 'generation'}
    return {**tables, '_meta': {'1': {**meta, 'format_version': version}}}
