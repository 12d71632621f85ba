"""A cache of the conversation files in use; a file that leaves it has no journal."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from chat.errors import ChatError
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.conversation_file import ConversationFile, IndexedSummary
from chat.store.conversations.format import dump_entry, dump_record, interrupted_answers, with_interrupted
from chat.store.filesystem.disk import Disk
from chat.store.tinydb_storage.journal import journal_of
from chat.store.tinydb_storage.tables import Json

log = logging.getLogger(__name__)

MAX_OPEN_FILES = 32
"""How many files stay in memory after they were read; a usual one takes some 100 KB."""


class OpenFileCache:
    """The files used last, in memory. Blocks; for the disk thread only.

    Every method that takes a name may raise `OSError`, `FileDamaged` or `FileNewer`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        blobs: BlobStore,
        disk: Disk,
        rewrite_below: float,
        max_files: int = MAX_OPEN_FILES,
    ) -> None:
        self.folder = folder
        self._blobs = blobs
        self._disk = disk
        self._rewrite_below = rewrite_below
        self._max_files = max_files
        self._open: dict[str, ConversationFile] = {}
        """By file name, the one used last at the end."""

    def __iter__(self) -> Iterator[ConversationFile]:
        """Iterate over the files in memory, the one used last first."""
        return reversed(list(self._open.values()))

    def file(self, name: str) -> ConversationFile:
        """Return the file with this name; it stays in memory if it exists."""
        file = self.peek(name)
        if not file.is_new:
            self.add(file)
        return file

    def peek(self, name: str) -> ConversationFile:
        """Return the file with this name, from memory or else as the disk has it now."""
        return self._open.get(name) or self._read(self.folder / name)

    def add(self, file: ConversationFile) -> None:
        """Keep a file in memory as the one used last, in the place of the one used least recently.

        This file itself stays, and so does each that is not idle, however many there are: read again, an
        answer under way would look as if the process had died in mid-answer.
        """
        self._open.pop(file.path.name, None)
        self._open[file.path.name] = file
        idle = [name for name, each in self._open.items() if each is not file and each.is_idle]
        for name in idle[: max(0, len(self._open) - self._max_files)]:
            try:
                self._open.pop(name).merge_journal()
            except OSError as error:
                log.warning('The journal of %s could not be merged: %s', name, error)

    def evict(self, name: str) -> None:
        """Leave a file without a journal, and read it again when it is needed again."""
        file = self.peek(name)
        if interrupted := self._interrupted(file):
            file.commit(*interrupted)  # or nothing: whoever has it open must not see another revision
        file.store_recovered()
        file.merge_journal()
        self._open.pop(name, None)

    def remove(self, name: str) -> None:
        """Remove a file for good; a journal without it says nothing, and goes now or with the next start."""
        path = self.folder / name
        self._open.pop(name, None)
        self._disk.remove(path)
        try:
            self._disk.remove(journal_of(path))
        except OSError as error:
            log.warning('The journal of %s could not be removed yet: %s', name, error)

    def recover_journals(self) -> list[IndexedSummary]:
        """Leave no file with a journal; return what the catalog lists anew. What fails is logged."""
        rows: list[IndexedSummary] = []
        for journal in self.folder.glob('*.journal'):
            path = journal.with_suffix('.json')
            try:
                if not path.exists():  # the process died inside `remove`
                    self._disk.remove(journal)
                    continue
                file = self.peek(path.name)
                self._recover(file)
                file.merge_journal()
                rows.append(file.indexed_summary())
            except (OSError, ChatError) as error:
                log.warning('%s stays as it is: %s', journal.name, error)
        return rows

    def _read(self, path: Path) -> ConversationFile:
        file = ConversationFile(path, disk=self._disk, rewrite_below=self._rewrite_below)
        try:
            self._recover(file)  # one that is being answered is in memory
        except OSError as error:  # what was stored can be read all the same
            log.warning('An unfinished answer in %s cannot be stored now: %s', path.name, error)
            self._open[path.name] = file
        return file

    def _recover(self, file: ConversationFile) -> None:
        """Make ordinary entries of what was said to a question when the process died."""
        if interrupted := self._interrupted(file):
            file.recover(*interrupted)
        file.store_recovered()

    def _interrupted(self, file: ConversationFile) -> tuple[Json, dict[str, Json]] | None:
        """Return the record and the new entries that a checkpoint makes; `None` if there is none."""
        record = file.record()
        if file.checkpoint is None or record is None:
            return None
        record, found = with_interrupted(
            record, interrupted_answers(file.checkpoint, self._blobs, record.head_id)
        )
        if found:
            record = replace(record, revision=str(uuid4()), updated_at=datetime.now(UTC))
        entries: dict[str, Json] = {entry.id: dump_entry(entry) for entry in found}
        return dump_record(record), self._blobs.externalize(entries)
