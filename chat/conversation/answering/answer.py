"""What answers a question now: one run, or those of several models that are compared, and what pages see."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import is_

from pydantic import TypeAdapter, ValidationError
from pydantic_ai import ModelMessage, ModelRequest

from chat.conversation.answering.run import Run
from chat.conversation.content.comparison import GROWING, OVER, SaidAnswer, joined_answers
from chat.conversation.content.messages import is_answer
from chat.conversation.content.metadata import TurnOutcome
from chat.conversation.content.tool_activity import ToolProgress
from chat.conversation.content.turns import Turn
from chat.conversation.content.usage import UsageMeter
from chat.conversation.content.waiting import Resumption
from chat.conversation.error_messages import EMPTY_ANSWER, ONLY_THOUGHTS

Redact = Callable[[str], str]
"""Takes the keys out of a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDetails:
    """What pages show of one answer that is under way, besides its messages."""

    model: str = ''
    """As in `Turn`."""
    message_count: int = 0
    """How many of the messages of the checkpoint are its own."""
    notice: str = ''
    progress: Mapping[str, ToolProgress] = field(default_factory=dict[str, ToolProgress])
    is_over: bool = False
    """Whether it has ended, while others go on."""
    outcome: TurnOutcome | None = None
    """How, if not by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """What pages show of all that answers one question now, besides messages."""

    answers: tuple[AnswerDetails, ...] = ()
    may_go_on: bool = False
    """As in `Answering`."""


_DETAILS = TypeAdapter(RunDetails)


def dump_details(details: RunDetails) -> str:
    """Return the details of a run as one line."""
    return _DETAILS.dump_json(details, exclude_defaults=True).decode()


def load_details(line: str) -> RunDetails:
    """Return the details in such a line; none if it is empty, or if a newer version says something else."""
    try:
        return _DETAILS.validate_json(line) if line else RunDetails()
    except ValidationError:
        return RunDetails()


@dataclass(eq=False, kw_only=True)
class Answer:
    """What one model says to a question, while it does."""

    run: Run
    meter: UsageMeter
    model: str | None
    """Who answers this time, if it is not the model of the conversation."""
    agent: str = ''
    """The name of the agent that answers, once that is known."""
    outcome: TurnOutcome | None = field(default_factory=lambda: TurnOutcome(kind='stopped'))
    """How it has ended, if not by itself; as long as it runs, how it ends if its task is ended."""
    said: SaidAnswer | None = None
    """What is kept of it, once it has ended."""
    _shown: Turn | None = None
    _shown_of: tuple[object, ...] = ()

    def kept(self) -> SaidAnswer:
        """Return what is to be kept of it when it has ended."""
        run, said, outcome = self.run, self.run.kept_messages, self.outcome
        if not any(is_answer(message) for message in said):
            outcome = outcome or TurnOutcome(kind='failed', sentence=EMPTY_ANSWER)
            if said and outcome.sentence == EMPTY_ANSWER:
                outcome = replace(outcome, sentence=ONLY_THOUGHTS)
        return SaidAnswer(
            model=self.meter.model or self.model or '',
            messages=self.meter.with_usage(said, run.usage, run.window),
            usage=run.usage,
            taken=self.meter.taken(said or run.messages, run.usage),
            outcome=outcome,
            waiting=None if outcome else run.waiting(self.agent),
        )

    def details(self, redact: Redact) -> AnswerDetails:
        """Return what pages show besides what it says; `redact` is for what servers say."""
        return AnswerDetails(
            model=self.model or '',
            message_count=len(self.said.messages if self.said else self.run.messages),
            notice=redact(self.run.notice) if self.run.notice else '',
            progress=dict(self.run.progress),
            is_over=self.said is not None,
            outcome=self.said.outcome if self.said else None,
        )

    def turn(self, stored: Turn, previous_message_count: int, redact: Redact, *, is_over: bool) -> Turn:
        """Return the turn with what it says, the same object as long as that is the same.

        Args:
            stored: The turn as the log has it.
            previous_message_count: As in `Turn`.
            redact: For what servers say.
            is_over: Whether what it says is in the log already.
        """
        state = is_over, self.said is None, self.run.change_count
        if self._shown is None or self._shown_of[0] is not stored or self._shown_of[1:] != state:
            before, self._shown_of = self._shown, (stored, *state)
            if is_over:
                self._shown = stored.while_running([], previous_message_count=previous_message_count)
            else:
                self._shown = self._turn(stored, previous_message_count, redact)
            if before:
                self._shown.share_outline(before)
        return self._shown

    def _turn(self, turn: Turn, previous_message_count: int, redact: Redact) -> Turn:
        if self.model:
            turn = replace(turn, model=self.model, compared=())
        if said := self.said:
            ended = replace(turn, answer=(*turn.answer, *said.messages), outcome=said.outcome)
            return replace(ended, waiting={ended.version_id: said.waiting}) if said.waiting else ended
        notice = self.run.notice
        return turn.while_running(
            self.run.messages,
            previous_message_count=previous_message_count,
            notice=redact(notice) if notice else '',
            progress=dict(self.run.progress),
        )


@dataclass(eq=False, kw_only=True)
class Answering:
    """All that answers one question now; several answers are its versions, side by side."""

    answers: Sequence[Answer]
    is_prompt_stored: bool
    """Whether the runs have their place; until then the page stays as it was."""
    previous_message_count: int = 0
    """Messages of the last answer that were there before the run that adds to it."""
    resumption: Resumption | None = None
    prompt: ModelRequest | None = None
    """What is asked, if that is new."""
    sent: ModelRequest | None = None
    """As in `BranchPoint`."""
    is_begun: bool = False
    """Whether all up to the prompt is stored, so that a model may be asked."""
    is_given_up: bool = False
    """Whether this is left to another process, which stores it."""
    is_over: bool = False
    """Whether the log has what was said."""
    task: asyncio.Task[None] = field(init=False)
    _shown: list[Turn] = field(default_factory=list[Turn])
    _shown_of: Sequence[object] = ()

    def __post_init__(self) -> None:
        for answer in self.answers:
            answer.run.has_returned = self.has_returned

    @property
    def has_returned(self) -> asyncio.Event:
        """Set when a tool has returned, until a checkpoint has that."""
        return self.answers[0].run.has_returned

    @property
    def are_compared(self) -> bool:
        """Whether several models answer."""
        return len(self.answers) > 1

    @property
    def may_go_on(self) -> bool:
        """Whether one run answers that may take another step."""
        return not self.are_compared and self.answers[0].run.steps.has_tools

    def details(self, redact: Redact) -> RunDetails:
        """Return what pages show besides what is said; `redact` is for what servers say."""
        return RunDetails(
            answers=tuple(answer.details(redact) for answer in self.answers), may_go_on=self.may_go_on
        )

    @property
    def checkpoint(self) -> list[ModelMessage]:
        """What was said so far, as a checkpoint has it."""
        if not self.are_compared:
            return self.answers[0].run.messages
        return joined_answers(
            (answer.said.messages, OVER) if answer.said else (answer.run.messages, GROWING)
            for answer in self.answers
        )

    def turns(self, stored: list[Turn], redact: Redact) -> list[Turn]:
        """Return the turns of the log, with what is being said; made once for all who look."""
        count, is_over = self.previous_message_count, self.is_over
        made = [answer.turn(stored[-1], count, redact, is_over=is_over) for answer in self.answers]
        made_of = [stored, *made]
        if len(made_of) != len(self._shown_of) or not all(map(is_, made_of, self._shown_of)):
            self._shown_of = made_of
            last = made[0]
            if self.are_compared and not is_over:
                last = replace(last, is_running=True, compared=tuple(made))
            self._shown = [*stored[:-1], last]
        return self._shown
