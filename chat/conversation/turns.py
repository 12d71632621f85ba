"""Messages grouped into turns: one prompt and everything up to the end of its answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count, repeat
from typing import Literal

from pydantic_ai import ModelMessage, ModelRequest, ModelResponse, TextPart, ThinkingPart
from pydantic_ai.messages import BaseToolCallPart, BaseToolReturnPart

from chat.conversation.attachments import AttachedFiles
from chat.conversation.branches import SINGLE_VERSION, Branches, Version
from chat.conversation.file_fallback import excluded_file_names
from chat.conversation.messages import (
    attachments_of,
    author_of,
    begins_turn,
    has_content,
    is_continuation,
    prompt_text,
    text_in_part,
    turn_id_of,
)
from chat.conversation.metadata import TurnOutcome
from chat.conversation.output import has_output
from chat.conversation.usage import AnswerUsage, duration_of, usage_of

ToolState = Literal['running', 'ok', 'failed', 'denied', 'stopped']

STATE_BY_OUTCOME: Mapping[str, ToolState] = {
    'success': 'ok',
    'failed': 'failed',
    'retried': 'failed',
    'denied': 'denied',
    'interrupted': 'stopped',
}
"""What pydantic-ai's outcomes mean to a person."""

_ToolResults = Mapping[str, tuple[BaseToolReturnPart, float | None]]
"""By the id of its call, what a tool returned, and how long it took."""

TurnState = Literal['waiting', 'streaming', 'done', 'stopped', 'failed']

INTERRUPTED_OUTCOME = TurnOutcome(kind='failed', sentence='This was interrupted before an answer arrived.')
"""What is shown when a process ended between a prompt and the first word of its answer."""


