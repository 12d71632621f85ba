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
    ThinkingPart,
)
from pydantic_ai.messages import BaseToolReturnPart

USAGE_KEY = 'usage'
"""Where the metadata of the last message of a run keeps tokens: `requests`, `input`, `output`, `cached`."""

ANSWERED_KEY = 'answered'
"""Where it keeps who answered and how fast: `model`, `first`, `seconds`."""

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


class UsageMeter:
    """Measures the time and tokens of one run, from its question on."""

    def __init__(self, before: RunUsage, on_growth: Callable[[int], None]) -> None:
        """Start measuring; `before` is the usage of the conversation, `on_growth` is called with lengths."""
        self._on_growth = on_growth
        self._before = copy(before)
        self._started_at = monotonic()
        self._first: float | None = None
        self.model = ''
        """The name of the model that answers, once it is known."""

    def record_growth(self, length: int) -> None:
        """Note that the answer has so many characters now."""
        if length and not self._first:
            self._first = monotonic()
        self._on_growth(length)

    def with_usage(self, said: Sequence[ModelMessage], usage: RunUsage | None) -> list[ModelMessage]:
        """Return the messages of the run, with what it has taken in the metadata of the last one.

        Args:
            said: What is kept of the run, which may be nothing.
            usage: Of the whole conversation, the run included; what servers leave out is not known.
        """
        if not said:
            return []
        answered: dict[str, Any] = {'model': self.model, 'seconds': round(monotonic() - self._started_at, 1)}
        if self._first:
            answered['first'] = round(self._first - self._started_at, 1)
        metadata = {**(said[-1].metadata or {}), ANSWERED_KEY: answered}
        if tokens := self._tokens(usage):
            metadata[USAGE_KEY] = tokens
        return [*said[:-1], replace(said[-1], metadata=metadata)]

    def _tokens(self, usage: RunUsage | None) -> dict[str, int]:
        """Return the tokens that the run has added; not the sum of its responses, as tools may ask models."""
        if usage is None:
            return {}
        before = self._before
        tokens = {
            'requests': usage.requests - before.requests,
            'input': usage.input_tokens - before.input_tokens,
            'output': usage.output_tokens - before.output_tokens,
            'cached': usage.cache_read_tokens - before.cache_read_tokens,
        }
        return tokens if tokens['input'] > 0 or tokens['output'] > 0 else {}


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
    )


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
