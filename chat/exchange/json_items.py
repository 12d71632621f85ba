"""JSON that need not fit into memory: one item of a list after the other."""

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any, BinaryIO

import ijson  # pyright: ignore[reportMissingTypeStubs]  # it has none

from chat.errors import ImportRefused
from chat.exchange.sources import Member

MAX_ITEM_BYTES = 100_000_000
"""Bytes of one item, which is in memory as a whole."""

MAX_WHOLE_BYTES = 50_000_000
"""Bytes of a file that is read as a whole."""

MAX_OPEN_BRACKETS = 5_000
"""Brackets that an item may open and not close: to read them takes time by the square of their number."""

MAX_PIECE_BYTES = 1_000_000
"""Bytes that are parsed in one go, while nothing else runs."""

_BYTE_ORDER_MARK = b'\xef\xbb\xbf'


class _Measured:
    """A stream of JSON without a byte order mark, which ends an item that would fill the memory."""

    def __init__(self, member: Member, stream: BinaryIO) -> None:
        self._name = member.name
        self._stream = stream
        self._first = stream.read(3).removeprefix(_BYTE_ORDER_MARK)
        self._unfinished = 0
        self._open_brackets = 0
        self.is_at_end = False

    def read(self, size: int = -1) -> bytes:
        if self._first and size:
            piece, self._first = self._first, b''
        else:
            # a text is scanned from its beginning at each piece: of a long one they grow
            piece = self._stream.read(max(size, min(self._unfinished // 8, MAX_PIECE_BYTES)) if size else 0)
            self.is_at_end = bool(size) and not piece
        self._unfinished += len(piece)
        if self._unfinished > MAX_ITEM_BYTES:
            raise ImportRefused(
                f'{self._name} has a chat of more than {MAX_ITEM_BYTES // 1_000_000} MB, which is not read.'
            )
        self._open_brackets += sum(map(piece.count, (b'[', b'{'))) - sum(map(piece.count, (b']', b'}')))
        if self._open_brackets > MAX_OPEN_BRACKETS:  # those in texts count, too: Python looks more closely
            raise ijson.JSONError('nested too deep')
        return piece

    def finish_item(self) -> None:
        self._unfinished = self._open_brackets = 0


def read_items(member: Member, prefix: str = 'item') -> Iterator[Any]:
    """Yield the items of a list: the file itself, or `prefix='history.item'` of one in its object.

    Raises:
        ImportRefused: If the file ends early or is no JSON; what was yielded before is right.
    """
    count = 0
    with closing(member.open()) as stream:
        measured = _Measured(member, stream)
        try:
            for item in _parsed(measured, prefix):
                measured.finish_item()
                count += 1
                yield item
        except ijson.JSONError as error:
            rest = _items_of_whole(member, prefix)
            if rest is None:
                raise _refusal(member, ends_early=measured.is_at_end) from error
        else:
            return
    yield from islice(rest, count, None)  # what ijson calls no JSON, such as NaN, Python may read


def _parsed(stream: _Measured, prefix: str) -> Iterator[Any]:
    return iter(ijson.items(stream, prefix, use_float=True))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportUnknownVariableType]  # it has no types


def read_whole(member: Member, max_bytes: int = MAX_WHOLE_BYTES) -> Any:
    """Return the content of a JSON file that is not large.

    Raises:
        ImportRefused: If it is large or no JSON.
    """
    if member.size > max_bytes:
        raise ImportRefused(f'{member.name} is larger than {max_bytes // 1_000_000} MB, which is not read.')
    with member.open() as stream:
        content = stream.read(max_bytes + 1).removeprefix(_BYTE_ORDER_MARK)
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        is_at_end = error.pos >= len(error.doc.rstrip()) - len('fals') or 'Unterminated' in error.msg
        raise _refusal(member, ends_early=is_at_end) from error
    except (ValueError, RecursionError) as error:
        raise _refusal(member, ends_early=False) from error


def read_lines(member: Member) -> Iterator[tuple[int, Any]]:
    """Yield number and value of each line that is not blank; `ValueError` instead of one that is no JSON.

    Raises:
        ImportRefused: If a line is too long.
    """
    with member.open() as stream:
        number = 0
        while line := stream.readline(MAX_ITEM_BYTES):
            number += 1
            if len(line) == MAX_ITEM_BYTES:
                raise ImportRefused(f'Line {number} of {member.name} is too long to be read.')
            if not (line := line.removeprefix(_BYTE_ORDER_MARK).strip()):
                continue
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, ValueError(str(error))


def _items_of_whole(member: Member, prefix: str) -> list[Any] | None:
    try:
        value = read_whole(member)
        for key in prefix.split('.')[:-1]:
            value = value[key]
        return list(value)
    except (ImportRefused, LookupError, TypeError):
        return None


def _refusal(member: Member, *, ends_early: bool) -> ImportRefused:
    if not member.size:
        return ImportRefused(f'{member.name} is empty.')
    if ends_early:
        return ImportRefused(
            f'{member.name} ends early: it is cut off. What comes before was read. Download or copy it again.'
        )
    return ImportRefused(
        f'{member.name} is damaged: from some place on it is no JSON. What comes before was read.'
    )
