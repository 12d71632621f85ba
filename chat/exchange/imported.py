"""What a reader of a foreign format yields.

A reader knows no storage and writes nothing: it turns a `Source` into values, one chat at a time, and the
writer makes stored conversations of them. It runs in a thread of its own, and may block.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, TypeAlias

from pydantic_ai import ModelMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A file of a message, whose bytes are read when they are stored, and not before."""

    name: str
    media_type: str = ''
    """As the export says it; what is stored is what the bytes say."""
    open: Callable[[], BinaryIO] | None = None
    """Open the bytes for reading; `None` if the export has only the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMessage:
    """A message, with its place in the tree of its chat.

    A file stands in the message as `BinaryContent(b'', media_type=…, identifier=KEY)`: in a `UserPromptPart`,
    a `FilePart` or a `ToolReturnPart`. `files` has it under that `KEY`; the writer puts the bytes, the type
    and the name in their places. A file without bytes becomes a line that says which one is missing.
    """

    id: str
    """In its chat; made up by the reader if the format has none, and then the same in a longer copy."""
    parent_id: str | None
    """The message before it; one that is not there, or comes after it in a circle, counts as `None`."""
    message: ModelMessage
    """With `timestamp` as in the export; `model_name` of a response is what its program calls the model."""
    time: datetime | None = None
    """When it was said, with a time zone; `None` if the export does not say. It orders versions."""
    files: Mapping[str, ImportedFile] = field(default_factory=dict[str, ImportedFile])
    is_stopped: bool = False
    """Whether the answer was cut off by a person."""
    failure: str = ''
    """Why the answer has failed, in the words of the export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedChat:
    """A chat of another program."""

    source: str
    """The format, as `Reader.id`."""
    id: str
    """In that program; '' if the export has none. Then the beginning of the chat tells it from others."""
    title: str = ''
    """'' if it has none: then the first words of the chat are shown."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    """With a time zone. Without it the newest `time` of its messages counts."""
    messages: Sequence[ImportedMessage]
    """In any order; siblings without a time are versions in this order."""
    shown_id: str | None = None
    """The message at the end of the branch that is shown; `None` for the end that is newest."""
    model: str = ''
    """The name by which its program calls the model of the whole chat; '' if it does not say."""
    instructions: str = ''
    temperature: float | None = None
    is_pinned: bool = False
    is_archived: bool = False
    folder: str = ''
    """The name of the folder or the project that it is in."""
    problems: Sequence[str] = ()
    """What could not be taken over of it, a sentence each. The writer adds the files without bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedChat:
    """A chat of which nothing can be taken over."""

    title: str
    """Its title, or else its place in the file: whatever helps a person to find it."""
    sentence: str
    """What is wrong with it."""


ReadChat: TypeAlias = ImportedChat | DamagedChat
