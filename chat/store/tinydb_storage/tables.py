"""The text of a TinyDB file: read as its tables, and written with one document per line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

from chat.store.tinydb_storage.json_sanitize import Json, sanitized

Tables: TypeAlias = dict[str, dict[str, Json]]
"""Documents by their ids, by the name of their table."""


def tables_in(path: Path) -> Tables | None:
    """What a TinyDB file holds, or `None` if there is no file or nothing in it.

    Raises:
        OSError: If there is a file and it cannot be read.
        ValueError: If it does not hold JSON as TinyDB writes it.
    """
    try:
        text = path.read_text(encoding='utf-8-sig')
    except FileNotFoundError:
        return None
    tables = parsed(text) if text else None
    if '\\ud' in text or '\\uD' in text:  # perhaps half a character: stock TinyDB writes what we would not
        tables = sanitized(tables)
    if tables is not None and not are_tables(tables):
        raise ValueError('not a TinyDB file')
    return tables


def parsed(text: str | bytes) -> Any:
    """What a JSON text says, with words for what JSON does not have: NaN, which stock TinyDB writes.

    Raises:
        ValueError: If it is no JSON.
    """
    try:
        return json.loads(text, parse_constant=str)
    except RecursionError:
        raise ValueError('nested too deeply') from None


def are_tables(value: Any) -> TypeGuard[Tables]:
    """Whether this is what TinyDB keeps in a file."""
    return _is_object(value) and all(
        _is_object(table) and all(_is_object(document) for document in table.values())
        for table in value.values()
    )


def _is_object(value: Any) -> TypeGuard[Json]:
    return isinstance(value, dict)


def with_added(tables: Tables, documents: Tables) -> Tables:
    """The tables with documents added or replaced by their ids; `tables` stays as it is."""
    return {**tables, **{name: {**tables.get(name, {}), **added} for name, added in documents.items()}}


def add(tables: Tables, documents: Tables) -> None:
    """Add documents to the tables, in the place of those that have their ids, however many there are."""
    for name, table in documents.items():
        tables.setdefault(name, {}).update(table)


def table_diff(before: Tables, after: Tables) -> Tables | None:
    """What was added or replaced, by identity, or `None` if anything was removed."""
    added: Tables = {}
    for name, table in after.items():
        old = before.get(name, {})
        if not old.keys() <= table.keys():
            return None
        changed = {key: document for key, document in table.items() if old.get(key) is not document}
        if changed or name not in before:
            added[name] = changed
    return added if before.keys() <= after.keys() else None


def encoded(tables: Tables) -> bytes:
    """The text of a file: JSON in UTF-8, one document per line."""
    return _braces(tables, lambda table: _braces(table, encode_json)).encode() + b'\n'


def _braces(items: dict[str, Any], text: Callable[[Any], str]) -> str:
    return '{\n' + ',\n'.join(f'{encode_json(key)}: {text(item)}' for key, item in items.items()) + '\n}'


encode_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
"""The text of a value on one line; `TypeError` or `ValueError` if JSON cannot say it."""
