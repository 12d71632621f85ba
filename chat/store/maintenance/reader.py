"""Read a data folder without changing it, also while Parlour runs."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from chat.conversation.storage import ConversationSummary, StoredFile
from chat.conversation.whole_conversation import WholeConversation
from chat.errors import ChatError
from chat.store.conversations.blobs import BlobStore, stored_file
from chat.store.conversations.conversation_file import ConversationFile
from chat.store.conversations.format import file_name
from chat.store.conversations.whole_file import read_whole
from chat.store.filesystem.layout import DataLayout
from chat.store.tinydb_storage.journal import journal_of
from chat.store.tinydb_storage.tables import Json

T = TypeVar('T')

MAX_READ_ATTEMPTS = 3
"""Attempts to read a file that changes meanwhile."""


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


class FolderReader:
    """Reads conversations and files of a data folder, while nobody or another process writes it."""

    def __init__(self, folder: Path) -> None:
        self._layout = DataLayout(folder)

    async def read(self, conversation_id: str, *, with_files: bool = False) -> WholeConversation:
        """Return one conversation with all its messages, including the text of an unfinished answer so far.

        Raises:
            ConversationNotFound: If there is none with this id.
            FileDamaged, FileNewer: If it cannot be read.
        """
        path = self._layout.conversations / file_name(conversation_id)
        blobs = BlobStore(self._layout.blobs)
        return await asyncio.to_thread(
            read_consistently, path, lambda: read_whole(ConversationFile(path), blobs, with_files=with_files)
        )

    async def file(self, blob: str) -> StoredFile | None:
        """Return the bytes of a file with this SHA-256; `None` if there is none."""
        return await asyncio.to_thread(stored_file, BlobStore(self._layout.blobs), blob)


def read_documents(path: Path, table: str) -> list[Json]:
    """Return the documents of a table of a small file; none if it cannot be read."""
    try:
        return [dict(document) for document in json.loads(path.read_bytes()).get(table, {}).values()]
    except (OSError, ValueError, AttributeError, TypeError):
        return []


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
