"""What was used, on disk: `usage-<year>.json`, a document for each day and model."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chat.conversation.usage_ledger import DayUsage, today
from chat.store.filesystem.disk import Disk, DiskThread
from chat.store.settings_files import SettingsFile

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

    async def read(self) -> Sequence[DayUsage]:
        """Return what was used this year; what makes no sense is left out."""
        return await self._disk_thread.run(self._read, today()[:4])

    async def read_all(self) -> Sequence[DayUsage]:
        """Return what was ever used."""
        paths = await asyncio.to_thread(lambda: sorted(self._folder.glob(PATTERN)))
        found: list[DayUsage] = []
        for path in paths:
            found += await self._disk_thread.run(self._read, path.stem.removeprefix('usage-'))
        return found

    async def put(self, usage: DayUsage) -> None:
        """Store it, in the place of what was stored of this day and model.

        Raises:
            OSError: If that failed; the file is as before.
        """
        file = self._file(usage.day[:4])
        await self._disk_thread.run(file.put, f'{usage.day} {usage.model}', asdict(usage))

    def _file(self, year: str) -> SettingsFile:
        if year not in self._files:
            self._files[year] = SettingsFile(self._folder / f'usage-{year}.json', 'days', self._disk)
        return self._files[year]

    def _read(self, year: str) -> list[DayUsage]:
        found: list[DayUsage] = []
        for name, document in self._file(year).read().items():
            try:
                found.append(_DAY.validate_python(document))
            except ValidationError:
                log.warning('What was used on %s is invalid and is ignored', name)
        return found
