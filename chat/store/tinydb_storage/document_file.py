"""TinyDB on our storage, with string ids. Everything here blocks; call it in the disk thread only."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from chat.store.filesystem.disk import Disk
from chat.store.tinydb_storage.document_storage import DocumentStorage
from chat.store.tinydb_storage.migration import Migration
from chat.store.tinydb_storage.tables import Json, Tables


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
