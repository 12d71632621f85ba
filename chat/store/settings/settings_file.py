"""Settings on disk: small TinyDB files of which a start must not fail, and the preferences in one of them."""

import logging
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chat.conversation.chat_settings import Preferences
from chat.store.filesystem.disk import Disk
from chat.store.filesystem.disk_thread import DiskThread
from chat.store.tinydb_storage.document_file import DocumentFile
from chat.store.tinydb_storage.tables import Json

log = logging.getLogger(__name__)

FORMAT_VERSION = 1
"""Of the files in the data folder that are no conversations."""

ONLY_ID = '1'
"""The id of the one document."""

_PREFERENCES = TypeAdapter(Preferences)


class SettingsFile:
    """The documents of one table, all of which are read at once. Blocks; for the disk thread only.

    What cannot be read is set aside as `*.corrupt`. What a newer version wrote is left alone.
    """

    def __init__(self, path: Path, table: str, disk: Disk) -> None:
        self._path = path
        self._table = table
        self._disk = disk
        self._file = DocumentFile(path, disk=disk)
        self.trouble = ''
        """Why the last `read` has read nothing of what there is, as a sentence for the person."""

    def read(self) -> dict[str, Json]:
        """Return all documents by their ids; none if the file cannot be read."""
        self.trouble = ''
        try:
            if not self._is_newer():
                return dict(self._file.documents(self._table))
            self.trouble = f'{self._path.name} was written by a newer version of Parlour.'
        except OSError as error:
            self.trouble = f'{self._path.name} cannot be read: {error.strerror}.'
        except ValueError:  # whose text may quote what is in the file
            self.trouble = f'{self._path.name} is invalid and was set aside as {self._set_aside()}.'
        log.warning('%s', self.trouble)
        return {}

    def put(self, document_id: str, document: Json) -> None:
        """Add a document, in the place of the one that has this id.

        Raises:
            OSError: If it could not be written. Then the file is as before.
        """
        self._refuse_newer()
        marked = {'_meta': {'1': {'format_version': FORMAT_VERSION}}, self._table: {document_id: document}}
        self._file.file.put(marked)

    def remove(self, document_id: str) -> None:
        """Remove a document; that there is none is no error.

        Raises:
            OSError: If that failed. Then it is still there.
        """
        self._refuse_newer()
        self._file.remove_document(self._table, document_id)

    def _is_newer(self) -> bool:
        version = self._file.documents('_meta').get('1', {}).get('format_version')
        return isinstance(version, int) and version > FORMAT_VERSION

    def _refuse_newer(self) -> None:
        if self._is_newer():
            raise OSError(f'{self._path.name} was written by a newer version of Parlour')

    def _set_aside(self) -> str:
        try:
            return self._disk.set_aside(self._path).name
        except OSError:
            return self._path.name


class PreferencesFile:
    """Reads and writes preferences."""

    def __init__(self, path: Path, *, disk_thread: DiskThread, disk: Disk) -> None:
        self._file = SettingsFile(path, 'preferences', disk)
        self._disk_thread = disk_thread

    async def read(self) -> Preferences:
        """Return the stored preferences; the default for what is missing or makes no sense."""
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
