"""The usage of an answer: which model gave it, how long it and its parts took, and how many tokens."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import count
from math import isfinite
from time import monotonic
from typing import Any

from pydantic_ai import (
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelMessage,
    ModelResponse,
    PartEndEvent,
    PartStartEvent,
    RunUsage,
    TextPart,
    ThinkingPart,
)
from pydantic_ai.messages import BaseToolReturnPart

from chat.conversation.content.prices import COST_KEY, cost_in

USAGE_KEY = 'usage'
"""Where the metadata of the last message of a run keeps tokens: `requests`, `input`, `output`, `cached`.

There is also the `cost`, as `cost_in` says; `context`, the tokens of the last response and all before it; and
`window`, those that the model holds, if that is known.
"""

ANSWERED_KEY = 'answered'
"""Where it keeps who answered and how fast: `model`, `first`, `seconds`; `words`, seconds of `writing`."""

MIN_WRITING_TIME = 0.5
"""Seconds of writing below which its speed says nothing."""

MAX_WRITING_PAUSE = 2.0
"""Seconds between two words after which the model was not writing: a tool worked, or it read a result."""

SECONDS_KEY = 'seconds'
"""Where the metadata of a message keeps seconds: by call id for tools, by number from 0 for thoughts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerUsage:
    """What is known of one answer, over all the runs that have added to it; what is not known is `None`."""

    models: tuple[str, ...] = ()
    """The models that gave it, as `ModelChoice` names them; of an answer of before, as its provider does."""
    first: float | None = None
    """Seconds from the question to the first word, thinking included."""
    seconds: float | None = None
    """Seconds in which it was answered, in all."""
    input: int | None = None
    """Tokens that the model read, those from a cache included."""
    output: int | None = None
    """Tokens that it wrote, thinking included."""
    cached: int | None = None
    """Tokens of the input that came from a cache of the provider."""
    words_per_second: float | None = None
    """How fast it was written, without pauses."""
    cost: float | None = None
    """US dollars, as far as they are known."""
    is_priced: bool = True
    """Whether all that it cost is known; so is that of what costs nothing."""
    context: int | None = None
    """Tokens that the model held at its end."""
    window: int | None = None
    """Tokens that the model can hold."""


class UsageMeter:
    """Measures the time and tokens of one run, from its question on."""

    def __init__(self, before: RunUsage, on_growth: Callable[[int], None]) -> None:
        """Start measuring; `before` is the usage of the conversation, `on_growth` is called with lengths."""
        self._on_growth = on_growth
        self._before = copy(before)
        self._started_at = monotonic()
        self._first: float | None = None
        self._length = 0
        self._last_growth = 0.0
        self._writing = 0.0
        self.model = ''
        """The name of the model that answers, once it is known."""

    def record_growth(self, length: int) -> None:
        """Note that the answer has so many characters now."""
        now = monotonic()
        if length and not self._first:
            self._first = now
        elif length > self._length and now - self._last_growth <= MAX_WRITING_PAUSE:
            self._writing += now - self._last_growth
        if length > self._length:
            self._length, self._last_growth = length, now
        self._on_growth(length)

    def with_usage(
        self, said: Sequence[ModelMessage], usage: RunUsage | None, window: int | None = None
    ) -> list[ModelMessage]:
        """Return the messages of the run, with what it has taken in the metadata of the last one.

        Args:
            said: What is kept of the run, which may be nothing.
            usage: Of the whole conversation, the run included; what servers leave out is not known.
            window: Tokens that the model holds, if that is known.
        """
        if not said:
            return []
        answered: dict[str, Any] = {'model': self.model, 'seconds': round(monotonic() - self._started_at, 1)}
        if self._first:
            answered['first'] = round(self._first - self._started_at, 1)
        if self._writing:
            answered |= {'words': _words_in(said), 'writing': round(self._writing, 1)}
        metadata = {**(said[-1].metadata or {}), ANSWERED_KEY: answered}
        if taken := self.taken(said, usage):
            metadata[USAGE_KEY] = {**taken, **_context(said, window)}
        return [*said[:-1], replace(said[-1], metadata=metadata)]

    def taken(self, said: Sequence[ModelMessage], usage: RunUsage | None) -> dict[str, float | None]:
        """Return what the run has taken, also if nothing is kept of it; empty if that is not known."""
        tokens = self._tokens(usage) if usage else {}
        return {**tokens, **cost_in(said, usage - self._before)} if usage and tokens else {}

    def _tokens(self, usage: RunUsage) -> dict[str, float | None]:
        """Return the tokens that the run has added; not the sum of its responses, as tools may ask models."""
        added = usage - self._before
        return _counts(added) if added.input_tokens or added.output_tokens else {}


def whole_usage(messages: Sequence[ModelMessage], usage: RunUsage) -> dict[str, float | None]:
    """Return the usage of a run of its own, in no conversation, as `USAGE_KEY` has it."""
    return {**_counts(usage), **cost_in(messages, usage)}


def _counts(usage: RunUsage) -> dict[str, float | None]:
    return {
        'requests': usage.requests,
        'input': usage.input_tokens,
        'output': usage.output_tokens,
        'cached': usage.cache_read_tokens,
    }


