"""Exports: which chats in which format, streamed as one file, with what can be seen of its progress."""

import asyncio
import html
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Literal, TypeAlias
from urllib.parse import quote

from chat.change_signal import ChangeSignal
from chat.conversation.content.attachments import Attachment
from chat.conversation.whole_conversation import (
    Tables,
    WholeConversation,
    WholeConversationReader,
    attachments_in,
    blobs_in_tables,
)
from chat.errors import ChatError, ConversationNotFound
from chat.exchange.export_formats import EXPORT_FORMATS, ExportFormat, FormatDescription
from chat.exchange.file_names import file_title, numbered_title
from chat.exchange.html import html_file
from chat.exchange.json_items import MAX_ITEM_BYTES
from chat.exchange.markdown import file_suffix, markdown_file, title_of
from chat.exchange.messages import openai_lines, pydantic_ai_file
from chat.exchange.own_format import CHATS_FOLDER, FILES_FOLDER, own_json
from chat.exchange.settings_file import SETTINGS_FILE, ExportedSettings, settings_json
from chat.exchange.zip_stream import ZipStream, bytes_of

Member: TypeAlias = tuple[str, AsyncIterator[bytes], int | None]
"""A file of an archive: its path, its bytes, and its size if it is compressed already."""

MAX_BYTES_IN_JSON = MAX_ITEM_BYTES * 7 // 10
"""Bytes of the files of a chat that go into its JSON: in base64 they are a third more, and are read again."""

MAX_EXPORTS = 20
"""Exports that can be fetched at a time."""

