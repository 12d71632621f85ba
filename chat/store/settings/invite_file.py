"""Invites on disk: `invites.json`, with one document per invite, and no secret in it."""

import logging
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chat.sharing.invites import Invite
from chat.store.filesystem.disk import Disk
from chat.store.filesystem.disk_thread import DiskThread
from chat.store.settings.settings_file import SettingsFile
from chat.store.tinydb_storage.tables import Json

log = logging.getLogger(__name__)

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
