"""What an answer consists of, in order: texts, thoughts, and the tools that were used."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

from pydantic_ai import ModelMessage, ModelRequest, TextPart, ThinkingPart
from pydantic_ai.messages import BaseToolCallPart, BaseToolReturnPart

from chat.conversation.messages import is_continuation, text_in_part
from chat.conversation.timing import duration_of

ToolState = Literal['running', 'ok', 'failed', 'denied', 'stopped']

STATE_BY_OUTCOME: Mapping[str, ToolState] = {
    'success': 'ok',
    'failed': 'failed',
    'retried': 'failed',
    'denied': 'denied',
    'interrupted': 'stopped',
}
"""What pydantic-ai's outcomes mean to a person."""


@dataclass(frozen=True, slots=True, eq=False)
class ToolCallView:
    """A tool that was called, and what it returned."""

    request: BaseToolCallPart
    result: BaseToolReturnPart | None
    """`None` as long as it works, or if it was ended before it returned."""

    has_failed: bool = False
    """Whether it has ended the answer with an exception, and nothing of it was returned."""

    def state(self, *, is_running: bool) -> ToolState:
        """How it ended, if it has; `is_running` says whether the answer that called it is under way."""
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


_ToolResults = Mapping[str, tuple[BaseToolReturnPart, float | None]]
"""By the id of its call, what a tool returned, and how long it took."""


def answer_parts_of(messages: Iterable[ModelMessage], *, failed_calls: str = '') -> list[AnswerPart]:
    """All that was said and done, in order; the rest of an answer joins the text that it goes on with.

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
