"""What was used, on disk: `usage-<year>.json`, a document for each day and model."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from chat.conversation.usage_ledger import EVER, DayUsage
from chat.store.filesystem.disk import Disk, DiskThread
from chat.store.settings_files import SettingsFile
from chat.store.tinydb_storage.tables import Json

log = logging.getLogger(__name__)

PATTERN = 'usage-[0-9][0-9][0-9][0-9].json'

_DAY = TypeAdapter(DayUsage)


class UsageFiles:
    """A file a year, so that an answer costs no more to store after ten years."""

    def __init__(self, folder: Path, *, disk_thread: DiskThread, disk: Disk) -> None:
        self._folder = folder
        self._disk_thread = disk_thread
        self._disk = disk
        self._files: dict[str, SettingsFile] = {}

    async def read(self, since: str = EVER) -> Sequence[DayUsage]:
        """Return what was used on this day and later, without what makes no sense."""
        return [each for each in await self._disk_thread.run(self._read, since[:4]) if each.day >= since]

    async def add(self, usage: DayUsage, booking: UUID) -> None:
        """Add it to what was used; if that failed, nothing of it was stored, whatever its number.

        Raises:
            OSError: If that failed; the file is as before.
        """
        await self._disk_thread.run(self._add, usage)

    def _file(self, year: str) -> SettingsFile:
        if year not in self._files:
            self._files[year] = SettingsFile(self._folder / f'usage-{year}.json', 'days', self._disk)
        return self._files[year]

    def _read(self, first_year: str) -> list[DayUsage]:
        years = (path.stem.removeprefix('usage-') for path in sorted(self._folder.glob(PATTERN)))
        documents = (self._file(year).read() for year in years if year >= first_year)
        return [
            usage for each in documents for name in each if (usage := _readable(name, each[name])) is not None
        ]

    def _add(self, usage: DayUsage) -> None:
        file, name = self._file(usage.day[:4]), f'{usage.day} {usage.model}'
        document = file.read().get(name)
        known = _readable(name, document) if document else None
        file.put(name, asdict(known.plus(usage) if known else usage))


def _readable(name: str, document: Json) -> DayUsage | None:
    try:
        return _DAY.validate_python(document)
    except ValidationError:
        log.warning('What was used on %s is invalid and is ignored', name)
        return None
