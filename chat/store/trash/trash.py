"""The trash: deleted conversations, kept unchanged for thirty days.

A file in `trash/` is identical to what it was among the conversations, and has no journal.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chat.errors import ChatError, ConversationNotFound
from chat.store.conversations.conversation_file import ConversationFile
from chat.store.conversations.format import file_name
from chat.store.conversations.summary import ConversationSummary, IndexedSummary
from chat.store.filesystem.disk import Disk, NotSynced
from chat.store.filesystem.layout import DataLayout
from chat.store.tinydb_storage.journal import journal_of
from chat.store.trash.blob_gc import blobs_named_by
from chat.store.trash.trash_index import TrashedConversation, read_trash_index, trashed_now, write_trash_index

log = logging.getLogger(__name__)

TRASH_LIFETIME = timedelta(days=30)
"""How long a conversation stays in the trash; it is deleted within the hour after that."""


Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the current time, as stored in the trash."""
    return datetime.now(UTC)


class ConversationExists(ChatError):
    """A conversation cannot be restored because another one has its id."""

    sentence = 'A newer chat has the same id. Delete that one first, then restore this one.'


class Trash:
    """All conversations in the trash.

    Blocks, except for `trashed` and `has`; for the disk thread only. Any method may raise `OSError`.
    """

    def __init__(self, layout: DataLayout, *, disk: Disk | None = None, clock: Clock = now) -> None:
        """List what is in the trash, and delete what has expired."""
        self._layout = layout
        self._disk = disk or Disk()
        self._clock = clock
        self._index = read_trash_index(layout.trash, self._disk)
        """Replaced and never changed, since the event loop reads it."""
        self.erase_expired()

    @property
    def trashed(self) -> list[TrashedConversation]:
        """The conversations in the trash, the one deleted last first."""
        return sorted(self._index.values(), key=lambda row: row.deleted_at, reverse=True)

    def has(self, conversation_id: str) -> bool:
        """Return whether a conversation with this id is in the trash."""
        return any(row.conversation_id == conversation_id for row in self._index.values())

    def put(self, path: Path, summary: ConversationSummary) -> None:
        """Move a file, which has no journal, from the conversations into the trash."""
        name = self._free_name(path.name)
        rows = {**self._index, name: trashed_now(summary, self._clock())}
        write_trash_index(self._layout.trash, rows, self._disk)  # first: no file without its time
        self._move(path, self._layout.trash / name)
        self._index = rows

    def restore(self, conversation_id: str) -> IndexedSummary:
        """Move the file with this id that was deleted last back; return its summary for the catalog.

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
        self._forget(name)
        return row

    def erase(self, conversation_id: str) -> set[str]:
        """Delete the file with this id that was deleted last; return the blobs it named.

        Raises:
            ConversationNotFound: If there is none in the trash.
        """
        return self._erase(self._name(conversation_id))

    def erase_copies(self, conversation_id: str) -> set[str]:
        """Delete all other files of a conversation: backups, damaged copies and its draft.

        Return the blobs that they named.
        """
        path = self._layout.conversations / file_name(conversation_id)
        kept = {path, journal_of(path)} if path.exists() else set[Path]()
        folders = (self._layout.conversations, self._layout.backups, self._layout.drafts)
        return self._remove({copy for folder in folders for copy in folder.glob(f'{path.stem}.*')} - kept)

    def _erase(self, name: str) -> set[str]:
        conversation_id = self._index[name].conversation_id
        named = self._remove([self._layout.trash / name])
        self._forget(name)
        if not (self._layout.conversations / file_name(conversation_id)).exists():
            named |= self.erase_copies(conversation_id)  # else they may belong to the other one
        return named

    def _remove(self, paths: Iterable[Path]) -> set[str]:
        paths = list(paths)
        named = blobs_named_by(paths)
        for path in paths:
            self._disk.remove(path)
        return named

    def _name(self, conversation_id: str) -> str:
        names = [name for name, row in self._index.items() if row.conversation_id == conversation_id]
        if not names:
            raise ConversationNotFound
        return max(names, key=lambda name: self._index[name].deleted_at)

    def _free_name(self, name: str) -> str:
        """Return the name, with a number if an older file with the same id exists."""
        path = self._layout.trash / name
        number = 1
        while path.exists():
            number += 1
            path = path.with_name(f'{Path(name).stem}.{number}.json')
        return path.name

    def _move(self, source: Path, target: Path) -> None:
        try:
            self._disk.move(source, target)
        except NotSynced as error:  # it was moved; a power cut could only move it back
            log.warning('%s was moved, but the disk did not confirm it: %s', source.name, error)

    def _forget(self, name: str) -> None:
        self._index = {each: row for each, row in self._index.items() if each != name}
        write_trash_index(self._layout.trash, self._index, self._disk)

    def erase_expired(self) -> set[str]:
        """Delete expired files; return the blobs they named. Failures are logged."""
        time, named = self._clock(), set[str]()
        for name in [name for name, row in self._index.items() if time - row.deleted_at > TRASH_LIFETIME]:
            try:
                named |= self._erase(name)
            except OSError as error:
                log.warning('%s stays in the trash: %s', name, error)
        return named
