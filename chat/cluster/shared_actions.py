"""What people do with an answer that another node gives: it is handed over to that node."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import ref

from chat.conversation.answering.comparing import Comparing
from chat.conversation.answering.decisions import Decisions
from chat.conversation.answering.steering import Steering
from chat.conversation.content.turns import Turn
from chat.errors import TurnMissing

if TYPE_CHECKING:
    from chat.cluster.shared_conversation import SharedConversation


class SharedSteering(Steering):
    """Marks prompts also for the run of another node."""

    def __init__(self, live: 'SharedConversation', *parts: Any) -> None:
        super().__init__(*parts)
        self._live = ref(live)  # so that it is freed when nobody holds it

    async def steer(self, turn_id: str) -> None:
        if (live := self._live()) and live.remote:
            await live.command({'kind': 'steer', 'turn_id': turn_id})
        else:
            await super().steer(turn_id)

    @property
    def _turn(self) -> Turn | None:
        if not (live := self._live()) or not live.remote:
            return super()._turn
        return live.turns[-1] if live.turns and live.remote.is_shown and live.remote.may_go_on else None


class SharedComparing(Comparing):
    """Stops, and goes on with, answers of another node too."""

    def __init__(self, live: 'SharedConversation', *parts: Any) -> None:
        super().__init__(*parts)
        self._live = ref(live)

    def stop(self, turn_id: str, place: int, model: str) -> None:
        if (live := self._live()) and live.remote:
            self._column(turn_id, place, model)
            live.command_soon({'kind': 'stop one', 'turn_id': turn_id, 'place': place, 'model': model})
        else:
            super().stop(turn_id, place, model)

    async def keep(self, turn_id: str, place: int, model: str) -> None:
        if (live := self._live()) and live.remote:
            self._column(turn_id, place, model)
            await live.command({'kind': 'keep', 'turn_id': turn_id, 'place': place, 'model': model})
        else:
            await super().keep(turn_id, place, model)

    def _column(self, turn_id: str, place: int, model: str) -> Turn:
        live = self._live()
        turns: Sequence[Turn] = live.turns if live else ()
        columns = turns[-1].compared if turns and turns[-1].id == turn_id else ()
        if not 0 <= place < len(columns) or columns[place].model != model:
            raise TurnMissing
        return columns[place]

    def _raise_if_busy(self) -> None:
        if live := self._live():
            live.raise_if_not_here()
        super()._raise_if_busy()


class SharedDecisions(Decisions):
    """Takes decisions only while no other node answers."""

    def __init__(self, live: 'SharedConversation', *parts: Any) -> None:
        super().__init__(*parts)
        self._live = ref(live)

    def _turn(self, turn_id: str) -> Turn:
        if live := self._live():
            live.raise_if_not_here()
        return super()._turn(turn_id)
