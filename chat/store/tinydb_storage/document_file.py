"""TinyDB on our storage, with string ids. Everything here blocks; call it in the disk thread only."""

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from chat.store.filesystem.disk import Disk
from chat.store.tinydb_storage.document_storage import DocumentStorage
from chat.store.tinydb_storage.migration import Migration
from chat.store.tinydb_storage.tables import Json, sanitized


class DocumentTable(Table):
    """A table with string ids, and without the query cache, which would hold old results in memory."""

    document_id_class = str  # pyright: ignore[reportAssignmentType]  # TinyDB takes any class, but says int

    def __init__(self, storage: Storage, name: str) -> None:
        super().__init__(storage, name, cache_size=0)

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        """Update as TinyDB 4.9 does, but keep string ids, and edit copies of the documents."""
        tables: dict[str, Any] = self.storage.read() or {}
        table = _Editable(tables.get(self.name, {}))
        updater(table)
        tables[self.name] = dict(table)
        self.storage.write(tables)

    def _get_next_id(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        return uuid.uuid4().hex


class _Editable(dict[str, Json]):
    """Copies a document on access: TinyDB edits in place what others still read."""

    def __getitem__(self, key: str) -> Json:
        document = self[key] = sanitized(super().__getitem__(key))
        return document


class DocumentFile(TinyDB):
    """A TinyDB whose tables are `DocumentTable`s in a `DocumentStorage`."""

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

    def table(self, name: str, **_: object) -> DocumentTable:
        """Return a table, for everything else that TinyDB can do."""
        return DocumentTable(self.file, name)
