"""The files of a source that have chats in them, recognised by what they begin with."""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, TypeAlias

import ijson  # pyright: ignore[reportMissingTypeStubs]  # it has none

from chat.errors import ImportRefused
from chat.exchange.formats.records import Chat
from chat.exchange.formats.values import Json, fields, first_string, items
from chat.exchange.imported import DamagedChat
from chat.exchange.json_items import read_items, read_lines, read_whole
from chat.exchange.sources import HEAD_BYTES, Member, Source

ODD_CHAT = 'It is not what a chat of this format looks like.'
ODD_LINE = 'It is no JSON. The other lines are read.'
EMPTY_CHAT = 'There is no message in it.'

ODD_ERRORS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What a value of a type that nobody has thought of may lead to; then the chat is damaged."""

MAX_PLACE_LENGTH = 60
"""Characters of what a damaged chat is called by."""

MAX_SAMPLED_EVENTS = 50_000
"""Keys and values of a beginning that are looked at."""

MAX_SAMPLED_LENGTH = 1000
"""Characters of a text that are kept of it."""

READ_BUFFERS = (1024, 1_000_000)
"""Bytes that are parsed at once of a beginning, and of a long one: what comes before a damaged place
in them is lost, and a long text is scanned anew with each."""

_NO_NUMBER = re.compile(rb'(?<=[\s:,\[])-?(?:NaN|Infinity)(?=[\s,\]}])')
"""What Python writes for a number that is none, and no other program reads."""

Read: TypeAlias = Chat | DamagedChat


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a file begins with."""

    head: bytes
    first: Any = None
    """The object or list that it is, or the first one in it, as far as it could be read; `None` if it is no
    JSON. A value that is cut off is `None`."""
    is_list: bool = False
    """Whether the file is one list."""
    items: Sequence[Any] = ()
    """What is in that list, or in the lines, as far as it could be read."""


@dataclass(eq=False, kw_only=True)
class Document:
    """A file with chats in it."""

    source: Source
    member: Member
    sample: Sample
    group: Sequence['Document'] = field(default_factory=tuple['Document', ...], repr=False)
    """The documents of the same format in the source, this one among them."""

    @property
    def name(self) -> str:
        """Its name without folders."""
        return PurePosixPath(self.member.name).name

    @property
    def folder(self) -> str:
        """The folder that it is in, with a slash at its end; '' for none."""
        return self.member.name.removesuffix(self.name)

    def values(self) -> Iterator[Any]:
        """Yield the items of a list, the values of each line, or the one object that the file is.

        In the place of a line that is no JSON stands a `ValueError`.
        """
        if self.sample.is_list:
            yield from read_items(self.member)
            return
        lines = read_lines(self.member)
        _, first = next(lines, (0, None))
        if isinstance(first, ValueError):
            _, second = next(lines, (0, None))
            try:
                yield read_whole(self.member)  # an object over several lines
            except ImportRefused:
                if not isinstance(second, dict):
                    raise
            else:
                return
            yield first
            yield second
        else:
            yield first
        yield from (value for _, value in lines)

    def items(self, *path: str) -> Iterator[Any]:
        """Yield the items of a list somewhere in the object that the file is."""
        yield from read_items(self.member, '.'.join([*path, 'item']))

    def values_at(self, *path: str) -> Iterator[Any]:
        """Yield the value at a place in the object that the file is, if there is one."""
        yield from read_items(self.member, '.'.join(path))

    def beside(self, name: str) -> Member | None:
        """Return the file with this name in the same folder, or in one in it."""
        return self.source.members.get(self.folder + name)


