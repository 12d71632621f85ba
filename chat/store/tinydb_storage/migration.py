"""Format migrations: convert files of older versions, and keep a backup."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from chat.store.filesystem.disk import Disk
from chat.store.tinydb_storage.tables import Tables, encoded, parsed

MigrationStep: TypeAlias = Callable[[Tables], Tables]
"""Converts tables to the next version; may edit its argument."""


class Migration:
    """Migrates the tables of one file to the current format, and backs up the old file before that."""

    def __init__(
        self, path: Path, *, version: int, steps: Mapping[int, MigrationStep], backups: Path, disk: Disk
    ) -> None:
        """Migrate a file that names its format, if that is older than `version`.

        Args:
            path: The file.
            version: The current version.
            steps: By the version that they convert.
            backups: The folder for backups.
            disk: Writes the backup.
        """
        self._path = path
        self._version = version
        self._steps = steps
        self._backups = backups
        self._disk = disk
        self._old: tuple[int, bytes] | None = None

    def migrate(self, tables: Tables) -> Tables:
        """Return the tables in the current format; the same object if nothing is to be done.

        Raises:
            ValueError: If there is no migration from their format.
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
        """Back up the file if it has an older format; call this before it is replaced.

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
    """Return the tables with this version and without a generation, which invalidates any journal."""
    meta = {key: value for key, value in tables['_meta']['1'].items() if key != 'generation'}
    return {**tables, '_meta': {'1': {**meta, 'format_version': version}}}
