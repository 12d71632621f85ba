"""TinyDB over files that are replaced whole and atomically, and kept in memory once they were read.

At rest each file is an ordinary TinyDB file: `TinyDB(path)` opens it. All of this blocks; call it in
the worker thread only.
"""

import json
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeGuard

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from chat.store.files import replace
from chat.store.plain import Json, plain

Tables = dict[str, dict[str, Json]]
"""Documents by their ids, by the name of their table."""


class WholeFile(Storage):
    """One JSON file. A write that fails changes neither the file nor what is read afterwards."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tables: Tables | None = None
        self._batch: Tables | None = None

    def read(self) -> Tables | None:
        """The tables in a dict of the caller's own; the documents in it are shared and must not be edited.

        Raises:
            OSError: If there is a file and it cannot be read.
            ValueError: If it does not hold JSON as TinyDB writes it.
        """
        if self._batch is not None:
            return dict(self._batch)
        if self._tables is None:
            self._tables = tables_in(self.path)
        return None if self._tables is None else dict(self._tables)

    def write(self, data: Tables) -> None:
        """Replace the file, or, inside `batch`, remember to do so."""
        if self._batch is not None:
            self._batch = data
            return
        self._tables = None  # read again if the write fails: then the file says what holds
        replace(self.path, encoded(data))
        self._tables = dict(data)

    @contextmanager
    def batch(self) -> Generator[None]:
        """Make one commit of all that is written inside; of none of it, if an error comes out."""
        if self._batch is not None:
            raise RuntimeError('a batch inside a batch')
        before = self._batch = self.read() or {}
        try:
            yield
            after = self._batch
        finally:
            self._batch = None
        if after is not before:
            self.write(after)


class DocumentTable(Table):
    """A table with ids that are strings, and without the query cache, which would keep old results alive."""

    document_id_class = str  # pyright: ignore[reportAssignmentType]  # TinyDB takes any class, but says int

    def __init__(self, storage: Storage, name: str) -> None:
        super().__init__(storage, name, cache_size=0)

    def put(self, documents: dict[str, Json]) -> None:
        """Add documents by their ids, in the place of those that have these ids."""
        self._update_table(lambda table: table.update(documents))

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        """As in TinyDB 4.9, but the ids stay as they are, and the documents that are edited are copies."""
        tables: dict[str, Any] = self.storage.read() or {}
        table = _Editable(tables.get(self.name, {}))
        updater(table)
        tables[self.name] = dict(table)
        self.storage.write(tables)

    def _get_next_id(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        return uuid.uuid4().hex


class _Editable(dict[str, Json]):
    """Copies a document when it is taken out: TinyDB edits in place what others still read."""

    def __getitem__(self, key: str) -> Json:
        document = self[key] = plain(super().__getitem__(key))
        return document


class DocumentFile(TinyDB):
    """A TinyDB whose tables are `DocumentTable`s in a `WholeFile`."""

    def __init__(self, path: Path) -> None:
        self.file = WholeFile(path)
        super().__init__(storage=lambda: self.file)  # pyright: ignore[reportUnknownMemberType]  # untyped there

    def documents(self, table: str) -> Mapping[str, Json]:
        """All documents of a table by their ids; they are shared and must not be edited."""
        return (self.file.read() or {}).get(table, {})

    def put(self, table: str, documents: dict[str, Json]) -> None:
        """Add documents by their ids, in the place of those that have these ids."""
        self.table(table).put(documents)

    def table(self, name: str, **_: object) -> DocumentTable:
        """A table for whatever else TinyDB can do."""
        return DocumentTable(self.file, name)


def tables_in(path: Path) -> Tables | None:
    """What a TinyDB file holds, or `None` if there is no file or nothing in it.

    Raises:
        OSError: If there is a file and it cannot be read.
        ValueError: If it does not hold JSON as TinyDB writes it.
    """
    try:
        text = path.read_text(encoding='utf-8-sig')
        tables = json.loads(text) if text else None
    except FileNotFoundError:
        return None
    except RecursionError:
        raise ValueError('nested too deeply') from None
    if '\\ud' in text or '\\uD' in text:  # perhaps half a character: stock TinyDB writes what we would not
        tables = plain(tables)
    if tables is not None and not _is_tables(tables):
        raise ValueError('not a TinyDB file')
    return tables


def _is_tables(value: Any) -> bool:
    return _is_object(value) and all(
        _is_object(table) and all(_is_object(document) for document in table.values())
        for table in value.values()
    )


def _is_object(value: Any) -> TypeGuard[Json]:
    return isinstance(value, dict)


def encoded(tables: Tables) -> bytes:
    """The text of a file: JSON in UTF-8, one document per line."""
    return _braces(tables, lambda table: _braces(table, _json)).encode() + b'\n'


def _braces(items: dict[str, Any], text: Callable[[Any], str]) -> str:
    return '{\n' + ',\n'.join(f'{_json(key)}: {text(item)}' for key, item in items.items()) + '\n}'


_json = json.JSONEncoder(ensure_ascii=False).encode
