"""What a person would find in the chats of other programs: read from memory, and told in a few words."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZipFile

from pydantic_ai import BinaryContent, ModelRequest, ModelResponse, NativeToolCallPart, TextPart, ThinkingPart
from pydantic_ai.messages import WebCitationSource

from chat.conversation.content.messages import prompt_text
from chat.exchange.formats import recognise
from chat.exchange.formats.values import items
from chat.exchange.imported import DamagedChat, ImportedChat, ImportedMessage, ReadChat
from chat.exchange.sources import Member, Source, open_source

SAMPLES = Path(__file__).parent / 'samples'

PNG = bytes.fromhex(
    '89504e470d0a1a0a0000000d49484452000000010000000108020000009077 53de'.replace(' ', '')
    + '0000000c49444154789c63f8cfc000000003010100c9fe92ef0000000049454e44ae426082'
)
"""A picture of one point."""


def source_of(files: Mapping[str, bytes]) -> Source:
    """Return a folder that is in memory only."""
    members = {
        name: Member(name=name, size=len(content), open=partial(io.BytesIO, content))
        for name, content in files.items()
    }
    return Source(name='folder', members=members)


def read(*values: Any, name: str = 'x.bin', **beside: bytes) -> list[ReadChat]:
    """Return what is read of a file with one JSON value, or with a value a line."""
    content = '\n'.join(json.dumps(value) for value in values).encode('utf-8', 'surrogatepass')
    return read_files({name: content, **beside})


def read_files(files: Mapping[str, bytes]) -> list[ReadChat]:
    """Return what is read of a folder with these files."""
    return [*_chats(source_of(files))]


def read_path(path: Path) -> list[ReadChat]:
    """Return what is read of a file, an archive or a folder."""
    with ExitStack() as stack:
        return [_with_bytes(chat) for chat in _chats(open_source(path, stack))]


def _chats(source: Source) -> Iterator[ReadChat]:
    for found in recognise(source):
        yield from found.read()


def _with_bytes(chat: ReadChat) -> ReadChat:
    """Read the files of a chat while its archive is open."""
    for message in chat.messages if isinstance(chat, ImportedChat) else ():
        for file in message.files.values():
            if file.open:
                file.open().close()
    return chat


def only(chats: list[ReadChat]) -> 'Seen':
    """Return the one chat that was read, as a person sees it."""
    [chat] = chats
    assert isinstance(chat, ImportedChat), chat
    return Seen(chat)


def sentences(chats: list[ReadChat]) -> list[str]:
    """Return what is said of the chats that were not read."""
    return [f'{chat.title}: {chat.sentence}' for chat in chats if isinstance(chat, DamagedChat)]


@dataclass(frozen=True)
class Seen:
    """A chat as a person sees it."""

    chat: ImportedChat

    @property
    def path(self) -> list[ImportedMessage]:
        """The messages on the branch that is shown."""
        by_id = {message.id: message for message in self.chat.messages}
        shown: list[ImportedMessage] = []
        at = self.chat.shown_id
        while at is not None:
            shown.insert(0, by_id[at])
            at = by_id[at].parent_id
        return shown

    @property
    def texts(self) -> list[str]:
        """What was said on it."""
        return [text_of(message) for message in self.path]

    @property
    def ends(self) -> int:
        """How many branches there are."""
        parents = {message.parent_id for message in self.chat.messages}
        return sum(message.id not in parents for message in self.chat.messages)

    @property
    def files(self) -> dict[str, bytes]:
        """The files with their bytes, of all branches."""
        return {file.name: opened(file.open) for file in self._files if file.open}

    @property
    def missing(self) -> list[str]:
        """The names of the files without bytes."""
        return [file.name for file in self._files if file.open is None]

    @property
    def thinking(self) -> list[str]:
        """What the models thought."""
        return [part.content for part in self._parts if isinstance(part, ThinkingPart)]

    @property
    def calls(self) -> list[NativeToolCallPart]:
        """The calls of tools."""
        return [part for part in self._parts if isinstance(part, NativeToolCallPart)]

    @property
    def results(self) -> dict[str, Any]:
        """What they returned, by the ids of the calls."""
        return {
            part.tool_call_id: part.content for part in self._parts if part.part_kind == 'builtin-tool-return'
        }

    @property
    def tools(self) -> list[str]:
        """The names of the tools that were called."""
        return [call.tool_name for call in self.calls]

    @property
    def citations(self) -> list[str]:
        """The pages that texts refer to."""
        texts = [part for part in self._parts if isinstance(part, TextPart)]
        cited = [source for part in texts for each in part.citations or [] for source in each.sources]
        return [source.url for source in cited if isinstance(source, WebCitationSource)]

    @property
    def models(self) -> list[str]:
        """Which models answered, on the branch that is shown."""
        messages = [each.message for each in self.path]
        return [each.model_name for each in messages if isinstance(each, ModelResponse) and each.model_name]

    @property
    def is_interrupted(self) -> bool:
        """Whether an answer was cut off."""
        return any(each.is_stopped for each in self.chat.messages)

    @property
    def _files(self):  # as the chat has them
        return [file for message in self.chat.messages for file in message.files.values()]

    @property
    def _parts(self):
        return [part for each in self.path for part in each.message.parts]


def text_of(message: ImportedMessage) -> str:
    """Return what is said in a message."""
    if isinstance(message.message, ModelRequest):
        return prompt_text(message.message)
    return '\n\n'.join(part.content for part in message.message.parts if isinstance(part, TextPart))


def opened(open_file: Callable[[], BinaryIO]) -> bytes:
    """Return the bytes of a file."""
    with open_file() as stream:
        return stream.read()


def contents_of(path: Path) -> dict[str, bytes]:
    """Return the files of a sample, which may be a file, a folder or an archive."""
    if path.is_dir():
        return {each.name: each.read_bytes() for each in path.iterdir()}
    if path.suffix == '.zip':
        with ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return {path.name: path.read_bytes()}


def file_places(message: ImportedMessage) -> list[str]:
    """Return the keys of the files in a message, where they stand in it."""
    contents: list[Any] = [getattr(part, 'content', None) for part in message.message.parts]
    inner = [each for content in contents for each in items(content) or [content]]
    return [each.identifier for each in inner if isinstance(each, BinaryContent)]