@dataclass(frozen=True, slots=True, eq=False)
class ToolCallView:
    """A tool that was called, and what it returned."""

    request: BaseToolCallPart
    result: BaseToolReturnPart | None
    """`None` as long as it works, or if it was ended before it returned."""

    has_failed: bool = False
    """Whether it has ended the answer with an exception, and nothing of it was returned."""

    def state(self, *, is_running: bool) -> ToolState:
        """Return how the call ended, if it has; `is_running` says whether its answer is under way."""
        if self.has_failed:
            return 'failed'
        if self.result is None:
            return 'running' if is_running else 'stopped'
        return STATE_BY_OUTCOME[self.result.outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPart:
    """A piece of an answer that is shown as one."""

    kind: Literal['text', 'thinking', 'tool']
    text: str = ''
    """What was said or thought."""
    tool_call: ToolCallView | None = None
    """Of a tool."""
    seconds: float | None = None
    """How long the model thought, or the tool worked, if that is known."""
    images: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of a text: the SHA-256 of the images of the web in it that were loaded, by their addresses."""


def answer_parts_of(messages: Iterable[ModelMessage], *, failed_calls: str = '') -> list[AnswerPart]:
    """Return the parts of an answer in order; the rest of an interrupted answer joins the text before it.

    `failed_calls` is the id of the call that has ended the answer with an exception.
    """
    messages = list(messages)
    results = _results_in(messages)
    parts: list[AnswerPart] = []
    is_rest = False
    for message in messages:
        is_rest = is_rest or is_continuation(message)
        for part in _parts_in(message, results, failed_calls):
            if is_rest and part.kind == 'text' and parts and parts[-1].kind == 'text':
                part = AnswerPart(kind='text', text=parts.pop().text + part.text)
            is_rest = is_rest and part.kind != 'text'
            parts.append(part)
    return parts


def _results_in(messages: Iterable[ModelMessage]) -> _ToolResults:
    return {
        part.tool_call_id: (part, duration_of(message, part.tool_call_id))
        for message in messages
        for part in message.parts
        if isinstance(part, BaseToolReturnPart)
    }


def _parts_in(message: ModelMessage, results: _ToolResults, broken: str) -> Iterator[AnswerPart]:
    if isinstance(message, ModelRequest):
        return
    thoughts = count()
    for part in message.parts:
        match part:
            case TextPart():
                yield AnswerPart(kind='text', text=text_in_part(part))
            case ThinkingPart():
                yield AnswerPart(
                    kind='thinking',
                    text=text_in_part(part),
                    seconds=duration_of(message, str(next(thoughts))),
                )
            case BaseToolCallPart(tool_call_id=call_id):
                returned, seconds = results.get(call_id, (None, None))
                use = ToolCallView(part, returned, has_failed=call_id == broken)
                yield AnswerPart(kind='tool', tool_call=use, seconds=seconds)
            case _:
                pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One prompt with its answer, as a person sees them."""

    id: str
    prompt: ModelRequest
    answer: tuple[ModelMessage, ...] = ()
    """Responses, and requests that carry what tools returned, oldest first; the last may still grow."""
    previous_message_count: int = 0
    """How many messages of the answer were there before the run that is answering now."""
    outcome: TurnOutcome | None = None
    is_running: bool = False
    notice: str = ''
    """What is waited for while nothing is said, in words for the page; '' if it is the first word."""
    is_excluded: bool = False
    """Whether it is the last one that the model is not given any more."""
    images: Mapping[str, str] = field(default_factory=dict[str, str])
    """The SHA-256 of the images of the web that were loaded into the answer, by their addresses."""
    entries: tuple[str, ...] = ()
    """The ids under which the prompt and then the answer are stored; those of what is not yet are missing."""
    question_version: Version = SINGLE_VERSION
    answer_version: Version = SINGLE_VERSION

    @property
    def version_id(self) -> str:
        """Names this answer to this question: the run that said its end, or the turn if nothing was said."""
        runs = [message.run_id for message in self.answer if isinstance(message, ModelResponse)]
        return (runs[-1] if runs else None) or self.id

    @property
    def prompt_entry_id(self) -> str:
        """The id under which the prompt is stored, or '' as long as it is not."""
        return self.entries[0] if self.entries else ''

    @property
    def answer_entry_id(self) -> str:
        """The id under which the end of the answer is stored, or '' as long as it is not."""
        return self.entries[-1] if len(self.entries) == 1 + len(self.answer) else ''

    @property
    def first_answer_entry_id(self) -> str:
        """The id under which the beginning of the answer is stored, or '' as long as it is not."""
        return self.entries[1] if len(self.entries) > 1 else ''

    @property
    def question(self) -> str:
        """The text of the prompt."""
        return prompt_text(self.prompt)

    @property
    def attachments(self) -> AttachedFiles:
        """The files of the prompt; one that is lost has no content."""
        return attachments_of(self.prompt)

    @property
    def author(self) -> str:
        """The name of the guest who has asked, or '' if it was the owner."""
        return author_of(self.prompt)

    @property
    def answer_parts(self) -> list[AnswerPart]:
        """What the model said, thought and did, over all its responses."""
        parts = answer_parts_of(self.answer, failed_calls=self.outcome.call if self.outcome else '')
        if not self.images:
            return parts
        return [replace(part, images=self.images) if part.kind == 'text' else part for part in parts]

    @property
    def text(self) -> str:
        """The answer as Markdown, without thinking and tool calls."""
        return '\n\n'.join(part.text for part in self.answer_parts if part.kind == 'text')

    @property
    def usage(self) -> AnswerUsage:
        """Which model gave the answer, and what it took."""
        return usage_of(self.answer)

    @property
    def state(self) -> TurnState:
        if self.is_running:
            is_heard = any(has_content(message) for message in self.answer[self.previous_message_count :])
            return 'streaming' if is_heard else 'waiting'
        if self.outcome:
            return self.outcome.kind
        last = self.answer[-1] if self.answer else None
        if last and has_output(last):
            return 'done'
        if not isinstance(last, ModelResponse):
            return 'failed'
        return 'stopped' if last.state == 'interrupted' else 'done'

    @property
    def failure(self) -> str | None:
        """Why there is no whole answer, in words for the page, or `None` if nothing failed."""
        return (self.outcome or INTERRUPTED_OUTCOME).sentence if self.state == 'failed' else None

    @property
    def can_continue(self) -> bool:
        """Whether there is a beginning of an answer, and it has ended early."""
        is_full = self.outcome is not None and self.outcome.full is not None
        return self.state in ('stopped', 'failed') and bool(self.text.strip()) and not is_full

    @property
    def refused_files(self) -> list[str]:
        """The names of the files that the model has refused, so that it was asked without."""
        return sorted({name for message in self.answer for name in excluded_file_names(message)})

    def while_running(
        self, messages: Sequence[ModelMessage], *, previous_message_count: int, notice: str = ''
    ) -> 'Turn':
        """Return this turn while a run answers it, with what the run has said so far."""
        return replace(
            self,
            answer=(*self.answer, *messages),
            previous_message_count=previous_message_count,
            outcome=None,
            is_running=True,
            notice=notice,
        )


def blobs_in(turns: Iterable[Turn]) -> set[str]:
    """Return the SHA-256 of every file that belongs to one of their prompts, or is shown in an answer."""
    return {
        blob for turn in turns for blob in (*(file.blob for file in turn.attachments), *turn.images.values())
    }


def turns_of(
    messages: Iterable[ModelMessage], outcomes: Mapping[str, TurnOutcome], branches: Branches | None = None
) -> list[Turn]:
    """Return every message in exactly one turn, in order; what comes before the first prompt is left out.

    Args:
        messages: Those that are shown.
        outcomes: How answers ended, by `Turn.version_id`, if not by themselves.
        branches: Where they are stored, and what is beside them.
    """
    branches = branches or Branches()
    groups: list[tuple[ModelRequest, list[ModelMessage], list[str]]] = []
    for message, entry_id in zip(messages, chain(branches.path, repeat('')), strict=False):
        if isinstance(message, ModelRequest) and begins_turn(message):
            groups.append((message, [], [entry_id]))
        elif groups:
            groups[-1][1].append(message)
            groups[-1][2].append(entry_id)
    turns = (_turn(place, *group, branches) for place, group in enumerate(groups))
    return [replace(turn, outcome=outcomes.get(turn.version_id)) for turn in turns]


def _turn(
    place: int, prompt: ModelRequest, answer: list[ModelMessage], entries: list[str], branches: Branches
) -> Turn:
    return Turn(
        id=turn_id_of(prompt) or entries[0] or str(place),
        prompt=prompt,
        answer=tuple(answer),
        entries=tuple(filter(None, entries)),
        question_version=branches.version(entries[0], 'question'),
        answer_version=branches.version(entries[0], 'answer'),
    )
