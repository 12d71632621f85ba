"""How much of a conversation its model is given: older turns can be left out, so that there is room."""

from dataclasses import replace

from chat.change_signal import ChangeSignal
from chat.conversation.answering.answerer import Answerer
from chat.conversation.answering.model_input import can_exclude_older, last_turn_to_exclude, turns_in_history
from chat.conversation.content.turns import Turn
from chat.conversation.conversation_log import ConversationLog


class HistoryLimit:
    """The line in one conversation before which the model is given nothing; no run may be under way."""

    def __init__(self, log: ConversationLog, answerer: Answerer, changed: ChangeSignal) -> None:
        self._log = log
        self._answerer = answerer
        self._changed = changed

    @property
    def can_exclude_older(self) -> bool:
        """Whether there is an older turn that the model could be given no more."""
        return can_exclude_older(self._turns_in_history())

    def exclude_older(self) -> None:
        """Leave out older turns, if there are any; then go on where the model was full.

        About three quarters of what the model holds are filled where that is known; else half of the turns
        stay. If the model does not take that either, it is asked with half as many, and so on.
        """
        if not self.can_exclude_older:
            return
        turns = self._turns_in_history()
        last, excluded = turns[-1], last_turn_to_exclude(turns)
        self._exclude_up_to(excluded.id)
        is_full = last.outcome is not None and last.outcome.full is not None
        if is_full and not last.text.strip():
            self._answerer.answer_again(last)
        elif is_full and excluded is not last:
            self._answerer.continue_last()

    def include_all(self) -> None:
        """Give the model all turns again."""
        self._exclude_up_to('')

    def _turns_in_history(self) -> list[Turn]:
        return turns_in_history(self._log.turns, self._log.metadata.left_out)

    def _exclude_up_to(self, turn_id: str) -> None:
        self._log.set_metadata(replace(self._log.metadata, left_out=turn_id))
        self._changed.notify()
