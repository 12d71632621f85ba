"""Steering: what waits in the queue is given to the run that is under way, which goes on with it."""

from pydantic_ai import ModelRequest

from chat.change_signal import ChangeSignal
from chat.conversation.answering.answerer import Answerer
from chat.conversation.content.messages import author_of, steered_turn, turn_id_of
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_log import ConversationLog
from chat.conversation.prompt_queue import PromptQueue


class Steering:
    """Marks prompts of the queue for the run of the last turn, which takes them before its next request.

    Until then they stay in the queue: if the run ends before, they are asked next; if it is stopped or fails,
    they wait. A run that waits for a decision takes them when it goes on.
    """

    def __init__(
        self, log: ConversationLog, queue: PromptQueue, answerer: Answerer, changed: ChangeSignal
    ) -> None:
        self._log = log
        self._queue = queue
        self._answerer = answerer
        self._changed = changed

    def is_possible(self, prompt: ModelRequest) -> bool:
        """Return whether a prompt can be marked now.

        That of a guest only for a run that they have begun themselves: in any other one tools that the owner
        has allowed would do what a guest wants, and ask nobody.
        """
        turn = self._turn
        return bool(turn) and steered_turn(prompt) != turn.id and author_of(prompt) in ('', turn.author)

    def is_marked(self, prompt: ModelRequest) -> bool:
        """Return whether a prompt is given to the run at its next step, if there is one."""
        turn = self._turn
        return bool(turn) and steered_turn(prompt) == turn.id

    async def steer(self, turn_id: str) -> None:
        """Mark the prompt of this id, unless that is not possible, or no more: then it waits as before."""
        prompt = next((each for each in self._queue.prompts if turn_id_of(each) == turn_id), None)
        if prompt and self._turn and self.is_possible(prompt):
            self._queue.steer(turn_id, self._turn.id)
            self._changed.notify()
            await self._log.save_metadata()

    @property
    def _turn(self) -> Turn | None:
        """The turn whose run may take another step."""
        turn = self._log.turns[-1] if self._log.turns else None
        is_at_work = self._answerer.may_go_on if self._answerer.is_running else bool(turn and turn.pending)
        return turn if is_at_work else None
