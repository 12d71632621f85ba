"""The servers that were added in the page, on disk: `servers.json`; their keys are in `keys.json`."""

import logging
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chat.agent.added_servers import NAME, AddedServer, checked_address
from chat.agent.servers import split_credentials
from chat.errors import ServerRefused
from chat.store.filesystem.disk import Disk
from chat.store.filesystem.disk_thread import DiskThread
from chat.store.settings.settings_file import SettingsFile
from chat.store.tinydb_storage.tables import Json

log = logging.getLogger(__name__)

_SERVER = TypeAdapter(AddedServer)


class ServersFile:
    """Keeps servers by their names in small letters."""

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
