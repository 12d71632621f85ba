"""Parse and encode TinyDB files, with one document per line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

from chat.store.tinydb_storage.json_sanitize import Json, sanitized

Tables: TypeAlias = dict[str, dict[str, Json]]
"""Documents by id, by the name of their table."""


def tables_in(path: Path) -> Tables | None:
    """Return the tables of a TinyDB file, or `None` if it is missing or empty.

    Raises:
        OSError: If there is a file and it cannot be read.
        ValueError: If it does not hold JSON as TinyDB writes it.
    """
    try:
        text = path.read_text(encoding='utf-8-sig')
    except FileNotFoundError:
        return None
    tables = parsed(text) if text else None
    if '\\ud' in text or '\\uD' in text:  # perhaps a lone surrogate, which stock TinyDB writes
        tables = sanitized(tables)
    if tables is not None and not are_tables(tables):
        raise ValueError('not a TinyDB file')
    return tables


def parsed(text: str | bytes) -> Any:
    """Parse a JSON text, with strings for NaN and infinity, which stock TinyDB writes.

    Raises:
        ValueError: If it is not JSON.
    """
    try:
        return json.loads(text, parse_constant=str)
    except RecursionError:
        raise ValueError('nested too deeply') from None


def are_tables(value: Any) -> TypeGuard[Tables]:
    """Return whether this value has the structure of a TinyDB file."""
    return _is_object(value) and all(
        _is_object(table) and all(_is_object(document) for document in table.values())
        for table in value.values()
    )


def _is_object(value: Any) -> TypeGuard[Json]:
    return isinstance(value, dict)


def with_added(tables: Tables, documents: Tables) -> Tables:
    """Return the tables with documents added or replaced by id; `tables` is unchanged."""
    return {**tables, **{name: {**tables.get(name, {}), **added} for name, added in documents.items()}}


def add(tables: Tables, documents: Tables) -> None:
    """Add or replace documents by id, in place."""
    for name, table in documents.items():
        tables.setdefault(name, {}).update(table)


def table_diff(before: Tables, after: Tables) -> Tables | None:
    """Return what was added or replaced, by identity, or `None` if anything was removed."""
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
    """Encode the tables as a file: JSON in UTF-8, one document per line."""
    return _braces(tables, lambda table: _braces(table, encode_json)).encode() + b'\n'


def _braces(items: dict[str, Any], text: Callable[[Any], str]) -> str:
    return '{\n' + ',\n'.join(f'{encode_json(key)}: {text(item)}' for key, item in items.items()) + '\n}'


encode_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
"""Encode a value on one line; `TypeError` or `ValueError` if it is not JSON."""
