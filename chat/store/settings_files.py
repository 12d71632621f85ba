"""Settings on disk: preferences, servers and invites, in small TinyDB files that no start depends on."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from chat.agent.added_servers import NAME, AddedServer, checked_address
from chat.agent.mcp.entries import StoredServer, url_problem
from chat.agent.servers import split_credentials
from chat.conversation.content.chat_settings import Preferences
from chat.errors import ServerRefused
from chat.store.filesystem.disk import Disk, DiskThread
from chat.store.tinydb_storage.document_storage import DocumentFile
from chat.store.tinydb_storage.tables import Json

log = logging.getLogger(__name__)

T = TypeVar('T')

FORMAT_VERSION = 1
"""Of the files in the data folder that are no conversations."""

ONLY_ID = '1'
"""The id of the one document."""

_PREFERENCES = TypeAdapter(Preferences)


class SettingsFile:
    """The documents of one table, all of which are read at once. Blocks; for the disk thread only.

    What cannot be read is set aside as `*.corrupt`, unless that would be worse than to keep it. What a newer
    version wrote is left alone.
    """

    def __init__(self, path: Path, table: str, disk: Disk, *, sets_aside: bool = True) -> None:
        self.name = path.name
        self._sets_aside = sets_aside
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
            aside = f' and was set aside as {self._set_aside()}' if self._sets_aside else ''
            self.trouble = f'{self._path.name} is invalid{aside}.'
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


def readable_preferences(document: Json) -> Preferences:
    """Return the preferences in a document; the default for what is missing or makes no sense."""
    try:
        return _PREFERENCES.validate_python(document)
    except ValidationError as error:
        senseless = {str(metadata['loc'][0]) for metadata in error.errors(include_input=False)}
        log.warning('Invalid settings are ignored: %s', ', '.join(sorted(senseless)))
        rest = {name: value for name, value in document.items() if name not in senseless}
        return _PREFERENCES.validate_python(rest)


class PreferencesFile:
    """Reads and writes preferences."""

    def __init__(self, path: Path, *, disk_thread: DiskThread, disk: Disk) -> None:
        self._file = SettingsFile(path, 'preferences', disk)
        self._disk_thread = disk_thread

    async def read(self) -> Preferences:
        """Return the stored preferences; the default for what is missing or makes no sense."""
        return readable_preferences((await self._disk_thread.run(self._file.read)).get(ONLY_ID, {}))

    async def write(self, preferences: Preferences) -> None:
        """Store them.

        Raises:
            OSError: If that failed; what was stored before is still there.
        """
        document = _PREFERENCES.dump_python(preferences, mode='json')
        await self._disk_thread.run(self._file.put, ONLY_ID, document)


class ValuesFile(Generic[T]):
    """Keeps values of one kind in a file of their own, a document each; it is a `ValueStorage`."""

    def __init__(
        self,
        path: Path,
        kind: TypeAdapter[T],
        *,
        key: Callable[[T], str],
        check: Callable[[T], T | None] = lambda value: value,
        disk_thread: DiskThread,
        disk: Disk,
        is_strict: bool = False,
    ) -> None:
        """Read nothing yet.

        Args:
            path: The file; its table has its name.
            is_strict: Whether a value that makes no sense is trouble, and the file stays where it is.
            kind: What the values are.
            key: Gives the id of the document of a value.
            check: Returns a value that was read as it is to be used; `None` if it makes no sense.
            disk_thread: Where it is read and written.
            disk: With which.
        """
        self._file = SettingsFile(path, path.stem, disk, sets_aside=not is_strict)
        self._is_strict = is_strict
        self._kind = kind
        self._key = key
        self._check = check
        self._disk_thread = disk_thread

    @property
    def trouble(self) -> str:
        """Why the last `read` has read nothing of what there is, as a sentence; '' if it could."""
        return self._file.trouble

    async def read(self) -> list[T]:
        """Return all values, the one added first first, without those that make no sense."""
        documents = await self._disk_thread.run(self._file.read)
        values = [value for key, document in documents.items() if (value := self._value(key, document))]
        if self._is_strict and len(values) < len(documents):
            self._file.trouble = f'{self._file.name} has something that this Parlour does not know.'
        return values

    async def put(self, value: T) -> None:
        """Store a value, in the place of the one with its key.

        Raises:
            OSError: If that failed. Then it is as before.
        """
        document = self._kind.dump_python(value, mode='json')
        await self._disk_thread.run(self._file.put, self._key(value), document)

    async def remove(self, value: T) -> None:
        """Forget the value with this key; that there is none is no error.

        Raises:
            OSError: If that failed. Then it is still there.
        """
        await self._disk_thread.run(self._file.remove, self._key(value))

    def _value(self, key: str, document: Json) -> T | None:
        try:
            value = self._kind.validate_python(document)
        except ValidationError:
            pass  # said below, as when a value is not valid
        else:
            if self._key(value) == key and (checked := self._check(value)):
                return checked
        log.warning('%s in the stored %s is invalid and is ignored', key, self._file.name)
        return None


def server_key(server: AddedServer | StoredServer) -> str:
    """Return the key of a server: its name in small letters."""
    return server.name.lower()


def checked_server(server: AddedServer) -> AddedServer | None:
    """Return a server with its address made complete, without a password; `None` if that leads nowhere."""
    try:
        url, _ = split_credentials(checked_address(server.url))
    except ServerRefused:
        return None
    # A provider that is newer than a server may have its name: the server is the one that was meant.
    return replace(server, url=url) if NAME.fullmatch(server.name) else None


def checked_mcp_server(server: StoredServer) -> StoredServer | None:
    """Return a server whose address is one; whatever else stands in its document, a command is never read."""
    return None if server.url and url_problem(server.url) else server
