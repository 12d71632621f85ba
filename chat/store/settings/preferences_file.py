"""Preferences on disk: `settings.json`."""

import logging
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chat.conversation.preferences import Preferences
from chat.store.filesystem.disk import Disk
from chat.store.filesystem.disk_thread import DiskThread
from chat.store.settings.settings_file import SettingsFile

log = logging.getLogger(__name__)

ONLY_ID = '1'
"""The id of the one document."""

_PREFERENCES = TypeAdapter(Preferences)


class PreferencesFile:
    """Reads and writes preferences."""

    def __init__(self, path: Path, *, disk_thread: DiskThread, disk: Disk) -> None:
        self._file = SettingsFile(path, 'preferences', disk)
        self._disk_thread = disk_thread

    async def read(self) -> Preferences:
        """What is stored; the usual where nothing is, or nothing that makes sense."""
        document = (await self._disk_thread.run(self._file.read)).get(ONLY_ID, {})
        try:
            return _PREFERENCES.validate_python(document)
        except ValidationError as error:
            senseless = {str(metadata['loc'][0]) for metadata in error.errors(include_input=False)}
            log.warning('Invalid settings are ignored: %s', ', '.join(sorted(senseless)))
            rest = {name: value for name, value in document.items() if name not in senseless}
            return _PREFERENCES.validate_python(rest)

    async def write(self, preferences: Preferences) -> None:
        """Store them.

        Raises:
            OSError: If that failed; what was stored before is still there.
        """
        document = _PREFERENCES.dump_python(preferences, mode='json')
        await self._disk_thread.run(self._file.put, ONLY_ID, document)
