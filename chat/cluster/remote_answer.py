"""RemoteAnswer: an answer that another node gives, as far as its frames say."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pydantic_ai import ModelMessage

from chat.cluster.growing_messages import GrowingMessages
from chat.conversation.answering.answer import AnswerDetails, RunDetails, load_details
from chat.conversation.content.comparison import separated_answers
from chat.conversation.content.turns import Turn

log = logging.getLogger(__name__)

NO_DETAILS = AnswerDetails()

LONG_READING = 64 * 1024
"""Characters from which on they are read in a thread: who looks sees what was there before."""


class RemoteAnswer:
    """What a run of another node has said, or several whose models are compared."""

    def __init__(self, run: int, on_growth: Callable[[], None]) -> None:
        self.run = run
        """Its number; the frames of another run are not mistaken for its own."""
        self.is_shown = False
        """Whether its prompt is known here."""
        self.seq = 0
        """The number of the last frame that was taken; 0 if all are to be read."""
        self._on_growth = on_growth
        self._said = GrowingMessages()
        self._is_read_in_thread = False
        self._messages: Sequence[ModelMessage] = ()
        self._details = RunDetails()
        self._shown: list[Turn] = []
        self._shown_of: tuple[object, object] = (None, None)

    async def add(self, frames: Iterable[tuple[int, int, str]]) -> None:
        """Take frames by their numbers, what they keep and what follows, in order.

        If one does not follow what is known, what is shown stays as it is until all were read anew.
        """
        for seq, keep, tail in frames:
            if seq > self.seq and keep > (self._said.length if self.seq else 0):
                self._begin_anew()
                return
            if seq > self.seq:
                self.seq = seq
                self._said.add(keep, tail)
        if self._said.unread > LONG_READING:
            self._is_read_in_thread = True
            try:
                await asyncio.to_thread(self._said.read)
            except ValueError:
                self._begin_anew()
                return
            finally:
                self._is_read_in_thread = False
            self._take_read()
        self._on_growth()

    @property
    def may_go_on(self) -> bool:
        """Whether it may take another step, at which it can be given something."""
        self._read()
        return self._details.may_go_on

    def turns(self, stored: list[Turn]) -> list[Turn]:
        """Return the turns of the log with what is being said, made once for all who look."""
        self._read()
        if self._shown_of[0] is not stored or self._shown_of[1] is not self._messages:
            self._shown_of = stored, self._messages
            self._shown = [*stored[:-1], self._growing(stored[-1])]
        return self._shown

    def _read(self) -> None:
        """Read what is new, which is done only if somebody looks; if it is much, that was done before."""
        if not (self._said.is_read or self._is_read_in_thread):
            try:
                self._said.read()
            except ValueError:
                self._begin_anew()
            else:
                self._take_read()

    def _begin_anew(self) -> None:
        log.warning('What another node says is read anew')
        self.seq, self._said = 0, GrowingMessages()

    def _take_read(self) -> None:
        answers = separated_answers(self._said.messages)
        self._messages = [message for answer, _ in answers for message in answer]
        self._details = load_details(self._said.details)

    def _growing(self, turn: Turn) -> Turn:
        if len(self._details.answers) <= 1:
            details = next(iter(self._details.answers), NO_DETAILS)
            return _while_running(turn, self._messages, details)
        columns: list[Turn] = []
        start = 0
        for details in self._details.answers:
            said = self._messages[start : start + details.message_count]
            start += details.message_count
            columns.append(_column(replace(turn, model=details.model, compared=()), said, details))
        return replace(columns[0], is_running=True, compared=tuple(columns))


def _while_running(turn: Turn, said: Sequence[ModelMessage], details: AnswerDetails) -> Turn:
    count, notice, progress = len(turn.answer), details.notice, details.progress
    return turn.while_running(said, previous_message_count=count, notice=notice, progress=progress)


def _column(turn: Turn, said: Sequence[ModelMessage], details: AnswerDetails) -> Turn:
    """Return one of several answers, which may have ended while others go on."""
    if details.is_over:
        return replace(turn, answer=(*turn.answer, *said), outcome=details.outcome)
    return _while_running(turn, said, details)