class Reader:
    """Reads the chats of one program; one is made for each source.

    In most formats each value of a file is a chat: there a reader says how one `begins`, and which `chat`
    it is. Others read a file, or recognise one, in ways of their own.
    """

    id: str
    name: str

    def recognises(self, sample: Sample) -> bool:
        """Return whether a file that begins so has chats of this program."""
        return self.begins(fields(sample.first))

    def begins(self, first: Json) -> bool:
        """Return whether a file has such chats, by its first object, as far as that could be read."""
        raise NotImplementedError

    def read(self, document: Document) -> Iterator[Read]:
        """Yield the chats of a file.

        Raises:
            ImportRefused: If the rest of it cannot be read.
        """
        return each_value(document, lambda value: self.chat(fields(value), document))

    def chat(self, value: Json, document: Document) -> Chat:
        """Return the chat that a value of a file is; what it raises is in `ODD_ERRORS`."""
        raise NotImplementedError


class _Beginning:
    """Puts a JSON value together from what could be parsed of it."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._open: list[Any] = []
        self._keys: list[str | None] = []
        """The key of each open object at which its next value is put; `None` of a list."""

    def add(self, event: str, value: Any) -> None:
        """Add what comes next."""
        match event:
            case 'map_key':
                self._keys[-1] = value
                self._open[-1][value] = None
            case 'start_map' | 'start_array':
                opened: Any = {} if event == 'start_map' else []
                self._put(opened)
                self._open.append(opened)
                self._keys.append('' if event == 'start_map' else None)
            case 'end_map' | 'end_array':
                self._open.pop()
                self._keys.pop()
            case _:
                self._put(value)

    def _put(self, value: Any) -> None:
        if not self._open:
            self.values.append(value)
        elif self._keys[-1] is None:
            self._open[-1].append(value)
        else:
            self._open[-1][self._keys[-1]] = value


def sample_of(head: bytes) -> Sample:
    """Return what a file begins with."""
    beginning = _Beginning()
    if head.lstrip()[:1] in {b'{', b'['}:
        try:
            events = ijson.basic_parse(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # it has no types
                io.BytesIO(_NO_NUMBER.sub(b'null', head)),
                buf_size=READ_BUFFERS[len(head) > HEAD_BYTES],
                multiple_values=True,
                use_float=True,
            )
            for event, value in islice(events, MAX_SAMPLED_EVENTS):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                is_long = isinstance(value, str) and len(value) > MAX_SAMPLED_LENGTH
                beginning.add(event, value[:MAX_SAMPLED_LENGTH] if is_long else value)  # pyright: ignore[reportUnknownArgumentType]
        except ijson.JSONError:
            pass  # it is cut off, or damaged
    whole = next(iter(beginning.values), None)
    if isinstance(whole, list):
        listed = items(whole)  # pyright: ignore[reportUnknownArgumentType]  # of JSON
        first = next((item for item in listed if fields(item) or items(item)), None)
        return Sample(head=head[:HEAD_BYTES], first=first, is_list=True, items=listed)
    return Sample(head=head[:HEAD_BYTES], first=fields(whole) or None, items=beginning.values)


def each_value(document: Document, parse: Callable[[Any], Chat]) -> Iterator[Read]:
    """Yield the chat that each value of a document is."""
    for place, value in enumerate(document.values(), 1):
        if isinstance(value, ValueError):
            yield DamagedChat(title=f'Line {place}', sentence=ODD_LINE)
        else:
            yield chat_of(value, parse, place)


def chat_of(value: Any, parse: Callable[[Any], Chat], place: int = 1) -> Read:
    """Return the chat that a value is; one that is damaged is named, and hinders no other."""
    named = fields(value)
    title = first_string(named.get('title'), named.get('name')) or f'No. {place}'
    if not isinstance(value, dict | list):
        return DamagedChat(title=title, sentence=ODD_CHAT)
    try:
        chat = parse(value)
    except ODD_ERRORS:
        return DamagedChat(title=title[:MAX_PLACE_LENGTH], sentence=ODD_CHAT)
    if not chat.nodes:
        return DamagedChat(title=(chat.title or title)[:MAX_PLACE_LENGTH], sentence=EMPTY_CHAT)
    return chat
