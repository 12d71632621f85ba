"""Reading a data folder without changing it, also while Parlour runs."""

from dataclasses import dataclass
from pathlib import Path

from pydantic_ai import ModelMessage

from chat.conversation.details import ConversationMetadata
from chat.errors import ChatError, ConversationNotFound
from chat.store.care.steady import steadily
from chat.store.disk.layout import Layout
from chat.store.files.blobs import Blobs
from chat.store.files.checkpoints import interrupted
from chat.store.files.conversation_file import ConversationFile, chain
from chat.store.files.format import file_name, loaded_entry
from chat.store.files.summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One conversation as it is stored."""

    messages: list[ModelMessage]
    details: ConversationMetadata


def summaries_in(folder: Path) -> tuple[list[Summary], list[str]]:
    """All conversations, newest first, and the names of the files that cannot be read."""
    summaries: list[Summary] = []
    unread: list[str] = []
    for path in sorted(Layout(folder).conversations.glob('*.json')):
        try:
            summaries.append(steadily(path, lambda path=path: ConversationFile(path).row()).summary)
        except FileNotFoundError:  # deleted while we looked
            continue
        except (OSError, ChatError):
            unread.append(path.name)
    return sorted(summaries, key=lambda summary: summary.updated_at, reverse=True), unread


def stored_in(folder: Path, conversation_id: str) -> Stored:
    """One conversation with all its messages, and what an unfinished answer has said so far.

    Raises:
        ConversationNotFound: If there is none with this id.
        LookupError: If a message is missing.
        FileDamaged, FileNewer: If it cannot be read.
    """
    layout = Layout(folder)
    path = layout.conversations / file_name(conversation_id)
    return steadily(path, lambda: _stored(path, Blobs(layout.blobs)))


def _stored(path: Path, blobs: Blobs) -> Stored:
    file = ConversationFile(path)
    record = file.record()
    if record is None:
        raise ConversationNotFound
    history = [
        loaded_entry(entry_id, blobs.attached(document)).message
        for entry_id, document in chain(file.entries, record.head_id)
    ]
    said = interrupted(file.checkpoint) if file.checkpoint is not None else []
    return Stored(messages=[*reversed(history), *said], details=file.details())
