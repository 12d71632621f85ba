"""The right to answer in a conversation: one process has it at a time, of all that share a storage."""

from collections.abc import Sequence
from typing import Protocol

from pydantic_ai import ModelMessage, ModelRequest

from chat.conversation.answering.checkpoints import CHECKPOINT_INTERVAL
from chat.conversation.conversation_log import ConversationLog


class RunRights(Protocol):
    """Asked before each run, told when one has its place, and before what it has said is stored."""

    interval: float
    """Seconds from one checkpoint of a run to the next, which others may wait for."""

    async def claim(self, log: ConversationLog) -> bool:
        """Return whether a run may begin on what the log knows; else nothing was done.

        Raises:
            OSError: If that cannot be found out.
        """
        ...

    async def show(self, log: ConversationLog) -> None:
        """Let others see the run: its prompt is stored."""
        ...

    def end(self, log: ConversationLog) -> None:
        """Have the next save of the log end the run."""
        ...

    async def give_up(self, log: ConversationLog, said: Sequence[ModelMessage] = ()) -> None:
        """Leave the run to other processes with what it has said, or else as far as its checkpoint goes.

        Raises:
            OSError: If they could not be told.
        """
        ...

    def lose(self, prompt: ModelRequest | None) -> None:
        """Be told that what the log has cannot be stored: another process answers, or has written meanwhile.

        `prompt` was to be asked, if a run did not begin; the log may have it, and nothing is stored of it.
        """
        ...


class NoRivals:
    """The rights of the only process that uses a storage."""

    interval = CHECKPOINT_INTERVAL

    async def claim(self, log: ConversationLog) -> bool:
        """Return that it may."""
        return True

    async def show(self, log: ConversationLog) -> None:
        """Do nothing: nobody looks."""

    def end(self, log: ConversationLog) -> None:
        """Do nothing."""

    async def give_up(self, log: ConversationLog, said: Sequence[ModelMessage] = ()) -> None:
        """Do nothing: there are none."""

    def lose(self, prompt: ModelRequest | None) -> None:
        """Do nothing: that does not happen."""