def usage_of(messages: Iterable[ModelMessage]) -> AnswerUsage:
    """Return what is known of an answer; only the model if it was given before this was measured."""
    messages = list(messages)
    answered = [stored for message in messages if (stored := _stored_usage(message, ANSWERED_KEY))]
    tokens = [stored for message in messages if (stored := _stored_usage(message, USAGE_KEY))]
    return AnswerUsage(
        models=tuple(dict.fromkeys(filter(None, map(_model, answered)))) or _reported_models(messages),
        first=_number(answered[0].get('first')) if answered else None,
        seconds=_sum(answered, 'seconds'),
        input=_count(tokens, 'input'),
        output=_count(tokens, 'output'),
        cached=_count(tokens, 'cached') or None,
        words_per_second=_speed(answered),
        cost=_sum(tokens, COST_KEY),
        is_priced=not any(COST_KEY in kept and kept[COST_KEY] is None for kept in tokens),
        context=_count(tokens[-1:], 'context'),
        window=_count(tokens[-1:], 'window'),
    )


def sum_of(usages: Iterable[AnswerUsage]) -> AnswerUsage:
    """Return what several answers have taken together; the context is that of the last one."""
    usages = list(usages)
    costs = [usage.cost for usage in usages if usage.cost is not None]
    return AnswerUsage(
        input=sum(usage.input or 0 for usage in usages),
        output=sum(usage.output or 0 for usage in usages),
        cached=sum(usage.cached or 0 for usage in usages) or None,
        cost=sum(costs) if costs else None,
        is_priced=all(usage.is_priced for usage in usages),
        context=usages[-1].context if usages else None,
        window=usages[-1].window if usages else None,
    )


def _context(said: Sequence[ModelMessage], window: int | None) -> dict[str, int]:
    responses = [message for message in said if isinstance(message, ModelResponse)]
    tokens = responses[-1].usage.total_tokens if responses else 0
    return ({'context': tokens} if tokens else {}) | ({'window': window} if tokens and window else {})


def _words_in(said: Sequence[ModelMessage]) -> int:
    """Count the words that a model has written, thoughts included."""
    parts = (part for message in said for part in message.parts)
    return sum(len(str(part.content).split()) for part in parts if isinstance(part, TextPart | ThinkingPart))


def _speed(answered: Sequence[Mapping[str, object]]) -> float | None:
    words, writing = _sum(answered, 'words'), _sum(answered, 'writing')
    return words / writing if words and writing and writing >= MIN_WRITING_TIME else None


def _reported_models(messages: Iterable[ModelMessage]) -> tuple[str, ...]:
    """Return the models as their providers named them."""
    names = (message.model_name for message in messages if isinstance(message, ModelResponse))
    return tuple(dict.fromkeys(filter(None, names)))


def _stored_usage(message: ModelMessage, key: str) -> Mapping[str, object]:
    stored: object = (message.metadata or {}).get(key)
    return stored if isinstance(stored, dict) else {}  # pyright: ignore[reportUnknownVariableType]  # from JSON


def _model(answered: Mapping[str, object]) -> str:
    model = answered.get('model')
    return model if isinstance(model, str) else ''


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


def _sum(stored: Iterable[Mapping[str, object]], key: str) -> float | None:
    numbers = [number for each in stored if (number := _number(each.get(key))) is not None]
    return sum(numbers) if numbers else None


def _count(stored: Iterable[Mapping[str, object]], key: str) -> int | None:
    total = _sum(stored, key)
    return None if total is None else int(total)


class RunTimer:
    """Measures how long a model thinks and its tools work in one run."""

    def __init__(self) -> None:
        self._started_at: dict[tuple[int, str], float] = {}
        self._seconds_by_part: dict[tuple[int, str], float] = {}
        self._response = -1
        """The response that is being streamed, or was last; the first one is 0."""

    def start_response(self) -> None:
        """Begin with another response of the model."""
        self._response += 1

    def on_event(self, event: object) -> None:
        """Note the time when something begins or ends."""
        match event:
            case PartStartEvent(part=ThinkingPart()):
                self._started_at[self._response, str(event.index)] = monotonic()
            case PartEndEvent(part=ThinkingPart()):
                self._seconds_by_part[self._response, str(event.index)] = monotonic()
            case FunctionToolCallEvent():
                self._started_at[-1, event.part.tool_call_id] = monotonic()
            case FunctionToolResultEvent():
                self._seconds_by_part[-1, event.part.tool_call_id] = monotonic()
            case _:
                pass

    def with_durations(self, messages: Iterable[ModelMessage]) -> list[ModelMessage]:
        """Return all messages of the run, with what was measured in their metadata."""
        responses = count()
        return [self._with_duration(message, responses) for message in messages]

    def _with_duration(self, message: ModelMessage, responses: Iterator[int]) -> ModelMessage:
        if isinstance(message, ModelResponse):
            response = next(responses)
            keys = sorted(int(key) for begun_in, key in self._started_at if begun_in == response)
            times = [self._seconds(response, str(key)) for key in keys]
            seconds = {str(number): time for number, time in enumerate(times)}
        else:
            calls = [part.tool_call_id for part in message.parts if isinstance(part, BaseToolReturnPart)]
            seconds = {call: self._seconds(-1, call) for call in calls if (-1, call) in self._started_at}
        if not seconds:
            return message
        return replace(message, metadata={**(message.metadata or {}), SECONDS_KEY: seconds})

    def _seconds(self, response: int, key: str) -> float:
        begun = self._started_at[response, key]
        return round(self._seconds_by_part.get((response, key), monotonic()) - begun, 1)


def duration_of(message: ModelMessage, key: str) -> float | None:
    """Return the seconds that something in this message took; `None` if that was not measured."""
    times = (message.metadata or {}).get(SECONDS_KEY)
    seconds = times.get(key) if isinstance(times, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # from JSON
    return float(seconds) if isinstance(seconds, int | float) else None
