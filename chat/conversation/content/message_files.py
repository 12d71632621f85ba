"""Files that tools return and models make: found in messages, named, and stored before they are shown."""

import logging
import mimetypes
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from itertools import islice
from typing import Any, TypeGuard, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_ai import (
    BinaryContent,
    FilePart,
    FunctionToolResultEvent,
    ModelMessage,
    PartEndEvent,
    UserPromptPart,
)
from pydantic_ai.messages import BaseToolReturnPart, FileUrl

from chat.conversation.content.attachments import (
    AttachedFiles,
    Attachment,
    format_size,
    media_type_of,
    safe_name,
)
from chat.conversation.content.messages import begins_turn

log = logging.getLogger(__name__)

FILES_KEY = 'files'
"""Where the metadata of a message keeps what is known of its files, in order; `None` of one not stored."""

MAX_SEARCHED_VALUES = 500
"""Values of one content in which files are looked for."""

DEFAULT_MEDIA_TYPE = 'application/octet-stream'

_MADE_UP_NAME = re.compile(r'[0-9a-f]{6}')
"""How pydantic-ai calls a file to which nobody has given a name."""

_FILES = TypeAdapter(list[Attachment | None])

StoreFile = Callable[[str, BinaryContent], Awaitable[Attachment]]
"""Stores a file under a name, so that a page can show it; raises `OSError` if that fails."""


@dataclass(frozen=True, slots=True, eq=False)
class MessageFile:
    """A file in a message."""

    source: str
    """The id of the call whose result it belongs to; '' if the model has made it."""
    owner: str
    """What it is called after if it has no name."""
    content: BinaryContent
    attachment: Attachment | None = None
    """Under which it is found; `None` as long as it is not stored."""

    @property
    def name(self) -> str:
        """Its own name, or one after what has made it; to find it takes reading all bytes."""
        name = self.content.identifier
        if _MADE_UP_NAME.fullmatch(name):
            name = self.owner
        return safe_name(name if '.' in name else f'{name}{_ending(self.content)}')


def _ending(content: BinaryContent) -> str:
    try:
        return f'.{content.format}'
    except ValueError:  # pydantic-ai does not know it
        return mimetypes.guess_extension(content.media_type) or ''


def files_of(message: ModelMessage) -> list[MessageFile]:
    """Return the files of a message that is no prompt; those of a message of before are hashed for it."""
    found = list(_files_in(message))
    if not found:
        return []
    try:
        known = _FILES.validate_python((message.metadata or {})[FILES_KEY])
    except (KeyError, ValidationError):  # from before, or not written by this program
        known = [described(file.name, file.content) for file in found]
    known = [*known, *[None] * len(found)]
    return [replace(file, attachment=each) for file, each in zip(found, known, strict=False)]


def attached(files: Iterable[MessageFile]) -> AttachedFiles:
    """Return the files that are stored, as the page shows them."""
    return {file.attachment: file.content for file in files if file.attachment}


def described(name: str, content: BinaryContent) -> Attachment:
    """Return what is to be known of a file; its type is what its bytes say, if they say one."""
    said = content.media_type if not content.media_type.startswith('image/') else DEFAULT_MEDIA_TYPE
    return Attachment(
        blob=sha256(content.data).hexdigest(),
        name=safe_name(name),
        media_type=media_type_of(content.data) or said,
        size=len(content.data),
    )


class FileKeeper:
    """Stores the files of one run as they come, and tells its messages under which names."""

    def __init__(self, store: StoreFile) -> None:
        self._store = store
        self._stored: dict[int, tuple[BinaryContent, Attachment | None]] = {}
        """By the identity of their content, which is kept so that no other object gets it."""

    async def on_event(self, event: object) -> None:
        """Store what has come with an event, before it is shown; on a full disk it is only in memory."""
        await self._keep(_files_in_event(event))

    async def on_messages(self, messages: Iterable[ModelMessage]) -> None:
        """Store what no event has told of."""
        for message in messages:
            await self._keep(_files_in(message))

    async def _keep(self, files: Iterable[MessageFile]) -> None:
        for file in files:
            if id(file.content) in self._stored:
                continue
            self._stored[id(file.content)] = file.content, None
            try:
                self._stored[id(file.content)] = file.content, await self._store(file.name, file.content)
            except OSError as error:
                log.warning('A file of an answer could not be stored: %s', error)

    def with_files(self, message: ModelMessage) -> ModelMessage:
        """Return the message with what is known of its files."""
        files = list(_files_in(message))
        if not files:
            return message
        known = [self._stored.get(id(file.content), (None, None))[1] for file in files]
        kept = [asdict(each) if each else None for each in known]
        return replace(message, metadata={**(message.metadata or {}), FILES_KEY: kept})


