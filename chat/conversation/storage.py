"""Protocols of what is stored of conversations, joined in `chat/storage.py`; values that pages list of it."""

from abc import abstractmethod
from collections.abc import AsyncIterable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from pydantic import AwareDatetime
from pydantic_ai import BinaryContent, ModelMessage
from pydantic_ai.conversation_store import ConversationStore

from chat.change_signal import ChangeSignal
from chat.conversation.content.attachments import Attachment
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.metadata import ConversationMetadata

TRASH_LIFETIME = timedelta(days=30)
"""How long a conversation stays in the trash; it goes within the hour after that."""

NEW_CONVERSATION = 'new'
"""Instead of the id of a conversation: the draft of one that has not begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """One conversation, as the sidebar shows it."""

    conversation_id: str
    title: str
    """Empty as long as the conversation has none."""
    updated_at: AwareDatetime
    """When messages were last stored."""
    is_pinned: bool = False  # this and the next three: see `ConversationMetadata`
    is_archived: bool = False
    is_unread: bool = False
    folder: str = ''
    is_waiting: bool = False  # for a decision about a tool call


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashedConversation(ConversationSummary):
    """One conversation in the trash."""

    deleted_at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A prompt that is being written."""

    text: str = ''
    attachments: tuple[Attachment, ...] = ()


EMPTY_DRAFT = Draft()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """Something stored that cannot be read, and is left as it is."""

    conversation_id: str | None
    """Of the conversation that cannot be shown; `None` if that is not known, or if it is no conversation."""
    sentence: str
    """What is the matter and what to do, for the person at the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """The bytes of an attachment, to be sent to a browser."""

    media_type: str | None
    """What the bytes are, by `media_type_of`; `None` if that is nothing in particular."""
    size: int
    """In bytes."""
    content: Path | AsyncIterable[bytes]
    """The file, or the bytes in pieces where a storage has no files."""


class ConversationStorage(ConversationStore):
    """A `ConversationStore` that also stores metadata, and what an unfinished answer has said."""

    @abstractmethod
    async def read_metadata(self, conversation_id: str) -> ConversationMetadata:
        """Return the metadata of a conversation; empty metadata if nothing is stored."""

    @abstractmethod
    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        """Store the metadata; that of a conversation without messages yet is stored with its first ones."""

    async def update_metadata(
        self, conversation_id: str, metadata: ConversationMetadata, *, since: ConversationMetadata
    ) -> None:
        """Store what was changed of the metadata since it was as the caller knew it to be stored.

        Where several processes share a storage, others may have changed the rest.
        """
        await self.write_metadata(conversation_id, metadata)

    @abstractmethod
    async def move_to_trash(self, conversation_id: str) -> None:
        """Put a conversation where it can be taken back from, exactly as it was.

        Raises:
            ConversationNotFound: If there is none with this id.
            OSError: If that failed. Then it stays where it is.
        """

    @abstractmethod
    async def prune(self, conversation_id: str, branches: Sequence[str], *, expected_revision: str) -> str:
        """Erase the entries that lead neither to the head nor to one of these ends; return the new revision.

        Args:
            conversation_id: The conversation, which keeps its head.
            branches: The ends that stay, as in `ConversationRecord.branches`, whose place they take.
            expected_revision: Of the conversation whose branches these are.

        Raises:
            ConversationConflict: If another revision is stored, or one of the ends is not.
        """

    @abstractmethod
    async def write_checkpoint(self, conversation_id: str, messages: Sequence[ModelMessage]) -> None:
        """Store what an answer has said so far, in case the process dies; the next save replaces it."""

    @abstractmethod
    async def store_file(self, name: str, content: BinaryContent) -> Attachment:
        """Store a file of any kind that a tool or a model has made; see `AttachmentStorage.save`.

        Raises:
            OSError: If it could not be stored.
        """


class ConversationCatalog(Protocol):
    """What the sidebar lists: all stored conversations, in memory. For the event loop only."""

    @property
    def changed(self) -> ChangeSignal:
        """Notified after each change of what is listed."""
        ...

    @property
    def summaries(self) -> Sequence[ConversationSummary]:
        """All conversations, the one updated last first; a list of the caller's own."""
        ...

    @property
    def problems(self) -> Sequence[FileProblem]:
        """What cannot be read, and so is not listed."""
        ...

    def get(self, conversation_id: str) -> ConversationSummary | None:
        """Return what is listed of a conversation, or `None` if it is not stored."""
        ...

    def has(self, conversation_id: str) -> bool:
        """Return whether this conversation is stored."""
        ...

    def problem_of(self, conversation_id: str) -> FileProblem | None:
        """Return why a conversation cannot be read, if that is known."""
        ...


