"""Conversations in memory alone: what is stored here is gone with the process."""

import errno
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from pydantic_ai import BinaryContent, ModelMessage
from pydantic_ai.conversation_store import (
    ConversationConflict,
    ConversationEntry,
    ConversationRecord,
    InMemoryConversationStore,
)

from chat.conversation.content.attachments import Attachment, format_size, media_type_of
from chat.conversation.content.message_files import described
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import AttachmentStorage, ConversationStorage, StoredFile
from chat.errors import AttachmentRefused, ConversationNotFound

if TYPE_CHECKING:
    from chat.conversation.live_conversation import LiveConversation

MAX_FILE_BYTES = 100_000_000
"""Bytes of the files of all temporary chats: they take memory as long as these chats are there."""

FULL_MESSAGE = (
    f'Temporary chats hold files of up to {format_size(MAX_FILE_BYTES)} in all, in memory. '
    'Keep this chat, or end another one.'
)


PIECE_BYTES = 256_000
"""Bytes of a file that a browser is sent at once."""


class MemoryFiles:
    """The bytes of attachments, by their SHA-256."""

    def __init__(self, used: Callable[[], int]) -> None:
        """Begin without files; `used` counts the bytes of all for which there is this room."""
        self._used = used
        self._contents: dict[str, bytes] = {}

    @property
    def size(self) -> int:
        """The bytes of all of them."""
        return sum(map(len, self._contents.values()))

    @property
    def contents(self) -> dict[str, bytes]:
        """All of them; a dictionary of the caller's own."""
        return dict(self._contents)

    def get(self, blob: str) -> bytes | None:
        """Return a file, if it is here."""
        return self._contents.get(blob)

    def put(self, content: bytes) -> str:
        """Keep a file; return its SHA-256.

        Raises:
            AttachmentRefused: If there is no room for it.
        """
        blob = hashlib.sha256(content).hexdigest()
        if blob not in self._contents and self._used() + len(content) > MAX_FILE_BYTES:
            raise AttachmentRefused(FULL_MESSAGE)
        return self.take(content)

    def take(self, content: bytes) -> str:
        """Keep a file that was attached before, whether there is room or not; return its SHA-256."""
        blob = hashlib.sha256(content).hexdigest()
        self._contents[blob] = content
        return blob


def file_in_memory(content: bytes) -> StoredFile:
    """Return a file as it is sent to a browser."""
    return StoredFile(media_type=media_type_of(content), size=len(content), content=_pieces(content))


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRecord:
    """All there is of a conversation."""

    record: ConversationRecord
    entries: Sequence[ConversationEntry]
    """Those of all its branches, each after the one before it."""
    metadata: ConversationMetadata


