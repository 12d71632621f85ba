"""A data folder with many conversations, written at once and without a store."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic_ai import ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord

from chat.conversation.content.metadata import ConversationMetadata
from chat.store.conversations.format import FORMAT_VERSION, dump_entry, dump_metadata, dump_record, file_name
from chat.store.tinydb_storage.tables import encoded

DEFAULT_TURN = ('What is this?', 'A conversation.')
NO_METADATA = ConversationMetadata()


@dataclass(frozen=True, kw_only=True)
class StoredChat:
    """A conversation to be found in the folder."""

    number: int
    """Tells it from the others; among those of the same age, the lower one was used last."""
    title: str
    days: float = 0
    """How long ago it was last used."""
    turns: tuple[tuple[str, str], ...] = (DEFAULT_TURN,)
    """Questions and answers."""
    metadata: ConversationMetadata = NO_METADATA

    @property
    def id(self) -> str:
        return str(UUID(int=self.number))

    def entry_id(self, place: int) -> str:
        """Of the message at this place: questions are even, answers odd."""
        return str(UUID(int=(self.number << 32) + place))


def write_chats(data: Path, chats: Iterable[StoredChat]) -> None:
    """Write the files of a folder that no Parlour has open."""
    folder = data / 'conversations'
    folder.mkdir(parents=True, exist_ok=True)
    for book in chats:
        (folder / file_name(book.id)).write_bytes(_chat_file(book))


def _chat_file(book: StoredChat) -> bytes:
    entries = _entries(book)
    moment = datetime.now(UTC) - timedelta(days=book.days, seconds=book.number)
    record = ConversationRecord(conversation_id=book.id, head_id=entries[-1].id, updated_at=moment)
    return encoded(
        {
            '_meta': {'1': {'format_version': FORMAT_VERSION}},
            'record': {'1': dump_record(record)},
            'entries': {entry.id: dump_entry(entry) for entry in entries},
            'meta': {'1': dump_metadata(replace(book.metadata, title=book.title))},
        }
    )


def _entries(book: StoredChat) -> list[ConversationEntry]:
    messages = [
        message
        for question, answer in book.turns
        for message in (
            ModelRequest(parts=[UserPromptPart(question)]),
            ModelResponse(parts=[TextPart(answer)]),
        )
    ]
    return [
        ConversationEntry(
            id=book.entry_id(place),
            parent_id=book.entry_id(place - 1) if place else None,
            message=message,
        )
        for place, message in enumerate(messages)
    ]
