"""The last turn of a conversation while it is answered, by a run of this process or of another one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic_ai import ModelMessage

from chat.conversation.tool_activity import ToolProgress
from chat.conversation.turns import Turn


class Growing(Protocol):
    """What a conversation needs to know of an answer that is under way."""

    @property
    def messages(self) -> Sequence[ModelMessage]:
        """What was said so far, oldest first."""
        ...

    @property
    def notice(self) -> str:
        """What is waited for, in words for the page."""
        ...

    @property
    def progress(self) -> Mapping[str, ToolProgress]:
        """By the id of its call, how far each tool is."""
        ...

    @property
    def change_count(self) -> int:
        """How often any of it may have become another."""
        ...


@dataclass(slots=True)
class GrowingTurn:
    """Adds what is being said to the last turn, made once for all who look."""

    previous_message_count: int = 0
    """Messages of the last answer that were there before the run that adds to it."""
    _shown: list[Turn] = field(default_factory=list[Turn])
    _shown_of: tuple[object, ...] = (None,)

    def turns(
        self, turns: list[Turn], growing: Growing, redact: Callable[[str], str], *, is_over: bool = False
    ) -> list[Turn]:
        """Return the turns with what is said; once it `is_over` they have that already."""
        made_of = is_over, growing.change_count
        if self._shown_of[0] is not turns or self._shown_of[1:] != made_of:
            said: Sequence[ModelMessage] = () if is_over else growing.messages
            notice = '' if is_over else growing.notice
            last = turns[-1].while_running(
                said,
                previous_message_count=self.previous_message_count,
                notice=redact(notice) if notice else '',
                progress=dict(growing.progress),
            )
            self._shown = [*turns[:-1], last]
            self._shown_of = turns, *made_of
        return self._shown
