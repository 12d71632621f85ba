"""The folder of the trash: conversations that were deleted, as they were, for thirty days.

A file in `trash/` is what it was among the conversations, to the last byte, and has no journal.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from pydantic import TypeAdapter

from chat.change_signal import ChangeSignal
from chat.conversation.storage import TRASH_LIFETIME, ConversationSummary, TrashedConversation
from chat.errors import ChatError, ConversationExists, ConversationNotFound
from chat.store.conversations.conversation_file import ConversationFile, IndexedSummary
from chat.store.conversations.format import file_name
from chat.store.filesystem.disk import Disk, NotSynced
from chat.store.filesystem.layout import DataLayout
from chat.store.tinydb_storage.journal import journal_of
from chat.store.trash.blob_gc import blobs_named_by

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

INDEX_NAME = 'index.json'

TrashIndex: TypeAlias = Mapping[str, TrashedConversation]
"""By file name."""

_TRASH_INDEX = TypeAdapter(dict[str, TrashedConversation])


def now() -> datetime:
    """Return the time that is written into the trash."""
    return datetime.now(UTC)


class TrashFolder:
    """The files of all conversations in the trash.

    Blocks, except for `changed`, `conversations`, `expired`, `has` and `notify_changed`; for the disk thread
    only. Any method may raise `OSError`.
    """

    def __init__(self, layout: DataLayout, *, disk: Disk | None = None, clock: Clock = now) -> None:
        """List what is in the trash, and erase what has been there long enough by the clock."""
        self._layout = layout
        self.disk = disk or Disk()
        self._clock = clock
        self._index = read_trash_index(layout.trash, self.disk)
        """Replaced and never changed, for the event loop reads it."""
        self.erase_expired(self.expired)
        self.changed = ChangeSignal()
        self._notified_of = self._index

    @property
    def conversations(self) -> list[TrashedConversation]:
        """What is in the trash, the one deleted last first."""
        return sorted(self._index.values(), key=lambda row: row.deleted_at, reverse=True)

    def has(self, conversation_id: str) -> bool:
        """Return whether a conversation with this id is in the trash."""
        return any(row.conversation_id == conversation_id for row in self._index.values())

    @property
    def expired(self) -> list[str]:
        """The names of the files that have been there for long enough."""
        time = self._clock()
        return [name for name, row in self._index.items() if time - row.deleted_at > TRASH_LIFETIME]

    def notify_changed(self) -> None:
        """Notify `changed` if the content of the trash has changed; for the event loop only."""
        if self._notified_of is not self._index:
            self._notified_of = self._index
            self.changed.notify()

    def put(self, path: Path, summary: ConversationSummary) -> None:
        """Move a file, which has no journal, from the conversations into the trash."""
        name = self._free_name(path.name)
        rows = {**self._index, name: trashed_now(summary, self._clock())}
        write_trash_index(self._layout.trash, rows, self.disk)  # first: no file is there without its time
        self._move(path, self._layout.trash / name)
        self._index = rows

    def put_all(self, moved: Iterable[tuple[Path, ConversationSummary]]) -> None:
        """Move files at once, each as `put` does; those that were moved stay so if one cannot be."""
        rows, names = {**self._index}, dict[Path, str]()
        for path, summary in moved:
            names[path] = self._free_name(path.name)
            rows[names[path]] = trashed_now(summary, self._clock())
        write_trash_index(self._layout.trash, rows, self.disk)
        for path, name in names.items():
            self._move(path, self._layout.trash / name)
            self._index = {**self._index, name: rows[name]}

    def restore(self, conversation_id: str) -> IndexedSummary:
        """Move the file deleted last of those with this id back; return what the catalog lists of it.

        Raises:
            ConversationNotFound: If there is none in the trash.
            ConversationExists: If there is a conversation with this id that is not in the trash.
            FileDamaged, FileNewer: If it cannot be read. Then it stays in the trash.
        """
        name = self._name(conversation_id)
        source, target = self._layout.trash / name, self._layout.conversations / file_name(conversation_id)
        if target.exists():
            raise ConversationExists
        row = ConversationFile(source).indexed_summary()
        self._move(source, target)
        self._forget([name])
        return row

    def erase(self, conversation_id: str) -> set[str]:
        """Remove the file deleted last of those with this id for good; return the blobs it named.

        Raises:
            ConversationNotFound: If there is none in the trash.
        """
        name = self._name(conversation_id)
        named = self._remove([self._layout.trash / name])
        self._forget([name])
        is_here = (self._layout.conversations / file_name(conversation_id)).exists()
        return named if is_here else named | self.erase_copies(conversation_id)

    def erase_expired(self, among: Collection[str]) -> set[str]:
        """Erase those of these files that have been there for long enough; return the blobs they named.

        What fails is logged.
        """
        if not (expired := [name for name in self.expired if name in among]):
            return set()
        others, gone, named = self._other_files(), list[str](), set[str]()
        for name in expired:
            path = self._layout.conversations / file_name(self._index[name].conversation_id)
            try:
                named |= self._remove([self._layout.trash / name])
                gone.append(name)
                if not path.exists():
                    named |= self._remove(others.get(path.stem, []))
            except OSError as error:
                log.warning('%s was not erased as a whole: %s', name, error)
        if gone:
            self._forget(gone)
        return named

    def erase_copies(self, conversation_id: str) -> set[str]:
        """Remove all other files of a conversation for good: its backups, damaged ones, what was unsent.

        Return the blobs that they named.
        """
        path = self._layout.conversations / file_name(conversation_id)
        kept = {path, journal_of(path)} if path.exists() else set[Path]()
        return self._remove(
            {copy for folder in self._folders for copy in folder.glob(f'{path.stem}.*')} - kept
        )

    @property
    def _folders(self) -> Sequence[Path]:
        """Those with files of conversations outside the trash."""
        return self._layout.conversations, self._layout.backups, self._layout.drafts

    def _other_files(self) -> Mapping[str, list[Path]]:
        """Return all files in these folders, by the beginning that the names of a conversation share."""
        found = defaultdict[str, list[Path]](list)
        for folder in self._folders:
            for path in folder.glob('*'):
                found[path.name.partition('.')[0]].append(path)
        return found

    def _remove(self, paths: Iterable[Path]) -> set[str]:
        paths = list(paths)
        named = blobs_named_by(paths)
        for path in paths:
            self.disk.remove(path)
        return named

    def _name(self, conversation_id: str) -> str:
        names = [name for name, row in self._index.items() if row.conversation_id == conversation_id]
        if not names:
            raise ConversationNotFound
        return max(names, key=lambda name: self._index[name].deleted_at)

    def _free_name(self, name: str) -> str:
        """Return the name, with a number if an older file with the same id is there."""
        path = self._layout.trash / name
        number = 1
        while path.exists():
            number += 1
            path = path.with_name(f'{Path(name).stem}.{number}.json')
        return path.name

    def _move(self, source: Path, target: Path) -> None:
        try:
            self.disk.move(source, target)
        except NotSynced as error:  # it is where it should be; a power cut could only move it back
            log.warning('%s was moved, but the disk did not confirm it: %s', source.name, error)

    def _forget(self, names: Collection[str]) -> None:
        self._index = {each: row for each, row in self._index.items() if each not in names}
        write_trash_index(self._layout.trash, self._index, self.disk)


def read_trash_index(folder: Path, disk: Disk) -> TrashIndex:
    """Return a row for each file in the trash.

    Raises:
        OSError: If the folder cannot be read.
    """
    known = _known(folder / INDEX_NAME)
    names = sorted(path.name for path in folder.glob('*.json') if path.name != INDEX_NAME)
    rows = {name: known.get(name) or _trashed_file(folder / name) for name in names}
    if rows != known:
        write_trash_index(folder, rows, disk)
    return rows


def write_trash_index(folder: Path, rows: TrashIndex, disk: Disk) -> None:
    """Replace the index; a failure is only logged."""
    try:
        disk.replace(folder / INDEX_NAME, _TRASH_INDEX.dump_json(dict(rows)))
    except OSError as error:
        log.warning('The index of the trash was not written: %s', error)


def trashed_now(summary: ConversationSummary, deleted_at: datetime) -> TrashedConversation:
    """Return the row of a conversation that is deleted now."""
    return TrashedConversation(
        conversation_id=summary.conversation_id,
        title=summary.title,
        updated_at=summary.updated_at,
        deleted_at=deleted_at,
    )


def _known(path: Path) -> dict[str, TrashedConversation]:
    try:
        return _TRASH_INDEX.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        log.warning('The index of the trash cannot be read and is rebuilt: %s', error)
    except ValueError:  # without its text, which has titles
        log.warning('The index of the trash is invalid and is rebuilt')
    return {}


def _trashed_file(path: Path) -> TrashedConversation:
    try:
        return trashed_now(ConversationFile(path).indexed_summary().summary, datetime.now(UTC))
    except (OSError, ChatError):  # it can only be deleted
        unknown = ConversationSummary(
            conversation_id=path.stem, title=path.name, updated_at=datetime.now(UTC)
        )
        return trashed_now(unknown, datetime.now(UTC))