def without_stored_bytes(message: ModelMessage) -> ModelMessage:
    """Return the message without the bytes of its files, if these are stored: it names where they are."""
    files = files_of(message) if FILES_KEY in (message.metadata or {}) else []
    names = {id(file.content): file.attachment.name for file in files if file.attachment}
    if not files or len(names) < len(files):
        return message
    contents = [file.content for file in files]
    empty = {
        id(each): BinaryContent(b'', media_type=each.media_type, identifier=names[id(each)])
        for each in contents
    }
    parts = [
        replace(part, content=_replaced(part.content, empty))
        if isinstance(part, FilePart | BaseToolReturnPart | UserPromptPart)
        else part
        for part in message.parts
    ]
    return replace(message, parts=parts)  # pyright: ignore[reportArgumentType]  # they are of its own kinds


def _replaced(content: object, by: Mapping[int, BinaryContent]) -> Any:  # JSON of any shape
    if isinstance(content, BinaryContent):
        return by.get(id(content), content)
    if _is_list(content):
        return [_replaced(item, by) for item in content]
    if isinstance(content, Mapping):
        return {key: _replaced(item, by) for key, item in cast('Mapping[Any, object]', content).items()}
    return content


def without_files(content: object) -> Any:  # JSON of any shape
    """Return what a tool has returned beside files: of a list the rest; files deeper in it are left."""
    if isinstance(content, BinaryContent):
        return None
    if not _is_list(content):
        return content
    rest = [item for item in content if not isinstance(item, BinaryContent)]
    if len(rest) == len(content):
        return rest
    if rest and all(isinstance(item, str) for item in rest):
        return '\n\n'.join(rest)
    return rest[0] if len(rest) == 1 else rest or None


def in_words(value: object) -> Any:  # JSON of any shape
    """Return a value, or a few words or the address in the place of a file."""
    if isinstance(value, BinaryContent):
        return f'({value.media_type}, {format_size(len(value.data))})'
    return value.url if isinstance(value, FileUrl) else value


def all_in_words(value: object) -> Any:  # JSON of any shape
    """Return a structure with words in the place of each file in it. Takes its time."""
    if _is_list(value):
        return [all_in_words(item) for item in value]
    if isinstance(value, Mapping):
        return {key: all_in_words(item) for key, item in cast('Mapping[Any, object]', value).items()}
    return in_words(value)


def _files_in(message: ModelMessage) -> Iterator[MessageFile]:
    if begins_turn(message):
        return
    source, tool = '', ''
    for part in message.parts:
        match part:
            case FilePart():
                yield MessageFile('', 'image', part.content)
            case BaseToolReturnPart():
                source, tool = part.tool_call_id, part.tool_name
                yield from (MessageFile(source, tool, file) for file in _walk(part.content))
            case UserPromptPart() if source:  # what a tool has shown to the model besides
                yield from (MessageFile(source, tool, file) for file in _walk(part.content))
            case _:
                pass


def _files_in_event(event: object) -> list[MessageFile]:
    match event:
        case FunctionToolResultEvent(part=part):
            found = [*_walk(part.content), *_walk(event.content)]
            return [MessageFile(part.tool_call_id, part.tool_name, file) for file in found]
        case PartEndEvent(part=FilePart(content=content)):
            return [MessageFile('', 'image', content)]
        case PartEndEvent(part=BaseToolReturnPart() as part):
            return [MessageFile(part.tool_call_id, part.tool_name, file) for file in _walk(part.content)]
        case _:
            return []


def _walk(content: object) -> Iterator[BinaryContent]:
    """Yield the files in a content, in order; it is looked at often, so only so many of its values are."""
    pending, seen = [content], 0
    while pending and seen < MAX_SEARCHED_VALUES:
        value, seen = pending.pop(), seen + 1
        if isinstance(value, BinaryContent):
            yield value
        elif _is_list(value):
            pending.extend(reversed(value[:MAX_SEARCHED_VALUES]))
        elif isinstance(value, Mapping):
            values = islice(cast('Mapping[Any, object]', value).values(), MAX_SEARCHED_VALUES)
            pending.extend(reversed([*values]))


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list | tuple)
