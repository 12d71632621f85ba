"""What an answer consists of, in order: texts, thoughts, and the tools that were used."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

from pydantic_ai import ModelMessage, ModelRequest, TextPart, ThinkingPart
from pydantic_ai.messages import BaseToolCallPart, BaseToolReturnPart

from chat.conversation.durations import seconds_of
from chat.conversation.messages import goes_on, said_in

ToolState = Literal['running', 'ok', 'failed', 'denied', 'stopped']

OUTCOMES: Mapping[str, ToolState] = {
    'success': 'ok',
    'failed': 'failed',
    'retried': 'failed',
    'denied': 'denied',
    'interrupted': 'stopped',
}
"""What pydantic-ai's outcomes mean to a person."""


@dataclass(frozen=True, slots=True, eq=False)
class ToolUse:
    """A tool that was called, and what it returned."""

    call: BaseToolCallPart
    returned: BaseToolReturnPart | None
    """`None` as long as it works, or if it was ended before it returned."""

    is_broken: bool = False
    """Whether it has ended the answer with an exception, and nothing of it was returned."""

    def state(self, *, is_running: bool) -> ToolState:
        """How it ended, if it has; `is_running` says whether the answer that called it is under way."""
        if self.is_broken:
            return 'failed'
        if self.returned is None:
            return 'running' if is_running else 'stopped'
        return OUTCOMES[self.returned.outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of an answer that is shown as one."""

    kind: Literal['text', 'thinking', 'tool']
    text: str = ''
    """What was said or thought."""
    use: ToolUse | None = None
    """Of a tool."""
    seconds: float | None = None
    """How long the model thought, or the tool worked, if that is known."""


_Results = Mapping[str, tuple[BaseToolReturnPart, float | None]]
"""By the id of its call, what a tool returned, and how long it took."""


def passages_of(messages: Iterable[ModelMessage], *, broken: str = '') -> list[Passage]:
    """All that was said and done, in order; the rest of an answer joins the text that it goes on with.

    `broken` is the id of the call that has ended the answer with an exception.
    """
    messages = list(messages)
    results = _results_in(messages)
    passages: list[Passage] = []
    is_rest = False
    for message in messages:
        is_rest = is_rest or goes_on(message)
        for passage in _passages_in(message, results, broken):
            if is_rest and passage.kind == 'text' and passages and passages[-1].kind == 'text':
                passage = Passage(kind='text', text=passages.pop().text + passage.text)
            is_rest = is_rest and passage.kind != 'text'
            passages.append(passage)
    return passages


def _results_in(messages: Iterable[ModelMessage]) -> _Results:
    return {
        part.tool_call_id: (part, seconds_of(message, part.tool_call_id))
        for message in messages
        for part in message.parts
        if isinstance(part, BaseToolReturnPart)
    }


def _passages_in(message: ModelMessage, results: _Results, broken: str) -> Iterator[Passage]:
    if isinstance(message, ModelRequest):
        return
    thoughts = count()
    for part in message.parts:
        match part:
            case TextPart():
                yield Passage(kind='text', text=said_in(part))
            case ThinkingPart():
                yield Passage(
                    kind='thinking', text=said_in(part), seconds=seconds_of(message, str(next(thoughts)))
                )
            case BaseToolCallPart(tool_call_id=call_id):
                returned, seconds = results.get(call_id, (None, None))
                use = ToolUse(part, returned, is_broken=call_id == broken)
                yield Passage(kind='tool', use=use, seconds=seconds)
            case _:
                pass
