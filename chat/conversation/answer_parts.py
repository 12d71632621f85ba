"""The parts of an answer as a person sees them: texts, thoughts, and tools that were called."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import Literal

from pydantic_ai import ModelMessage, ModelRequest, TextPart, ThinkingPart
from pydantic_ai.messages import BaseToolCallPart, BaseToolReturnPart

from chat.conversation.messages import is_continuation, text_in_part
from chat.conversation.usage import duration_of
from chat.conversation.waiting import CallApproval, allowed_scope

ToolState = Literal['running', 'needs-approval', 'decided', 'ok', 'failed', 'denied', 'stopped', 'unsure']

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

NO_APPROVALS: Mapping[str, CallApproval] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class ToolCallView:
    """A tool that was called, and what it returned."""

    request: BaseToolCallPart
    result: BaseToolReturnPart | None
    """`None` as long as it works, or if it was ended before it returned."""

    has_failed: bool = False
    """Whether it has ended the answer with an exception, and nothing of it was returned."""

    approval: CallApproval | None = None
    """What was or is to be decided about it, if a person was asked."""

    allowed: str = ''
    """Where it needs no approval any more, if it did not for that reason: an `AllowedScope`."""

    def state(self, *, is_running: bool) -> ToolState:
        """Return how the call ended, if it has; `is_running` says whether its answer is under way."""
        if self.has_failed:
            return 'failed'
        if self.result is not None:
            return STATE_BY_OUTCOME[self.result.outcome]
        if is_running:
            return 'running'
        return self.approval.state if self.approval else 'stopped'


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


def answer_parts_of(
    messages: Iterable[ModelMessage],
    *,
    failed_calls: str = '',
    approvals: Mapping[str, CallApproval] = NO_APPROVALS,
) -> list[AnswerPart]:
    """Return the parts of an answer in order; the rest of an interrupted answer joins the text before it.

    Args:
        messages: Of the answer.
        failed_calls: The id of the call that has ended it with an exception.
        approvals: By the id of a call, what was asked and decided about it.
    """
    messages = list(messages)
    results = _results_in(messages)
    parts: list[AnswerPart] = []
    is_rest = False
    for message in messages:
        is_rest = is_rest or is_continuation(message)
        for part in _parts_in(message, results, failed_calls, approvals):
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


def _parts_in(
    message: ModelMessage, results: _ToolResults, broken: str, approvals: Mapping[str, CallApproval]
) -> Iterator[AnswerPart]:
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
                use = ToolCallView(
                    part,
                    returned,
                    has_failed=call_id == broken,
                    approval=approvals.get(call_id),
                    allowed=allowed_scope(message, call_id),
                )
                yield AnswerPart(kind='tool', tool_call=use, seconds=seconds)
            case _:
                pass
