"""Drafts: prompts that are not sent yet, and that outlast a restart and a change of device."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chat.change_signal import ChangeSignal
from chat.conversation.storage import EMPTY_DRAFT, NEW_CONVERSATION, Draft
from chat.store.conversations.format import file_name
from chat.store.filesystem.disk import Disk, DiskThread
from chat.store.tinydb_storage.tables import sanitized

log = logging.getLogger(__name__)

_DRAFT = TypeAdapter(Draft)


class DraftStore:
    """All prompts that are being written, by the conversation they are for; for the event loop only."""

    def __init__(
        self, folder: Path, found: Mapping[str, Draft], *, disk_thread: DiskThread, disk: Disk
    ) -> None:
        self.changed = ChangeSignal()
        self._folder = folder
        self._drafts = dict(found)
        """By file name."""
        self._unstored = set[str]()
        """The names of those that are not stored as they are here, or may not be."""
        self._disk_thread = disk_thread
        self._disk = disk

    def get(self, conversation_id: str) -> Draft:
        """Return the draft of a conversation; `NEW_CONVERSATION` names that of the next one."""
        return self._drafts.get(_name(conversation_id), EMPTY_DRAFT)

    async def put(self, conversation_id: str, draft: Draft) -> None:
        """Store this draft of a conversation.

        Raises:
            OSError: If it cannot be stored. It is there until Parlour ends.
        """
        name, is_new = _name(conversation_id), draft != self.get(conversation_id)
        if is_new:
            self._drafts[name] = draft
            self.changed.notify()
        if is_new or name in self._unstored:
            self._unstored.add(name)
            await self._disk_thread.run(self._store, name, draft)
            if draft == self.get(conversation_id):
                self._unstored.discard(name)

    def _store(self, name: str, draft: Draft) -> None:
        if draft == EMPTY_DRAFT:
            self._disk.remove(self._folder / name)
        else:
            document = sanitized(_DRAFT.dump_python(draft, mode='json'))
            self._disk.replace(self._folder / name, json.dumps(document, ensure_ascii=False).encode())


def read_drafts(folder: Path, disk: Disk) -> dict[str, Draft]:
    """Read what was being written when Parlour ended, by file name; set aside a file that makes no sense.

    Raises:
        OSError: If the folder cannot be read.
    """
    found: dict[str, Draft] = {}
    for path in folder.glob('*.json'):
        try:
            found[path.name] = _DRAFT.validate_json(path.read_bytes())
        except (ValidationError, OSError) as error:
            log.warning('%s cannot be read: %s', path.name, type(error).__name__)
            disk.set_aside(path)
    return found


def _name(place: str) -> str:
    return 'new.json' if place == NEW_CONVERSATION else file_name(place)
