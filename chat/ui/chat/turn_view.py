"""One turn on the page: the question and its answer."""

from chat.conversation.live import LiveConversation
from chat.conversation.turns import Turn
from chat.ui.chat.assistant_message import AssistantMessage
from chat.ui.chat.stream_cache import StreamCache
from chat.ui.chat.turn_actions import TurnViewer
from chat.ui.chat.user_message import UserMessage


class TurnView:
    """Shows one turn; built once, then brought up to date by `show`."""

    def __init__(
        self, live: LiveConversation, turn: Turn, viewer: TurnViewer, renderings: StreamCache
    ) -> None:
        self._turn: Turn | None = None
        self._is_last = False
        self._question = UserMessage(turn, viewer)
        self._answer = AssistantMessage(live, turn, viewer, renderings)
        self.show(turn, is_last=False)

    def show(self, turn: Turn, *, is_last: bool) -> None:
        """Bring the page up to date with the turn as it is now."""
        if turn is not self._turn or is_last != self._is_last:
            self._turn, self._is_last = turn, is_last
            self._question.show(turn)
            self._answer.show(turn, is_last=is_last)

    def move(self, index: int) -> None:
        """Take this place, and the one after it, among the children of the parent."""
        self._question.move(target_index=index)
        self._answer.move(target_index=index + 1)

    def delete(self) -> None:
        self._question.delete()
        self._answer.delete()
