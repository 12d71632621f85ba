"""What is kept of a conversation that is open: its messages, its details and the prompts that wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pydantic_ai import Conversation, ModelRequest

from chat.change_signal import ChangeSignal
from chat.conversation.branches import Branches, Origin
from chat.conversation.messages import turn_id_of
from chat.conversation.metadata import ConversationMetadata, TurnOutcome
from chat.conversation.storage import ConversationStorage
from chat.conversation.turns import Turn, turns_of


@dataclass(eq=False, kw_only=True)
class ConversationLog:
    """One conversation without the run that may answer in it; `LiveConversation` is the whole."""

    conversation: Conversation
    metadata: ConversationMetadata
    store: ConversationStorage
    branches: Branches = field(default_factory=Branches)
    origin: Origin | None = None
    """Of a fork."""
    changed: ChangeSignal = field(default_factory=ChangeSignal)

    _finished_turns: list[Turn] = field(default_factory=list[Turn], init=False)
    """The turns of `conversation.messages`, made anew by `_recompute_turns` after each write."""

    _sent_ids: set[str] = field(default_factory=set[str], init=False)
    """The ids of all prompts that were sent, whatever has become of them."""

    _stored_queue_ids: frozenset[str] = field(default=frozenset(), init=False)
    """The ids of the prompts of the queue that are stored, or of which it was said that they could not be."""

    def __post_init__(self) -> None:
        self._recompute_turns()
        self._stored_queue_ids = frozenset(map(turn_id_of, self.metadata.queue))
        self._sent_ids = {turn.id for turn in self._finished_turns} | {
            turn_id_of(prompt) for prompt in self.queue
        }

    @property
    def id(self) -> str:
        return self.conversation.conversation_id

    @property
    def queue(self) -> list[ModelRequest]:
        """The prompts that were sent while an answer was under way and wait for their turn, the next first.

        They are asked one after the other as long as answers end by themselves; after a stop or a failure
        they wait until somebody sends something.
        """
        asked = {turn.id for turn in self._finished_turns} if self.metadata.queue else set[str]()
        return [prompt for prompt in self.metadata.queue if turn_id_of(prompt) not in asked]

    @property
    def shown_queue(self) -> list[ModelRequest]:
        """Those of the queue that a page may show: what is seen to wait outlasts the process."""
        return [prompt for prompt in self.queue if turn_id_of(prompt) in self._stored_queue_ids]

    def has_prompt(self, turn_id: str) -> bool:
        """Whether a prompt with this id was sent, whatever has become of it since."""
        return turn_id in self._sent_ids

    async def remove_from_queue(self, turn_id: str) -> ModelRequest | None:
        """Take a prompt out of the queue; `None` if it is not, or no longer, there."""
        prompt = self._remove_queued(turn_id)
        self.changed.notify()
        await self.save_metadata()
        return prompt

    async def update_metadata(self, change: Callable[[ConversationMetadata], ConversationMetadata]) -> None:
        """Change what is kept besides the messages, which leaves its place in the list as it is."""
        if (metadata := change(self.metadata)) != self.metadata:
            self.metadata = metadata
            self.changed.notify()
            await self.save_metadata()

    async def save_metadata(self) -> None:
        """Return when the details as they are now, with the queue, are stored."""
        queue = frozenset(map(turn_id_of, self.metadata.queue))
        try:
            await self.store.write_metadata(self.id, self.metadata)
        finally:  # what could not be stored is asked all the same: it is shown, with the failure beside it
            if not queue <= self._stored_queue_ids:
                self._stored_queue_ids |= queue
                self.changed.notify()

    def _remove_queued(self, turn_id: str) -> ModelRequest | None:
        queue = self.queue
        self._set_queue([prompt for prompt in queue if turn_id_of(prompt) != turn_id])
        return next((prompt for prompt in queue if turn_id_of(prompt) == turn_id), None)

    def _set_queue(self, queue: Sequence[ModelRequest]) -> None:
        self.metadata = replace(self.metadata, queue=tuple(queue))

    async def _save(self) -> None:
        """Store the details, then the messages; a prompt leaves the stored queue only when it is stored."""
        await self.save_metadata()
        self.branches.extend(await self.store.save(self.conversation))
        self._recompute_turns()

    def _record_outcome(self, outcome: TurnOutcome | None) -> None:
        """Keep how the last answer ended; `None` if it ended by itself."""
        self._recompute_turns()
        version_id = self._finished_turns[-1].version_id
        others = {known: each for known, each in self.metadata.endings.items() if known != version_id}
        self.metadata = replace(self.metadata, endings=others | ({version_id: outcome} if outcome else {}))
        self._recompute_turns()

    def _show_error(self, sentence: str) -> None:
        """Say under the last answer what could not be done, until the next write."""
        trouble = TurnOutcome(kind='failed', sentence=sentence)
        self._finished_turns = [
            *self._finished_turns[:-1],
            *(replace(turn, outcome=trouble) for turn in self._finished_turns[-1:]),
        ]

    def _recompute_turns(self) -> None:
        turns = turns_of(self.conversation.messages, self.metadata.endings, self.branches)
        last = self.metadata.left_out
        self._finished_turns = [
            replace(turn, is_excluded=True) if turn.id == last else turn for turn in turns
        ]
