"""How long a model thought and its tools worked: kept in the metadata of messages, which no model sees."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from time import monotonic

from pydantic_ai import (
    FunctionToolCallEvent,
    FunctionToolResultEvent,
    ModelMessage,
    ModelResponse,
    PartEndEvent,
    PartStartEvent,
    ThinkingPart,
)
from pydantic_ai.messages import BaseToolReturnPart

SECONDS_KEY = 'seconds'
"""Where the metadata of a message keeps seconds: by call id for tools, by number from 0 for thoughts."""


class RunTimer:
    """Measures one run."""

    def __init__(self) -> None:
        self._started_at: dict[tuple[int, str], float] = {}
        self._seconds_by_part: dict[tuple[int, str], float] = {}
        self._response = -1
        """The response that is being streamed, or was last; the first one is 0."""

    def start_response(self) -> None:
        """Begin with another response of the model."""
        self._response += 1

    def on_event(self, event: object) -> None:
        """Look at the time when something begins or ends."""
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
        """All messages of the run, with what was measured in their metadata."""
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
    """How long something in this message took, if that was measured."""
    times = (message.metadata or {}).get(SECONDS_KEY)
    seconds = times.get(key) if isinstance(times, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # from JSON
    return float(seconds) if isinstance(seconds, int | float) else None
