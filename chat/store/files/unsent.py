"""What stands in the prompt boxes: not sent yet, and there again on another device and after a restart."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chat.change import ChangeSignal
from chat.conversation.attachment import Attachment
from chat.store.disk.disk import Disk
from chat.store.disk.worker import Worker
from chat.store.documents.plain import plain
from chat.store.files.format import file_name

log = logging.getLogger(__name__)

NEW = 'new'
"""The place of the box of a conversation that has not begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A prompt that is being written."""

    text: str = ''
    attachments: tuple[Attachment, ...] = ()


NOTHING = Unsent()

_UNSENT = TypeAdapter(Unsent)


class UnsentPrompts:
    """All prompts that are being written, by the conversation they are for; for the event loop only."""

    def __init__(self, folder: Path, found: Mapping[str, Unsent], *, worker: Worker, disk: Disk) -> None:
        self.changed = ChangeSignal()
        self._folder = folder
        self._unsent = dict(found)
        """By file name."""
        self._worker = worker
        self._disk = disk

    def find(self, place: str) -> Unsent:
        """What stands in the box of a conversation, or in that of the next one if the place is `NEW`."""
        return self._unsent.get(_name(place), NOTHING)

    async def put(self, place: str, unsent: Unsent) -> None:
        """Have this stand in the box, and return when it is stored.

        Raises:
            OSError: If it cannot be stored. It is there until Parlour ends.
        """
        if unsent != self.find(place):
            self._unsent[_name(place)] = unsent
            self.changed.notify()
            await self._worker.run(self._store, _name(place), unsent)

    def _store(self, name: str, unsent: Unsent) -> None:
        if unsent == NOTHING:
            self._disk.remove(self._folder / name)
        else:
            document = plain(_UNSENT.dump_python(unsent, mode='json'))
            self._disk.replace(self._folder / name, json.dumps(document, ensure_ascii=False).encode())


def unsent_in(folder: Path, disk: Disk) -> dict[str, Unsent]:
    """What was being written when Parlour ended, by file name; a file that makes no sense is set aside.

    Raises:
        OSError: If the folder cannot be read.
    """
    found: dict[str, Unsent] = {}
    for path in folder.glob('*.json'):
        try:
            found[path.name] = _UNSENT.validate_json(path.read_bytes())
        except (ValidationError, OSError) as error:
            log.warning('%s cannot be read: %s', path.name, type(error).__name__)
            disk.set_aside(path)
    return found


def _name(place: str) -> str:
    return 'new.json' if place == NEW else file_name(place)