README = """These are chats from Parlour.

conversations/    each chat twice: as JSON with all its versions, and as Markdown to read
files/            the files that were attached or made, by their SHA-256
index.html        a list of the chats
settings.parlour  with all chats, as JSON: settings, assistants, prompts, folders and servers, without keys
                  and without what may be a secret in an address, where … stands

Parlour reads this archive again: Settings, Import; or parlour chats import FILE.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """What an export gives: a file that comes in pieces."""

    name: str
    media_type: str
    content: AsyncIterator[bytes]


@dataclass(eq=False, kw_only=True)
class Export:
    """An export that was asked for; each `open` begins it anew."""

    reader: WholeConversationReader
    chats: Sequence[str]
    """Their ids."""
    format: ExportFormat
    all_versions: bool = False
    """Whether formats for which it can be chosen have the versions that are not shown, too."""
    settings: ExportedSettings | None = None
    """What goes along with all chats in a zip."""
    id: str = field(default_factory=lambda: token_urlsafe(16))
    done: int = 0
    """How many of the chats are written."""
    state: Literal['waiting', 'running', 'done', 'stopped'] = 'waiting'
    problems: list[str] = field(default_factory=list[str])
    """The chats and files that are not in it, a sentence each."""
    changed: ChangeSignal = field(default_factory=ChangeSignal)

    async def open(self) -> ExportFile:
        """Return the file; it is written while its content is read.

        Raises:
            ChatError: If a single chat cannot be read.
        """
        about = EXPORT_FORMATS[self.format]
        if self.format == 'openai':
            return self._file(f'{await self._name()}{about.ending}', about, self._lines())
        if len(self.chats) == 1 and self.format != 'zip':
            whole = await self.reader.read(self.chats[0], with_files=self.format == 'pydantic-ai')
            if not await self._needs_archive(whole):
                content = self.one(whole)
                return self._file(f'{file_title(title_of(whole.metadata))}{about.ending}', about, content)
        about = EXPORT_FORMATS['zip']
        return self._file(f'{await self._name()}{about.ending}', about, self._archive())

    async def _needs_archive(self, whole: WholeConversation) -> bool:
        """Return whether one file would not do, or would be too large to be read again."""
        if self.format == 'md':
            return bool(await self.links(whole))
        if self.format != 'json':
            return False
        files = [await self.reader.file(blob) for blob in blobs_in_tables(whole.tables)]
        if sum(file.size for file in files if file) <= MAX_BYTES_IN_JSON:
            return False
        self.format = 'zip'  # which has them beside the chat
        return True

    def one(self, whole: WholeConversation, links: Mapping[str, str] | None = None) -> AsyncIterator[bytes]:
        """Return one chat in the format; of 'zip' its JSON."""
        match self.format:
            case 'md':
                return _encoded(markdown_file(whole, links or {}, all_versions=self.all_versions))
            case 'html':
                return html_file(whole, self.reader, all_versions=self.all_versions)
            case 'pydantic-ai':
                return _pieces(pydantic_ai_file(whole))
            case 'openai':
                return _pieces(openai_lines(whole, all_versions=self.all_versions))
            case 'json':
                return own_json(whole, self.reader, with_files=True)
            case 'zip':
                return own_json(whole, self.reader, with_files=False)

    async def links(self, whole: WholeConversation, prefix: str = '') -> dict[str, str]:
        """Return where the files of a chat are in an archive, by their SHA-256; missing ones are left out."""
        found: dict[str, str] = {}
        for blob, said in (await asyncio.to_thread(_named_files, whole.tables)).items():
            if await self.reader.file(blob):
                found[blob] = f'{prefix}{FILES_FOLDER}/{blob}{_suffix(said)}'
            else:
                self._report(f'A file of “{title_of(whole.metadata)}” is missing here.')
        return found

    def _file(self, name: str, about: FormatDescription, content: AsyncIterator[bytes]) -> ExportFile:
        return ExportFile(name=name, media_type=about.media_type, content=self._followed(content))

    async def _followed(self, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the content, and say how the export goes on."""
        self.done, self.state = 0, 'running'
        self.changed.notify()
        is_whole = False
        try:
            async for piece in content:
                yield piece
            is_whole = True
        finally:
            self.done = len(self.chats) if is_whole else self.done
            self.state = 'done' if is_whole else 'stopped'
            self.changed.notify()

    async def _name(self) -> str:
        """Return the name of the file without its ending: of a single chat its title."""
        if len(self.chats) != 1:
            return 'Parlour chats'
        return file_title(title_of((await self.reader.read(self.chats[0])).metadata))

    async def _wholes(self, *, with_files: bool) -> AsyncIterator[WholeConversation]:
        """Yield the chats that can be read, one in memory at a time."""
        for conversation_id in self.chats:
            try:
                yield await self.reader.read(conversation_id, with_files=with_files)
            except ConversationNotFound:
                pass  # it was deleted meanwhile
            except (ChatError, OSError) as error:
                self._report(f'The chat {conversation_id} is not in it: {error}')
            self.done += 1
            self.changed.notify_soon()

    async def _lines(self) -> AsyncIterator[bytes]:
        async for whole in self._wholes(with_files=True):
            async for piece in _pieces(openai_lines(whole, all_versions=self.all_versions)):
                yield piece

    async def _archive(self) -> AsyncIterator[bytes]:
        archive = ZipStream()
        async for name, content, size in self._members():
            async for piece in archive.add(name, content, size=size):
                yield piece
        yield await archive.close()

    async def _members(self) -> AsyncIterator[Member]:
        """Yield the files of an archive: each chat with those of its files that are not in it yet."""
        written, listed = set[str](), list[tuple[str, str]]()
        async for whole in self._wholes(with_files=self.format == 'pydantic-ai'):
            title = title_of(whole.metadata)
            name = numbered_title(title, whole.id)
            path, prefix = self._place(name)
            links = await self.links(whole, prefix) if self.format in ('md', 'zip') else {}
            yield path, self.one(whole, links), None
            if self.format == 'zip':
                yield (
                    f'{CHATS_FOLDER}/{name}.md',
                    _encoded(markdown_file(whole, links, all_versions=self.all_versions)),
                    None,
                )
            for blob in sorted(links.keys() - written):
                if file := await self.reader.file(blob):
                    yield links[blob].removeprefix(prefix), bytes_of(file), file.size
            written |= links.keys()
            listed.append((name, title))
        for name, text in self._about(listed):
            yield name, _encoded([text]), None

    def _place(self, name: str) -> tuple[str, str]:
        """Return the path of a chat in an archive, and what leads from there to the top."""
        if self.format == 'zip':
            return f'{CHATS_FOLDER}/{name}.json', '../'
        return f'{name}{EXPORT_FORMATS[self.format].ending}', ''

    def _about(self, listed: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yield the files that tell what else is in the archive."""
        if self.format == 'zip':
            yield 'index.html', _index(listed)
            yield 'README.txt', README
        if self.format == 'zip' and self.settings:
            yield SETTINGS_FILE, settings_json(self.settings)
        if self.problems:
            yield 'PROBLEMS.txt', '\n'.join([*self.problems, ''])

    def _report(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems.append(sentence)


class Exports:
    """The exports that pages have begun, for as long as somebody may fetch them. For the event loop only."""

    def __init__(self, reader: WholeConversationReader) -> None:
        self._reader = reader
        self._exports: dict[str, Export] = {}

    def begin(
        self,
        chats: Sequence[str],
        export_format: ExportFormat,
        *,
        settings: ExportedSettings | None = None,
        all_versions: bool = False,
    ) -> Export:
        """Return an export of these chats, which is written when a browser fetches it."""
        for old in list(self._exports)[: len(self._exports) - MAX_EXPORTS + 1]:
            del self._exports[old]
        export = Export(
            reader=self._reader,
            chats=chats,
            format=export_format,
            settings=settings,
            all_versions=all_versions,
        )
        self._exports[export.id] = export
        return export

    def get(self, export_id: str) -> Export | None:
        """Return an export by its id, which only its page knows."""
        return self._exports.get(export_id)


def _suffix(file: Attachment | None) -> str:
    return file_suffix(file) if file else ''


def _index(listed: Iterable[tuple[str, str]]) -> str:
    rows = '\n'.join(
        f'<li><a href="{CHATS_FOLDER}/{quote(name)}.md">{html.escape(title)}</a></li>'
        for name, title in listed
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
        f'<title>Chats</title></head><body><h1>Chats</h1><ul>\n{rows}\n</ul></body></html>\n'
    )


async def _encoded(texts: Iterable[str]) -> AsyncIterator[bytes]:
    async for piece in _pieces(text.encode('utf-8', 'replace') for text in texts):
        yield piece


async def _pieces(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces, each of which is made in a thread: a long answer takes its time."""
    iterator = iter(pieces)
    while (piece := await asyncio.to_thread(next, iterator, None)) is not None:
        yield piece


def _named_files(tables: Tables) -> dict[str, Attachment | None]:
    """Return all files that a chat names, by SHA-256, with what its messages say of them."""
    known = attachments_in(tables)
    return {blob: known.get(blob) for blob in sorted(blobs_in_tables(tables))}
