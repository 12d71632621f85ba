"""Comparing models in one conversation: which are to answer, and with which of their answers it goes on."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic_ai import ModelRequest

from chat.change_signal import ChangeSignal
from chat.conversation.answering.answerer import Answerer
from chat.conversation.branch_switcher import BranchSwitcher
from chat.conversation.content.comparison import validate_models, with_compared_models
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_log import ConversationLog
from chat.errors import ConversationBusy, TurnMissing


class Comparing:
    """The verbs for several answers to one question at once.

    An answer is named by the turn, its place from left to right, and its model: a page may be late.
    """

    def __init__(
        self, log: ConversationLog, answerer: Answerer, switcher: BranchSwitcher, changed: ChangeSignal
    ) -> None:
        self.next_models: tuple[str, ...] = ()
        """Those that answer the next question of the owner, all at once; none if one does as usual."""
        self._log = log
        self._answerer = answerer
        self._switcher = switcher
        self._changed = changed

    def choose(self, models: Sequence[str]) -> None:
        """Have these answer the next question of the owner; with none, one does as usual.

        Raises:
            ModelCountWrong: If they are neither none nor a few different ones.
        """
        if models:
            validate_models(models)
        self.next_models = tuple(models)
        self._changed.notify()

    def with_models(self, prompt: ModelRequest) -> ModelRequest:
        """Return the next question of the owner with the models that were chosen for it."""
        models, self.next_models = self.next_models, ()
        return with_compared_models(prompt, models) if models else prompt

    def answer_again(self, turn_id: str, models: Sequence[str]) -> None:
        """Have these models answer a question again; what was answered stays.

        Raises:
            ModelCountWrong: As for `choose`.
            ConversationBusy, TurnMissing: See `LiveConversation`.
        """
        validate_models(models)
        self._raise_if_busy()
        self._answerer.asker.forget_refused_files()
        self._answerer.answer_again(self._log.turn(turn_id), models=models)

    def stop(self, turn_id: str, place: int, model: str) -> None:
        """End one answer; the others go on."""
        if self._column(turn_id, place, model).is_running:
            self._answerer.stop_one(place)

    async def keep(self, turn_id: str, place: int, model: str) -> None:
        """Go on with one answer, and with its model; others that are under way are stopped, and stay.

        What waits in the queue goes on with it, too.

        Raises:
            TurnMissing: If there is no such answer, or it says nothing.
            ConversationBusy: If another answer is under way, or the branch is changing.
        """
        self._column(turn_id, place, model)
        queue = self._answerer.queue
        may_ask = not queue.is_halted
        if self._answerer.is_running:
            self._answerer.stop()
            await self._answerer.wait()
        self._raise_if_busy()
        tip = self._log.branches.tip_with(self._column(turn_id, place, model).first_answer_entry_id)
        if tip is None:
            raise TurnMissing
        queue.pin(tip)
        if tip != self._log.branches.path[-1]:
            await self._switcher.show(tip, lambda: self._answerer.is_running)
        self._log.set_metadata(replace(self._log.metadata, model=model, comparison=None))
        self._changed.notify()
        await self._log.save_metadata()
        if may_ask and not self._answerer.is_running:
            queue.release()
            if (prompt := queue.next) and not self._log.turns[-1].pending:
                self._answerer.ask(prompt)

    def _column(self, turn_id: str, place: int, model: str) -> Turn:
        turns = self._answerer.turns
        columns = turns[-1].compared if turns and turns[-1].id == turn_id else ()
        if not 0 <= place < len(columns) or columns[place].model != model:
            raise TurnMissing
        return columns[place]

    def _raise_if_busy(self) -> None:
        if self._answerer.is_running or self._switcher.is_switching:
            raise ConversationBusy