class TrashStorage(Protocol):
    """Conversations that `ConversationStorage.move_to_trash` has put aside, for `TRASH_LIFETIME`."""

    @property
    def changed(self) -> ChangeSignal:
        """Notified after each change of what is in the trash."""
        ...

    @property
    def conversations(self) -> Sequence[TrashedConversation]:
        """What is in the trash, the one deleted last first."""
        ...

    def has(self, conversation_id: str) -> bool:
        """Return whether a conversation with this id is in the trash."""
        ...

    async def restore(self, conversation_id: str) -> None:
        """Put the conversation back that was moved to the trash last, exactly as it was.

        Raises:
            ConversationNotFound: If there is none with this id in the trash.
            ConversationExists: If there is one with this id that is not in the trash.
            OSError: If that failed. Then it stays in the trash.
        """
        ...

    async def delete_for_good(self, conversation_id: str) -> None:
        """Erase the conversation that was moved to the trash last, with the files that only it has.

        Raises:
            ConversationNotFound: If there is none with this id in the trash.
            OSError: If that failed.
        """
        ...


class DraftStorage(Protocol):
    """Prompts that are being written, by the conversation they are for; see `NEW_CONVERSATION`."""

    @property
    def changed(self) -> ChangeSignal:
        """Notified after each change of a draft."""
        ...

    def get(self, conversation_id: str) -> Draft:
        """Return what was written; `EMPTY_DRAFT` if nothing was."""
        ...

    async def put(self, conversation_id: str, draft: Draft) -> None:
        """Replace a draft, for all at once, and return when it is stored; `EMPTY_DRAFT` removes it.

        Raises:
            OSError: If it could not be stored. Then it is there until Parlour ends.
        """
        ...


class AttachmentStorage(Protocol):
    """The bytes of attachments, by their SHA-256."""

    async def save(self, name: str, content: bytes, *, for_prompt: bool = True) -> Attachment:
        """Store a file, which stays until Parlour ends, or longer if a conversation or a draft names it.

        Raises:
            AttachmentRefused: As `checked_content` says, if it is for a prompt.
            OSError: If it could not be stored.
        """
        ...

    async def read(self, attachments: Iterable[Attachment]) -> dict[Attachment, BinaryContent]:
        """Return the files with their bytes, as `attached_file` makes them.

        Raises:
            AttachmentMissing: If one is not there.
        """
        ...

    async def get(self, blob: str) -> StoredFile | None:
        """Return a file of which the name is not known, or `None` if there is none with this SHA-256.

        `blob` comes from an address and may be anything.
        """
        ...

    async def discard(self, blobs: Iterable[str]) -> None:
        """Erase those of these files that no conversation and no draft names."""
        ...


class PreferencesStorage(Protocol):
    """Stores `Preferences`."""

    async def read(self) -> Preferences:
        """Return what is stored; the usual where nothing is, or nothing that makes sense."""
        ...

    async def write(self, preferences: Preferences) -> None:
        """Replace them.

        Raises:
            OSError: If that failed; what was stored before is still there.
        """
        ...
