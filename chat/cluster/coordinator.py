"""What a conversation asks of the other nodes, and the right to answer in it."""

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from weakref import ref

from pydantic_ai import ModelMessage, ModelRequest

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.conversation_log import ConversationLog
from chat.store.tinydb_storage.tables import Json

if TYPE_CHECKING:
    from chat.cluster.shared_conversation import SharedConversation

FRAME_INTERVAL = 0.1
"""Seconds from one frame of an answer to the next: pages at other nodes see words so much later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredState:
    """What stands in the rows of a conversation."""

    revision: str
    metadata: ConversationMetadata
    run: int | None
    """The number of the run of another node that answers in it, if there is one."""
    is_shown: bool
    """Whether its prompt is stored, so that what it says has its place."""


class Coordinator(Protocol):
    """What a conversation asks of the other nodes, and of the database."""

    @property
    def is_leaving(self) -> bool:
        """Whether this node is about to end."""
        ...

    async def claim(self, log: ConversationLog, *, attempt: int) -> bool:
        """Return whether this node may answer on what the log knows.

        Raises:
            OSError: If the database is away for too long.
        """
        ...

    async def show(self, log: ConversationLog) -> None:
        """Let the others see the run: its prompt is stored."""
        ...

    def end(self, live: 'SharedConversation') -> None:
        """Have the next save end the run, and see to it that there is one."""
        ...

    async def give_up(self, live: 'SharedConversation') -> None:
        """Leave the run to the others."""
        ...

    def number_of(self, live: 'SharedConversation') -> int | None:
        """Return the number of the run of this node, if there is one."""
        ...

    async def command(self, conversation_id: str, command: Json) -> None:
        """Have whoever answers in a conversation do something; if nobody does, one node does it."""
        ...

    async def read(self, live: 'SharedConversation') -> ConversationLog | None:
        """Return what is stored of a conversation now; `None` if it is no more."""
        ...

    async def abandon(self, live: 'SharedConversation') -> None:
        """Have nobody believe that this node answers in a conversation."""
        ...

    async def read_frames(self) -> None:
        """Read what the answers have said that are followed here."""
        ...

    async def sync(self, live: 'SharedConversation', *, discard_unsaved: bool = False) -> None:
        """Read what is stored of a conversation now, and have it follow that; see `follow`."""
        ...

    def start(self, work: Coroutine[Any, Any, None]) -> object:
        """Do something in a task that somebody waits for."""
        ...


class RightToAnswer:
    """The right to answer in one conversation: a row that one node has."""

    interval = FRAME_INTERVAL

    def __init__(self, live: 'SharedConversation', coordinator: Coordinator) -> None:
        self.attempt = 0
        """How often before a node has gone on by itself with what is answered next."""
        self._live = ref(live)  # so that it is freed when nobody holds it
        self._coordinator = coordinator

    async def claim(self, log: ConversationLog) -> bool:
        """Return whether nobody else answers, and the log knows what is stored."""
        attempt, self.attempt = self.attempt, 0
        return log.place.is_temporary or await self._coordinator.claim(log, attempt=attempt)

    async def show(self, log: ConversationLog) -> None:
        """Let the other nodes see the run."""
        if not log.place.is_temporary:
            await self._coordinator.show(log)

    def end(self, log: ConversationLog) -> None:
        """Have the next save of the log end the run."""
        if not log.place.is_temporary and (live := self._live()):
            self._coordinator.end(live)

    async def give_up(self, log: ConversationLog, said: Sequence[ModelMessage] = ()) -> None:
        """Leave the run to the other nodes, with what it has said, or had said when that was stored last."""
        if not log.place.is_temporary and (live := self._live()):
            try:
                if said:
                    await log.write_checkpoint(said)
            finally:
                await self._coordinator.give_up(live)

    def lose(self, prompt: ModelRequest | None) -> None:
        """Show what the other node has stored, and hand the prompt over to it."""
        if live := self._live():
            if prompt:
                live.handover.begin(prompt, after=live.resync())
            else:
                self._coordinator.start(self._coordinator.sync(live, discard_unsaved=True))
