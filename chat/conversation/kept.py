"""What is kept of a conversation that is open: its messages, its details and the prompts that wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pydantic_ai import Conversation, ModelRequest

from chat.change import Change
from chat.conversation.branches import Branches, Origin
from chat.conversation.details import Details, Ending
from chat.conversation.messages import id_of
from chat.conversation.store import Store
from chat.conversation.turns import Turn, turns_of


@dataclass(eq=False, kw_only=True)
class KeptConversation:
    """One conversation without the run that may answer in it; `LiveConversation` is the whole."""

    conversation: Conversation
    details: Details
    store: Store
    branches: Branches = field(default_factory=Branches)
    origin: Origin | None = None
    """Of a fork."""
    changed: Change = field(default_factory=Change)

    _settled: list[Turn] = field(default_factory=list[Turn], init=False)
    """The turns of `conversation.messages`, made anew by `_settle` after each write."""

    _sent: set[str] = field(default_factory=set[str], init=False)
    """The ids of all prompts that were sent, whatever has become of them."""

    def __post_init__(self) -> None:
        self._settle()
        self._sent = {turn.id for turn in self._settled} | {id_of(prompt) for prompt in self.queue}

    @property
    def id(self) -> str:
        return self.conversation.conversation_id

    @property
    def queue(self) -> list[ModelRequest]:
        """The prompts that were sent while an answer was under way and wait for their turn, the next first.

        They are asked one after the other as long as answers end by themselves; after a stop or a failure
        they wait until somebody sends something.
        """
        asked = {turn.id for turn in self._settled} if self.details.queue else set[str]()
        return [prompt for prompt in self.details.queue if id_of(prompt) not in asked]

    def knows(self, turn_id: str) -> bool:
        """Whether a prompt with this id was sent, whatever has become of it since."""
        return turn_id in self._sent

    async def take_back(self, turn_id: str) -> ModelRequest | None:
        """Take a prompt out of the queue; `None` if it is not, or no longer, there."""
        prompt = self._take(turn_id)
        self.changed.notify()
        await self.keep_details()
        return prompt

    async def amend(self, change: Callable[[Details], Details]) -> None:
        """Change what is kept besides the messages, which leaves its place in the list as it is."""
        if (details := change(self.details)) != self.details:
            self.details = details
            self.changed.notify()
            await self.keep_details()

    async def keep_details(self) -> None:
        """Return when the details as they are now, with the queue, are stored."""
        await self.store.write_details(self.id, self.details)

    def _take(self, turn_id: str) -> ModelRequest | None:
        queue = self.queue
        self._set_queue([prompt for prompt in queue if id_of(prompt) != turn_id])
        return next((prompt for prompt in queue if id_of(prompt) == turn_id), None)

    def _set_queue(self, queue: Sequence[ModelRequest]) -> None:
        self.details = replace(self.details, queue=tuple(queue))

    async def _store(self) -> None:
        """Store the details, then the messages; a prompt leaves the stored queue only when it is stored."""
        await self.store.write_details(self.id, self.details)
        self.branches.grow(await self.store.save(self.conversation))
        self._settle()

    def _note(self, ending: Ending | None) -> None:
        """Keep how the last answer ended; `None` if it ended by itself."""
        self._settle()
        version_id = self._settled[-1].version_id
        others = {known: each for known, each in self.details.endings.items() if known != version_id}
        self.details = replace(self.details, endings=others | ({version_id: ending} if ending else {}))
        self._settle()

    def _show_trouble(self, sentence: str) -> None:
        """Say under the last answer what could not be done, until the next write."""
        trouble = Ending(kind='failed', sentence=sentence)
        self._settled = [*self._settled[:-1], *(replace(turn, ending=trouble) for turn in self._settled[-1:])]

    def _settle(self) -> None:
        turns = turns_of(self.conversation.messages, self.details.endings, self.branches)
        last = self.details.left_out
        self._settled = [replace(turn, is_left_out=True) if turn.id == last else turn for turn in turns]
