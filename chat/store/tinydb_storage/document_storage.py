"""TinyDB on a storage of our own: a file that is replaced atomically while small, and later has a journal.

At rest there is no journal, and the file is an ordinary TinyDB file: `TinyDB(path)` opens it.
"""

import contextlib
import logging
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from chat.store.filesystem.disk import Disk, NotSynced
from chat.store.tinydb_storage.journal import (
    Journal,
    apply_delta,
    generation_of,
    journal_of,
    new_generation,
    text_delta,
    with_generation,
)
from chat.store.tinydb_storage.migration import Migration
from chat.store.tinydb_storage.tables import Json, Tables, add, encoded, table_diff, tables_in, with_added

log = logging.getLogger(__name__)

REWRITE_BELOW_BYTES = 256 * 1024
"""File size in bytes below which a commit rewrites it: about 200 messages, so nearly every conversation."""

MIN_JOURNAL_BYTES = 16 * 1024
"""Size in bytes below which a journal is never merged, however small its file is."""

_CONTINUES_KEY = 'goes_on'
"""Marks a commit that leaves the checkpoint unchanged."""


class DocumentStorage(Storage):
    """One file of JSON documents, cached in memory once it was read.

    Blocks; changes nothing on the disk until something is written. Every method may raise `OSError`, and then
    has changed neither the disk nor what is read afterwards.
    """

    def __init__(
        self, path: Path, *, disk: Disk, rewrite_below: float | None, migration: Migration | None = None
    ) -> None:
        """Use a file, which need not exist; without a journal if `rewrite_below` is `None`."""
        self.path = path
        self.checkpoint: str | None = None
        """The last checkpoint, unless a commit has invalidated it."""
        self._disk = disk
        self._migration = migration
        self._rewrite_below = rewrite_below or 0
        self._journal = None if rewrite_below is None else Journal(journal_of(path), disk)
        self._tables: Tables | None = None
        self._size = 0
        """Size of the file in bytes, without the journal."""

    def read(self) -> Tables | None:
        """Return the tables in a new dict; its content is shared and must not be edited.

        Raises:
            ValueError: If it does not hold JSON as TinyDB writes it.
        """
        if self._tables is None:
            self._load()
        return None if self._tables is None else dict(self._tables)

    def write(self, data: Tables) -> None:
        """Commit the differences from `read`."""
        added = table_diff(self.read() or {}, data)
        if added is None:  # something was removed, which a journal cannot express
            self._rewrite(data)
        else:
            self.put(added)

    def put(self, documents: Tables, *, voids_checkpoint: bool = True) -> None:
        """Commit added or replaced documents by id: all or nothing."""
        tables = self.read() or {}
        commit: Json = (
            {'tables': documents} if voids_checkpoint else {'tables': documents, _CONTINUES_KEY: True}
        )
        if (journal := self._journal_for(commit)) is None:
            self._rewrite(with_added(tables, documents))
            return
        journal.append(commit, durable=True)
        add(tables, documents)
        self._tables = tables
        self.checkpoint = None if voids_checkpoint else self.checkpoint
        self._merge_if_long(journal)

    def put_checkpoint(self, text: str) -> None:
        """Store a text beside an existing file, until the next commit invalidates it.

        Only the difference is written, so a text that grows at its end is written once in total. It
        survives the process, but perhaps not a power cut.
        """
        tables = self.read()
        if self._journal is None or tables is None or text == self.checkpoint:
            return
        if self._journal.generation is None:  # a file from elsewhere
            self._rewrite(tables)
        self._journal.append({'checkpoint': text_delta(self.checkpoint or '', text)}, durable=False)
        self.checkpoint = text

    def merge_journal(self) -> None:
        """Merge the journal into the file. Nothing is done while there is a valid checkpoint."""
        tables = self.read()
        if self._journal is None or self.checkpoint is not None:
            return
        if tables is not None and self._journal.size:
            self._rewrite(tables)
        self._journal.clean()

    def _load(self) -> None:
        self._tables, self.checkpoint, self._size = None, None, 0
        tables = tables_in(self.path)
        generation = generation_of(tables or {})
        for line in self._journal.read(generation) if self._journal else ():
            if checkpoint := line.get('checkpoint'):
                self.checkpoint = apply_delta(self.checkpoint or '', checkpoint)
            else:
                tables = tables or {}
                add(tables, line['tables'])
                self.checkpoint = self.checkpoint if line.get(_CONTINUES_KEY) else None
        self._size = self.path.stat().st_size if tables is not None else 0
        self._tables = self._migration.migrate(tables) if self._migration and tables else tables
        if self._journal and self._tables is not tables:
            self._journal.generation = None  # the next commit replaces the file

    def _journal_for(self, commit: Json) -> Journal | None:
        """Return the journal if commits are appended to it: for a large file, or while an answer runs."""
        if self._journal is None or self._journal.generation is None:
            return None
        is_answering = self.checkpoint is not None and _CONTINUES_KEY in commit
        return self._journal if is_answering or self._size >= self._rewrite_below else None

    def _merge_if_long(self, journal: Journal) -> None:
        if journal.size > max(self._size // 2, MIN_JOURNAL_BYTES):
            try:
                self.merge_journal()
            except OSError as error:  # the commit itself is in the journal
                log.warning('The journal of %s could not be merged: %s', self.path.name, error)

    def _rewrite(self, tables: Tables) -> None:
        before, generation = self._tables, new_generation()
        if self._journal is not None:
            tables = with_generation(tables, generation)
        data = encoded(tables)
        if self._migration is not None:
            self._migration.back_up()
        try:
            self._disk.replace(self.path, data)
        except NotSynced:
            self._undo_rewrite(before)
            raise
        self._tables, self._size, self.checkpoint = dict(tables), len(data), None
        if self._journal is not None:
            with contextlib.suppress(OSError):  # invalid lines are removed later
                self._journal.restart(generation)

    def _undo_rewrite(self, before: Tables | None) -> None:
        """Undo a rewrite that may not be durable and is reported as failed."""
        try:
            if before is None:
                self._disk.unlink(self.path)
            else:  # including the journal: applying its lines again is harmless
                self._disk.replace(self.path, encoded(before))
        except NotSynced:
            pass  # either content may survive, and both are valid
        except OSError as error:
            log.warning('A write to %s failed and could not be taken back: %s', self.path.name, error)
            self._tables = None  # the file is authoritative


class DocumentFile(TinyDB):
    """A TinyDB in a `DocumentStorage`, with methods beside its tables for what is read and written often."""

    def __init__(
        self,
        path: Path,
        *,
        disk: Disk | None = None,
        rewrite_below: float | None = None,
        migration: Migration | None = None,
    ) -> None:
        """Use a file, which need not exist.

        Args:
            path: The file; its folder exists.
            disk: Makes all changes to the disk.
            rewrite_below: File size in bytes from which a journal is used; `None` for never.
            migration: Converts older formats of this file, if there are any.
        """
        self.file = DocumentStorage(
            path, disk=disk or Disk(), rewrite_below=rewrite_below, migration=migration
        )
        super().__init__(storage=lambda: self.file)  # pyright: ignore[reportUnknownMemberType]  # untyped there

    def documents(self, table: str) -> Mapping[str, Json]:
        """Return all documents of a table by id; they must not be edited."""
        return (self.file.read() or {}).get(table, {})

    def put(self, table: str, documents: dict[str, Json]) -> None:
        """Add or replace documents by id."""
        self.file.put({table: documents})

    def remove_document(self, table: str, document_id: str) -> None:
        """Remove a document; do nothing if there is none with this id."""
        tables = self.file.read() or {}
        rest = {key: document for key, document in tables.get(table, {}).items() if key != document_id}
        if rest.keys() != tables.get(table, {}).keys():
            self.file.write({**tables, table: rest})

    def table(self, name: str, **_: object) -> 'DocumentTable':
        """Return a table, for everything else that TinyDB can do."""
        return DocumentTable(_CopyingStorage(self.file), name, cache_size=0)  # a cache would hold old results


class DocumentTable(Table):
    """A table whose ids are strings; a document that is inserted brings its own, as a `Document`."""

    document_id_class = str  # pyright: ignore[reportAssignmentType]  # TinyDB takes any class, but says int


class _CopyingStorage(Storage):
    """Gives a table copies of the documents: TinyDB edits in place what others still read."""

    def __init__(self, file: DocumentStorage) -> None:
        self._file = file

    def read(self) -> Tables | None:
        return deepcopy(self._file.read())

    def write(self, data: Tables) -> None:
        """Commit what differs; the documents that are the same stay the very ones that were read."""
        before = self._file.read() or {}
        self._file.write({name: _with_unchanged(before.get(name, {}), table) for name, table in data.items()})


def _with_unchanged(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, Json]:
    return {
        key: before[key] if key in before and before[key] == document else document
        for key, document in after.items()
    }
