"""A typed result on the page: a list of fields, a table, one large value, or JSON."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from nicegui import ui

from chat.conversation.content.answer_parts import AnswerPart
from chat.conversation.content.output import TypedOutput, default_title
from chat.ui.chat.tool_values import hint_of, value_preview
from chat.ui.javascript import COMPONENTS

MAX_ROWS = 200
"""Rows of a table that a page has from the start."""

ROWS_PER_MESSAGE = 500
"""Rows in one message to a browser."""

MAX_CELL_LENGTH = 2_000
"""Characters of a value that are shown in a list or a table."""

PLAIN_TYPES = frozenset({'bool', 'dict', 'float', 'int', 'list', 'NoneType', 'set', 'str', 'tuple'})
"""Types whose names say nothing."""

NOTHING = '—'
"""What stands for a value that is not there."""

Cell: TypeAlias = str | dict[str, Any]
"""A text; or `items`, texts below each other; or `fields`, names and texts; or `json`."""


class TypedResultView(ui.element, component=COMPONENTS / 'typed_result.js'):
    """Shows what an agent has given; while it is being written, the fields so far."""

    def __init__(self) -> None:
        super().__init__()
        self._output: TypedOutput | None = None
        self._version = 0
        """Of the output: a browser that has asked for all of one shows no part of it with another."""
        self._shown: object = None
        self.on('all', self._provide_all, args=[])

    def fits(self, part: AnswerPart) -> bool:
        return part.kind == 'output'

    def show(self, part: AnswerPart, stream: object, *, is_last: bool) -> None:
        output, is_live = part.output, stream is not None
        shown = (output, len(part.attempts), is_live)
        if output is None or shown == self._shown:
            return
        self._version += output != self._output
        self._output, self._shown = output, shown
        self.props.update(
            title='' if output.type in PLAIN_TYPES else output.type,
            live=is_live and not output.is_whole,
            attempts=[
                {'hint': hint_of(use.request), 'reason': value_preview(use.result and use.result.content)[0]}
                for use in part.attempts
            ],
            shape={**shape_of(output.value, output.titles), 'version': self._version},
        )

    async def _provide_all(self) -> None:
        table, version = _table(self._output.value) if self._output else None, self._version
        rows = await asyncio.to_thread(_rows_of, (table or [])[MAX_ROWS:])
        for start in range(0, len(rows), ROWS_PER_MESSAGE):
            if not self.is_deleted:
                self.run_method('provide', version, rows[start : start + ROWS_PER_MESSAGE], start)


def shape_of(value: object, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return how a value is shown: as `fields`, `table`, `value` or `json`, with what it takes."""
    if fields := _object(value):
        named = [[_title(name, titles), cell_of(each)] for name, each in fields.items()]
        return {'kind': 'fields', 'fields': named}
    if table := _table(value):
        first = table[:MAX_ROWS]
        return {
            'kind': 'table',
            'columns': [_title(name, titles) for name in table[0]],
            'numeric': [all(_is_number(row[name]) for row in first) for name in table[0]],
            'rows': _rows_of(first),
            'more': f'Show all {len(table):,} rows' if len(table) > MAX_ROWS else '',
        }
    if value is None or isinstance(value, bool | int | float):
        return {'kind': 'value', 'text': scalar_text(value)}
    return {'kind': 'json', 'text': value_preview(value)[0]}


def cell_of(value: object) -> Cell:
    """Return a value as it stands in a list or a table."""
    if _is_scalar(value):
        return scalar_text(value)[:MAX_CELL_LENGTH]
    if (items := _list(value)) and all(map(_is_scalar, items)):
        return {'items': [scalar_text(each)[:MAX_CELL_LENGTH] for each in items[:MAX_ROWS]]}
    if (fields := _object(value)) and all(map(_is_scalar, fields.values())):
        return {'fields': [[default_title(name), scalar_text(each)] for name, each in fields.items()]}
    return {'json': value_preview(value)[0]} if value else NOTHING


def scalar_text(value: object) -> str:
    """Return a value that is not made of others."""
    match value:
        case None:
            return NOTHING
        case bool():
            return 'Yes' if value else 'No'
        case float():
            return str(value).removesuffix('.0')
        case _:
            return str(value)


def _title(name: str, titles: Mapping[str, str]) -> str:
    return titles.get(name) or default_title(name)


def _table(value: object) -> list[dict[str, Any]] | None:
    """Return the rows of a list of objects with the same keys; `None` for anything else."""
    rows = [_object(row) or {} for row in _list(value)]
    is_table = bool(rows and rows[0]) and all(row.keys() == rows[0].keys() for row in rows)
    return rows if is_table else None


def _rows_of(rows: Sequence[Mapping[str, Any]]) -> list[list[Cell]]:
    return [[cell_of(value) for value in row.values()] for row in rows]


def _object(value: object) -> dict[str, Any] | None:
    return cast('dict[str, Any]', value) if isinstance(value, dict) else None


def _list(value: object) -> list[Any]:
    return cast('list[Any]', value) if isinstance(value, list) else []


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
