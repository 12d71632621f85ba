"""Where conversations are kept: pydantic-ai's store, and what stands in it beside the messages."""

from abc import abstractmethod
from collections.abc import Sequence

from pydantic_ai import ModelMessage
from pydantic_ai.conversation_store import ConversationStore

from chat.conversation.metadata import ConversationMetadata


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