class MemoryConversations(InMemoryConversationStore, ConversationStorage):
    """Conversations that nothing outlasts: what is moved to the trash is gone, and there are no checkpoints.

    None of its methods waits for anything, so that nothing else happens between the steps of one.
    """

    def __init__(self, files: MemoryFiles, changed: Callable[[], None]) -> None:
        """Begin empty; `changed` is called after each change of what is stored."""
        super().__init__()
        self.files = files
        self._changed = changed
        self._metadata: dict[str, ConversationMetadata] = {}

    def __contains__(self, conversation_id: str) -> bool:
        """Return whether there are messages of this conversation here."""
        return conversation_id in self._records

    def record(self, conversation_id: str) -> ConversationRecord | None:
        """Return what is stored besides messages; nobody may change it."""
        return self._records.get(conversation_id)

    def forget(self, conversation_id: str) -> None:
        """Erase a conversation, if it is here, with the messages that no fork of it has."""
        self._records.pop(conversation_id, None)
        self._metadata.pop(conversation_id, None)
        self._entries = {entry: self._entries[entry] for entry in self._reachable()}

    async def whole(self, conversation_id: str) -> WholeRecord | None:
        """Return all there is of a conversation, if it has messages."""
        record = await self.read_record(conversation_id)
        if record is None:
            return None
        entries: dict[str, ConversationEntry] = {}
        for tip in (*record.branches, record.head_id):
            entries |= {entry.id: entry for entry in await self.read_history(tip)}
        return WholeRecord(
            record=record,
            entries=[*entries.values()],
            metadata=await self.read_metadata(conversation_id),
        )

    async def write_record(
        self,
        record: ConversationRecord,
        *,
        new_entries: Sequence[ConversationEntry] = (),
        expected_revision: str | None,
    ) -> None:
        await super().write_record(record, new_entries=new_entries, expected_revision=expected_revision)
        self._changed()

    async def delete_record(self, conversation_id: str, *, expected_revision: str) -> None:
        await super().delete_record(conversation_id, expected_revision=expected_revision)
        self.forget(conversation_id)
        self._changed()

    async def move_to_trash(self, conversation_id: str) -> None:
        if conversation_id not in self:
            raise ConversationNotFound
        self.forget(conversation_id)
        self._changed()

    async def prune(self, conversation_id: str, branches: Sequence[str], *, expected_revision: str) -> str:
        record = self.record(conversation_id)
        if record is None or not self._entries.keys() >= {*branches}:
            raise ConversationConflict(conversation_id)
        pruned = replace(record, branches=[*branches], revision=str(uuid4()))
        await self.write_record(pruned, expected_revision=expected_revision)
        self._entries = {entry: self._entries[entry] for entry in self._reachable()}
        return pruned.revision

    def _reachable(self) -> set[str]:
        """Return the ids of the entries that lead to an end of some conversation."""
        reached = set[str]()
        for record in self._records.values():
            for tip in (record.head_id, *record.branches):
                entry_id = tip
                while entry_id is not None and entry_id not in reached:
                    reached.add(entry_id)
                    entry_id = self._entries[entry_id].parent_id
        return reached

    async def read_metadata(self, conversation_id: str) -> ConversationMetadata:
        return self._metadata.get(conversation_id, ConversationMetadata())

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        self._metadata[conversation_id] = metadata
        self._changed()

    async def write_checkpoint(self, conversation_id: str, messages: Sequence[ModelMessage]) -> None:
        pass  # nothing is left when the process dies

    async def store_file(self, name: str, content: BinaryContent) -> Attachment:
        try:
            self.files.put(content.data)
        except AttachmentRefused as error:
            raise OSError(errno.ENOMEM, str(error)) from None
        return described(name, content)


async def write_through(
    live: 'LiveConversation',
    memory: MemoryConversations,
    conversations: ConversationStorage,
    attachments: AttachmentStorage,
) -> set[str]:
    """Store elsewhere what is in memory of a chat, as it is when this returns the names of its files.

    Raises:
        OSError: If it could not be stored. Then none of its files stays there.
    """
    saved = set[str]()
    try:
        while not await _is_written(live, memory, conversations, attachments, saved):
            pass
    except BaseException:
        await attachments.discard(saved)
        raise
    return saved


async def _is_written(
    live: 'LiveConversation',
    memory: MemoryConversations,
    conversations: ConversationStorage,
    attachments: AttachmentStorage,
    saved: set[str],
) -> bool:
    """Store it once; return whether nobody has changed it meanwhile: then it is stored there alone."""
    for blob, content in memory.files.contents.items():
        if blob not in saved:
            await attachments.save('file', content, for_prompt=False)
            saved.add(blob)
    whole, metadata = await memory.whole(live.id), live.metadata
    if whole:
        await conversations.write_metadata(live.id, metadata)
        await conversations.write_record(whole.record, new_entries=whole.entries, expected_revision=None)
    stored = memory.record(live.id)
    is_same = (whole and whole.record.revision) == (stored and stored.revision)
    if is_same and live.metadata is metadata and memory.files.contents.keys() <= saved:
        return True
    if whole:
        await conversations.delete(live.id)
    return False
