"""The programs whose chats are read, and which of them a source is from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chat.errors import ImportRefused
from chat.exchange.formats.documents import EMPTY_CHAT, Document, Reader, sample_of
from chat.exchange.formats.messages import imported_chat
from chat.exchange.formats.openai_messages import OpenAIMessages
from chat.exchange.imported import DamagedChat, ReadChat
from chat.exchange.sources import Source

READERS: Sequence[Callable[[], Reader]] = (OpenAIMessages,)
"""Asked in this order; the last ones know least of what is theirs."""

SIGNATURES = (b'{', b'[', b'SQLite format 3\0', b'<')
"""What a file begins with, behind white space, that may have chats in it."""

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
            try:
                yield from self._read(document)
            except ImportRefused as error:
                if len(self.documents) == 1:
                    raise
                yield DamagedChat(title=document.member.name, sentence=str(error))

    def _read(self, document: Document) -> Iterator[ReadChat]:
        for read in self.reader.read(document):
            if isinstance(read, DamagedChat):
                yield read
            elif (chat := imported_chat(self.id, read)).messages:
                yield chat
            else:
                yield DamagedChat(title=chat.title or document.name, sentence=EMPTY_CHAT)


def recognise(source: Source) -> list[FoundFormat]:
    """Return which programs the files of a source are from, by what is in them."""
    readers = [make() for make in READERS]
    found: dict[int, list[Document]] = {}
    for member in source.members.values():
        if not member.head(_FIRST_BYTES).lstrip().startswith(SIGNATURES):
            continue
        sample = sample_of(member.head())
        place = next((place for place, reader in enumerate(readers) if reader.recognises(sample)), None)
        if place is not None:
            document = Document(source=source, member=member, sample=sample)
            found.setdefault(place, []).append(document)
    for documents in found.values():
        for document in documents:
            document.group = documents
    return [FoundFormat(reader=readers[place], documents=found[place]) for place in sorted(found)]
