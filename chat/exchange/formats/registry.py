"""The programs whose chats are read, and which of them a source is from."""

import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zipfile import BadZipFile

from chat.errors import ImportRefused
from chat.exchange.formats.big_agi import BigAGI
from chat.exchange.formats.chat_app_database import ChatAppDatabase
from chat.exchange.formats.chat_ui import ChatUI
from chat.exchange.formats.chatbot_ui import ChatbotUI
from chat.exchange.formats.chatgpt import ChatGPT
from chat.exchange.formats.cherry_studio import CherryStudio
from chat.exchange.formats.claude import Claude
from chat.exchange.formats.documents import (
    EMPTY_CHAT,
    ODD_CHAT,
    ODD_ERRORS,
    Document,
    Reader,
    Sample,
    sample_of,
)
from chat.exchange.formats.google import AIStudio, Takeout
from chat.exchange.formats.jan import Jan
from chat.exchange.formats.librechat import LibreChat
from chat.exchange.formats.llama_cpp import LlamaCpp
from chat.exchange.formats.lm_studio import LMStudio
from chat.exchange.formats.messages import imported_chat
from chat.exchange.formats.open_webui import OpenWebUI
from chat.exchange.formats.openai_messages import OpenAIMessages
from chat.exchange.formats.pydantic_ai_messages import PydanticAI
from chat.exchange.formats.records import Chat
from chat.exchange.formats.sillytavern import SillyTavern
from chat.exchange.imported import DamagedChat, ReadChat
from chat.exchange.sources import HEAD_BYTES, Member, Source

READERS: Sequence[Callable[[], Reader]] = (
    ChatGPT,
    Claude,
    Takeout,
    AIStudio,
    OpenWebUI,
    LibreChat,
    LMStudio,
    LlamaCpp,
    ChatUI,
    BigAGI,
    Jan,
    CherryStudio,
    SillyTavern,
    ChatbotUI,
    PydanticAI,
    ChatAppDatabase,
    OpenAIMessages,
)
"""Asked in this order; the last ones know least of what is theirs."""

READ_ERRORS = (ImportRefused, OSError, EOFError, BadZipFile, zlib.error)

SIGNATURES = (b'{', b'[', b'SQLite format 3\0', b'<')
"""What a file begins with, behind white space, that may have chats in it."""

ATTACHING_READERS = (ChatGPT, ChatUI)
"""Of programs whose exports have the files that were attached, under the names below."""

ATTACHMENT_NAME = re.compile(r'file[-_]|.*\.dat$')

LONG_HEAD_BYTES = 16_000_000
"""Bytes by which a file is recognised whose first text or picture is longer than the usual beginning."""

_FIRST_BYTES = 64
"""By which a file is passed over that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFormat:
    """A program, and the files of a source that are from it."""

    reader: Reader
    documents: Sequence[Document]

    @property
    def id(self) -> str:
        """What is stored as the source of a chat."""
        return self.reader.id

    @property
    def name(self) -> str:
        """What a person calls the program."""
        return self.reader.name

    def read(self) -> Iterator[ReadChat]:
        """Yield the chats, one in memory at a time.

        A file that is damaged is no reason to leave out the others.

        Raises:
            ImportRefused: If there is one file only, and the rest of it cannot be read.
        """
        for document in self.documents:
            name = document.member.name
            try:
                yield from self._read(document)
            except READ_ERRORS as error:
                sentence = str(error) if isinstance(error, ImportRefused) else f'{name} is damaged.'
                if len(self.documents) == 1:
                    raise ImportRefused(sentence) from error
                yield DamagedChat(title=name, sentence=sentence)

    def _read(self, document: Document) -> Iterator[ReadChat]:
        for read in self.reader.read(document):
            if isinstance(read, DamagedChat):
                yield read
            else:
                yield _imported(self.id, read, document)


def _imported(source: str, chat: Chat, document: Document) -> ReadChat:
    title = chat.title or document.name
    try:
        imported = imported_chat(source, chat)
    except ODD_ERRORS:
        return DamagedChat(title=title, sentence=ODD_CHAT)
    return imported if imported.messages else DamagedChat(title=title, sentence=EMPTY_CHAT)


def _without_attachments(reader: Reader, documents: list[Document]) -> list[Document]:
    """Leave out files that were attached to a chat, and look like chats themselves."""
    is_own = isinstance(reader, ATTACHING_READERS)
    return [each for each in documents if is_own or not ATTACHMENT_NAME.match(each.name)]


def _recognised(member: Member, readers: Sequence[Reader]) -> tuple[int, Sample] | None:
    """Return which of the readers knows a file by its beginning; more of it is read if that says nothing."""
    for size in (HEAD_BYTES, LONG_HEAD_BYTES):
        head = member.head(size)
        sample = sample_of(head)
        place = next((place for place, reader in enumerate(readers) if reader.recognises(sample)), None)
        if place is not None:
            return place, sample
        if len(head) < HEAD_BYTES - len(BOM_UTF8):
            break
    return None


def recognise(source: Source) -> list[FoundFormat]:
    """Return which programs the files of a source are from, by what is in them."""
    readers = [make() for make in READERS]
    found: dict[int, list[Document]] = {}
    for member in source.members.values():
        if not member.head(_FIRST_BYTES).lstrip().startswith(SIGNATURES):
            continue
        if recognised := _recognised(member, readers):
            place, sample = recognised
            document = Document(source=source, member=member, sample=sample)
            found.setdefault(place, []).append(document)
    if any(isinstance(readers[place], ATTACHING_READERS) for place in found):
        found = {place: _without_attachments(readers[place], documents) for place, documents in found.items()}
    for documents in found.values():
        for document in documents:
            document.group = documents
    return [
        FoundFormat(reader=readers[place], documents=found[place]) for place in sorted(found) if found[place]
    ]
