"""What a chat of another program is read into, before it becomes messages of pydantic-ai."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Literal, TypeAlias

from chat.exchange.formats.values import Json

Role = Literal['user', 'assistant', 'system', 'tool']


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A page of the web, or a document, that a text refers to."""

    url: str = ''
    title: str = ''
    start: int = 0
    """Of the characters in the text that it supports, if `end` is behind it."""
    end: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """Something said, in Markdown."""

    text: str
    sources: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Thinking:
    """Something that a model thought."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call of a tool that has run elsewhere, and never runs here."""

    name: str
    args: Any = None
    """A JSON object, or a text with one, or with anything."""
    id: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a tool has returned. Without an id it belongs to the first call before it that has no result."""

    content: Any
    id: str = ''
    name: str = ''
    has_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file, or only its name where an export has no bytes of it."""

    name: str
    media_type: str = ''
    """As the export says; the bytes have the last word."""
    open: Callable[[], BinaryIO] | None = None
    """Opens the bytes for reading; `None` if the export does not have them."""


@dataclass(frozen=True, slots=True)
class Note:
    """A line about something that cannot be shown."""

    text: str


Part: TypeAlias = Text | Thinking | ToolCall | ToolResult | File | Note


@dataclass(slots=True, kw_only=True)
class Node:
    """A message, and its place in the tree."""

    id: str
    parent: str | None
    role: Role
    parts: list[Part] = field(default_factory=list[Part])
    author: str = ''
    time: datetime | None = None
    model: str = ''
    is_stopped: bool = False
    """Whether somebody, or something, ended the answer before it was complete."""
    failure: str = ''
    """Why the answer has failed."""
    is_hidden: bool = False
    """Whether its program does not show it; what follows it moves up."""
    is_unfinished: bool = False
    """Whether the next message belongs to the same answer, whatever is in this one."""
    extra: Json = field(default_factory=dict[str, Any])
    """What there is no place for here."""


@dataclass(slots=True, kw_only=True)
class Chat:
    """A conversation of another program."""

    id: str = ''
    """'' if the program has given it none."""
    title: str = ''
    created: datetime | None = None
    updated: datetime | None = None
    model: str = ''
    instructions: str = ''
    temperature: float | None = None
    is_pinned: bool = False
    is_archived: bool = False
    folder: str = ''
    current: str = ''
    """The id of the node that was shown last; '' if that is not known."""
    nodes: list[Node] = field(default_factory=list[Node])
    """In the order of the file."""
    problems: list[str] = field(default_factory=list[str])
    """What could not be taken over of it, in sentences."""
