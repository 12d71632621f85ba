"""Settings on disk: preferences, servers and invites, in small TinyDB files that no start depends on."""

import logging
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chat.agent.added_servers import NAME, AddedServer, checked_address
from chat.agent.mcp.entries import StoredServer, url_problem
from chat.agent.servers import split_credentials
from chat.conversation.chat_settings import Preferences
from chat.errors import ServerRefused
from chat.sharing.invites import Invite
from chat.store.filesystem.disk import Disk, DiskThread
from chat.store.tinydb_storage.document_storage import DocumentFile
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


_SERVER = TypeAdapter(AddedServer)


class ServersFile:
    """Keeps servers of models by their names in small letters."""

    def __init__(self, path: Path, *, disk_thread: DiskThread, disk: Disk) -> None:
        self._file = SettingsFile(path, 'servers', disk)
        self._disk_thread = disk_thread

    @property
    def trouble(self) -> str:
        """Why `read` has read nothing, as a sentence; '' if it could."""
        return self._file.trouble

    async def read(self) -> list[AddedServer]:
        """Return all stored servers, the one added first first, without those that make no sense."""
        documents = await self._disk_thread.run(self._file.read)
        return [server for name, document in documents.items() if (server := _server(name, document))]

    async def put(self, server: AddedServer) -> None:
        """Store a server, in the place of the one with its name.

        Raises:
            OSError: If that failed. Then it is as before.
        """
        await self._disk_thread.run(
            self._file.put, server.name.lower(), _SERVER.dump_python(server, mode='json')
        )

    async def remove(self, server: AddedServer) -> None:
        """Forget a server; that there is none is no error.

        Raises:
            OSError: If that failed. Then it is still there.
        """
        await self._disk_thread.run(self._file.remove, server.name.lower())


def _server(name: str, document: Json) -> AddedServer | None:
    try:
        server = _SERVER.validate_python(document)
        url, _ = split_credentials(checked_address(server.url))
        # A provider that is newer than a server may have its name: the server is the one that was meant.
        if NAME.fullmatch(server.name) and server.name.lower() == name:
            return replace(server, url=url)
    except (ValidationError, ServerRefused):
        pass  # said below, as when the name is wrong
    log.warning('The saved server %s is invalid and is ignored', name)
    return None


_MCP_SERVER = TypeAdapter(StoredServer)


class McpServersFile:
    """Keeps servers of tools by their names in small letters."""

    def __init__(self, path: Path, *, disk_thread: DiskThread, disk: Disk) -> None:
        self._file = SettingsFile(path, 'mcp_servers', disk)
        self._disk_thread = disk_thread

    @property
    def trouble(self) -> str:
        """Why `read` has read nothing, as a sentence; '' if it could."""
        return self._file.trouble

    async def read(self) -> list[StoredServer]:
        """Return all stored servers, the one added first first, without those that make no sense."""
        documents = await self._disk_thread.run(self._file.read)
        return [server for name, document in documents.items() if (server := _mcp_server(name, document))]

    async def put(self, server: StoredServer) -> None:
        """Store a server, in the place of the one with its name.

        Raises:
            OSError: If that failed. Then it is as before.
        """
        document = _MCP_SERVER.dump_python(server, mode='json')
        await self._disk_thread.run(self._file.put, server.name.lower(), document)

    async def remove(self, name: str) -> None:
        """Forget a server; that there is none is no error.

        Raises:
            OSError: If that failed. Then it is still there.
        """
        await self._disk_thread.run(self._file.remove, name.lower())


def _mcp_server(name: str, document: Json) -> StoredServer | None:
    """Return a server; whatever else stands in the document, a command is nothing that is read."""
    try:
        server = _MCP_SERVER.validate_python(document)
    except ValidationError:
        pass  # said below, as when the name or the address is wrong
    else:
        if server.name.lower() == name and not (server.url and url_problem(server.url)):
            return server
    log.warning('The saved MCP server %s is invalid and is ignored', name)
    return None


_INVITE = TypeAdapter(Invite)


class InviteFile:
    """Keeps invites until they are over."""

    def __init__(self, path: Path, *, disk_thread: DiskThread, disk: Disk) -> None:
        self._file = SettingsFile(path, 'invites', disk)
        self._disk_thread = disk_thread

    async def read(self) -> list[Invite]:
        """Return all stored invites; one that cannot be read lets nobody in."""
        documents = await self._disk_thread.run(self._file.read)
        return [invite for document in documents.values() if (invite := _invite(document))]

    async def put(self, invite: Invite) -> None:
        """Store an invite, in the place of the one with its id.

        Raises:
            OSError: If that failed.
        """
        document = _INVITE.dump_python(invite, mode='json')
        await self._disk_thread.run(self._file.put, invite.id, document)

    async def remove(self, invite_id: str) -> None:
        """Forget an invite; that there is none is no error.

        Raises:
            OSError: If that failed. Then it is still there.
        """
        await self._disk_thread.run(self._file.remove, invite_id)


def _invite(document: Json) -> Invite | None:
    try:
        return _INVITE.validate_python(document)
    except ValidationError:
        log.warning('An invite is invalid and is ignored')
        return None
