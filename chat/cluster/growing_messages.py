"""GrowingMessages: the messages of an answer whose text comes in frames, each piece of it read once.

The text is a checkpoint as JSON, in which mostly one string of one message grows. So the messages before it
stay as they were read, and long strings are read as far as they are new: what is left is short.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from secrets import token_hex
from typing import Any, TypeGuard

from pydantic_ai import ModelMessage

from chat.store.conversations.document_repair import load_message
from chat.store.tinydb_storage.tables import Json

LONG_STRING = 500
"""Characters from which on a string is not read again with each frame."""

_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_BETWEEN = re.compile(r'[\s,\[\]]*')
_DECODER = json.JSONDecoder(parse_constant=str)


class PiecewiseText:
    """A text that changes at its end, without a copy of all of it at each change."""

    def __init__(self) -> None:
        self.length = 0
        self._pieces: list[str] = []
        self._starts: list[int] = []

    def replace_end(self, keep: int, tail: str) -> None:
        """Keep so many characters, and have this follow them."""
        while self._starts and self._starts[-1] >= keep:
            self._starts.pop()
            self._pieces.pop()
        if self._pieces:
            self._pieces[-1] = self._pieces[-1][: keep - self._starts[-1]]
        self._starts.append(keep)
        self._pieces.append(tail)
        self.length = keep + len(tail)

    def between(self, start: int, end: int) -> str:
        """Return a part of it."""
        if start >= end:
            return ''
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1)
        offset = self._starts[first]
        return ''.join(self._pieces[first:last])[start - offset : end - offset]


@dataclass(frozen=True, slots=True)
class _LongString:
    """A string of the text, with its quotes from `start` up to `end`."""

    start: int
    end: int
    value: str


class GrowingMessages:
    """What the frames of one run say: take them with `add`, then `read` what is new of them."""

    def __init__(self) -> None:
        self.details = ''
        """What follows the messages, as one line."""
        self.is_read = True
        self._text = PiecewiseText()
        self._kept = 0
        """How much of the text is still as it was read."""
        self._end = 0
        """Where the messages end."""
        self._done: list[ModelMessage] = []
        """Those that others follow."""
        self._ends = [0]
        """Where the text of the first of them begins, and where that of each ends."""
        self._long: list[_LongString] = []
        self._last: list[ModelMessage] = []
        self._mark = token_hex(8)
        """What stands in the place of long strings begins with it, and nothing else does."""

    @property
    def length(self) -> int:
        """How long the text is."""
        return self._text.length

    @property
    def unread(self) -> int:
        """How many characters of it are to be read."""
        return self._text.length - self._kept

    @property
    def messages(self) -> list[ModelMessage]:
        """What was read; a message that has not changed is the same object as before."""
        return self._done + self._last

    def add(self, keep: int, tail: str) -> None:
        """Take a frame: how much of the text it keeps, and what follows."""
        self._text.replace_end(keep, tail)
        self._kept = min(self._kept, keep)
        self.is_read = False

    def read(self) -> None:
        """Read what is new.

        Raises:
            ValueError: If it makes no sense; then all is to be read anew, by another reader.
        """
        kept, self._kept, self.is_read = self._kept, self._text.length, True
        if kept > self._end:  # the line of details has changed, and nothing else
            self.details = self._text.between(self._end + 1, self._text.length)
            return
        said, _, self.details = self._text.between(kept, self._text.length).partition('\n')
        self._end = kept + len(said)
        while self._ends[-1] > kept:
            self._ends.pop()
            self._done.pop()
        self._find_long_strings(kept)
        self._read_messages()

    def _find_long_strings(self, kept: int) -> None:
        """Find those of the messages that may have changed; what was read of them is not read again."""
        cut = None
        while self._long and self._long[-1].end > kept:
            cut = self._long.pop()
        if cut and cut.end == kept + 1:
            self._long.append(self._with_rest(cut, kept))
        start = max(self._ends[-1], self._long[-1].end if self._long else 0)
        for found in _STRING.finditer(self._text.between(start, self._end)):
            if found.end() - found.start() > LONG_STRING:
                self._long.append(
                    _LongString(start + found.start(), start + found.end(), _DECODER.decode(found[0]))
                )

    def _with_rest(self, string: _LongString, end: int) -> _LongString:
        """Return a string that has grown, with what follows where it had ended."""
        if (rest := _STRING.match('"' + self._text.between(end, self._end))) is None:
            raise ValueError('a string without an end')
        return _LongString(string.start, end + rest.end() - 1, string.value + _DECODER.decode(rest[0]))

    def _read_messages(self) -> None:
        """Read those that may have changed, with marks in the place of long strings."""
        at = self._ends[-1]
        long = self._long[bisect_right(self._long, at, key=attrgetter('start')) :]
        short, known = '', [(0, at)]
        """Places in the short text, and where they are in the whole one."""
        for number, each in enumerate(long):
            short += f'{self._text.between(at, each.start)}"{self._mark}{number}"'
            at = each.end
            known.append((len(short), at))
        short += self._text.between(at, self._end)
        self._last = []
        for document, end in _documents(short):
            self._done += self._last
            filled = {'parent_id': '', 'message': self._filled(document, long)}
            self._last = [load_message('of another node', filled, is_sanitized=True)]
            before, at = known[bisect_right(known, (end, self._end)) - 1]
            self._ends.append(at + end - before)
        if self._last:  # it may grow
            self._ends.pop()

    def _filled(self, node: Any, long: list[_LongString]) -> Any:
        """Return a JSON value with the long strings in their places."""
        if isinstance(node, str):
            return long[int(node[len(self._mark) :])].value if node.startswith(self._mark) else node
        if _is_array(node):
            return [self._filled(item, long) for item in node]
        if _is_object(node):
            return {self._filled(key, long): self._filled(value, long) for key, value in node.items()}
        return node


def _is_array(node: Any) -> TypeGuard[list[Any]]:
    return isinstance(node, list)


def _is_object(node: Any) -> TypeGuard[Json]:
    return isinstance(node, dict)


def _documents(text: str) -> Iterator[tuple[Any, int]]:
    """Return what a part of a list has, each with the place where it ends."""
    at = 0
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if at == len(text):
            return
        document, at = _DECODER.raw_decode(text, at)
        yield document, at
