"""Read a data folder without changing it, also while Parlour runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic_ai import ModelMessage

from chat.conversation.metadata import ConversationMetadata
from chat.conversation.storage import ConversationSummary
from chat.errors import ChatError, ConversationNotFound
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.conversation_file import ConversationFile, history_from
from chat.store.conversations.format import file_name, interrupted_answer, load_entry
from chat.store.filesystem.layout import DataLayout
from chat.store.tinydb_storage.journal import journal_of

T = TypeVar('T')

MAX_READ_ATTEMPTS = 3
"""Attempts to read a file that changes meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConversation:
    """One conversation as it is stored."""

    messages: list[ModelMessage]
    metadata: ConversationMetadata


def read_summaries(folder: Path) -> tuple[list[ConversationSummary], list[str]]:
    """Return all conversations, newest first, and the names of the files that cannot be read."""
    summaries: list[ConversationSummary] = []
    unread: list[str] = []
    for path in sorted(DataLayout(folder).conversations.glob('*.json')):
        try:
            summaries.append(
                read_consistently(path, lambda path=path: ConversationFile(path).indexed_summary()).summary
            )
        except FileNotFoundError:  # deleted meanwhile
            continue
        except (OSError, ChatError):
            unread.append(path.name)
    return sorted(summaries, key=lambda summary: summary.updated_at, reverse=True), unread


def read_conversation(folder: Path, conversation_id: str) -> StoredConversation:
    """Return one conversation with all its messages, including the text of an unfinished answer so far.

    Raises:
        ConversationNotFound: If there is none with this id.
        LookupError: If a message is missing.
        FileDamaged, FileNewer: If it cannot be read.
    """
    layout = DataLayout(folder)
    path = layout.conversations / file_name(conversation_id)
    return read_consistently(path, lambda: _read_file(path, BlobStore(layout.blobs)))


def _read_file(path: Path, blobs: BlobStore) -> StoredConversation:
    file = ConversationFile(path)
    record = file.record()
    if record is None:
        raise ConversationNotFound
    history = [
        load_entry(entry_id, blobs.inline(document)).message
        for entry_id, document in history_from(file.entries, record.head_id)
    ]
    said = interrupted_answer(file.checkpoint, blobs) if file.checkpoint is not None else []
    return StoredConversation(messages=[*reversed(history), *said], metadata=file.metadata())


def read_consistently(path: Path, read: Callable[[], T]) -> T:
    """Read a file and its journal consistently: repeat if one changed in between."""
    for _ in range(MAX_READ_ATTEMPTS - 1):
        before = _stamps(path)
        found = read()
        if before == _stamps(path):
            return found
    return read()


def _stamps(path: Path) -> list[tuple[int, int]]:
    stats = [each.stat() for each in (path, journal_of(path)) if each.exists()]
    return [(stat.st_mtime_ns, stat.st_size) for stat in stats]
