"""TinyDB files as JSON: parse and encode them, one document per line, and replace what JSON cannot hold."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

from pydantic import JsonValue

Json: TypeAlias = dict[str, Any]

Tables: TypeAlias = dict[str, dict[str, Json]]
"""Documents by id, by the name of their table."""

MAX_NUMBER_BITS = 4000 * 3
"""Bits of an integer that Python still writes in decimal; it refuses more than 4,300 digits."""


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


def sanitized(value: JsonValue) -> Any:
    """Return a deep copy of a JSON value, without anything that a file cannot hold.

    NaN, infinity and too long numbers become strings, and every lone surrogate becomes U+FFFD: such a
    half of a character comes from a model that was cut off inside an emoji, and UTF-8 cannot encode it.
    """
    if isinstance(value, str):
        return sanitized_text(value)
    if isinstance(value, dict):
        return {sanitized_text(key): sanitized(item) for key, item in value.items()}
    if isinstance(value, list):
        return [sanitized(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return 'NaN' if math.isnan(value) else 'Infinity' if value > 0 else '-Infinity'
    if isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS:
        return hex(value)
    return value


def sanitized_text(text: str) -> str:
    """Replace every lone surrogate by U+FFFD; join pairs of surrogates into one character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
    return text
