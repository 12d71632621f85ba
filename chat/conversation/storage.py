"""Protocols of what is stored of conversations. `chat/storage.py` puts them together to one `Storage`."""

from abc import abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from typing import Protocol

from pydantic_ai import BinaryContent, ModelMessage
from pydantic_ai.conversation_store import ConversationStore

from chat.change_signal import ChangeSignal
from chat.conversation.attachments import Attachment
from chat.conversation.metadata import ConversationMetadata
from chat.conversation.preferences import Preferences
from chat.conversation.storage_values import (
    ConversationSummary,
    Draft,
    FileProblem,
    SearchHit,
    StoredFile,
    TrashedConversation,
)


class ConversationStorage(ConversationStore):
    """A `ConversationStore` that also keeps details, and what an unfinished answer has said."""

    @abstractmethod
    async def read_metadata(self, conversation_id: str) -> ConversationMetadata:
        """What is kept of a conversation besides its messages; empty details if there is nothing."""

    @abstractmethod
    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        """Keep the details; those of a conversation without messages yet are stored with its first ones."""

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
        """Keep what an answer has said so far, in case the process dies; the next save makes it void."""


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

    async def save(self, name: str, content: bytes) -> Attachment:
        """Store a file, which stays until Parlour ends, or longer if a conversation or a draft names it.

        Raises:
            AttachmentRefused: As `checked_content` says.
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


class ConversationSearch(Protocol):
    """Search over the titles and messages of all conversations that the catalog lists."""

    async def prepare(self) -> None:
        """Do beforehand what the first search would have to do. The next question ends it."""
        ...

    async def search(self, text: str, *, limit: int = 50, asker: Hashable = None) -> list[SearchHit] | None:
        """Return the first hits, or `None` if the same asker has asked again meanwhile.

        Conversations whose title matches come first, then all others; among each, those updated last come
        first. Of one conversation come its title, then its messages, the newest first.

        Args:
            text: What to look for; all its words have to occur. Without a word there are no hits.
            limit: How many hits are enough.
            asker: A page, say; the questions of different askers do not end one another.
        """
        ...


class PreferencesStorage(Protocol):
    """Where `Preferences` outlast the process."""

    async def read(self) -> Preferences:
        """Return what is stored; the usual where nothing is, or nothing that makes sense."""
        ...

    async def write(self, preferences: Preferences) -> None:
        """Replace them.

        Raises:
            OSError: If that failed; what was stored before is still there.
        """
        ...
