"""What a run gives that is not text: kept beside its messages, since these do not tell it."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from pydantic_ai import (
    BinaryContent,
    DeferredToolRequests,
    FinalResultEvent,
    ModelMessage,
    ModelResponse,
    NativeOutput,
    OutputToolCallEvent,
    OutputToolResultEvent,
    PromptedOutput,
    TextPart,
    ToolReturnPart,
)
from pydantic_ai.agent import AbstractAgent
from pydantic_core import from_json, to_jsonable_python

log = logging.getLogger(__name__)

OUTPUT_KEY = 'output'
"""Where the metadata of the last message of a run keeps it, as JSON.

`type` is the name of its type, and `value` what it is; as long as it grows there is none. `call` is the id of
the call that stands for it, '' if it was said as text; `attempts` are those before, which were refused.
`titles` is what fields are called if not by their names.
"""

MAX_GROWING_LENGTH = 16_384
"""Characters of an output that are parsed while it grows, again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedOutput:
    """What a run has given, or as much of it as the model has written."""

    type: str = ''
    """The name of its type, as Python calls it."""
    value: Any = None  # JSON of any shape
    call: str = ''
    attempts: Sequence[str] = ()
    titles: Mapping[str, str] = field(default_factory=dict[str, str])
    is_whole: bool = True


class OutputRecorder:
    """Learns in one run which calls are no tools but stand for its output."""

    def __init__(self, agent: AbstractAgent[Any, Any]) -> None:
        self._agent = agent
        self._calls: list[str] = []
        self._accepted = ''
        self._is_said = isinstance(agent.output_type, NativeOutput | PromptedOutput)
        """Whether the text of the model is the JSON of the output."""
        self._is_begun = False
        self._titles: Mapping[str, str] = {}

    def on_event(self, event: object) -> None:
        """Take note of calls of output tools."""
        match event:
            case FinalResultEvent(tool_call_id=str(call_id)):
                self._add(call_id)
            case FinalResultEvent():
                self._is_begun = self._is_said
            case OutputToolCallEvent():
                self._add(event.part.tool_call_id)
            case OutputToolResultEvent() if event.part.outcome == 'success':
                self._accepted = self._accepted or event.part.tool_call_id
            case _:
                pass

    def find_titles(self) -> None:
        """Read from the schema of the agent what fields are called. For a thread: it takes its time."""
        try:
            self._titles = titles_in(self._agent.output_json_schema())
        except Exception as error:  # of types of others; the names of the fields do as well
            log.debug('The output has no schema', exc_info=error)

    def with_growing(self, messages: Sequence[ModelMessage]) -> list[ModelMessage]:
        """Return the messages of a run that is under way, marked with the output that they begin."""
        if not messages or not (self._calls or self._is_begun):
            return [*messages]
        call = self._calls[-1] if self._calls else ''
        return _marked(messages, {'call': call, 'attempts': self._calls[:-1]})

    def with_output(self, messages: Sequence[ModelMessage], output: object) -> list[ModelMessage]:
        """Return the messages of a run with its output; text and files stand in the messages themselves."""
        if not messages or isinstance(output, BinaryContent | DeferredToolRequests):
            return [*messages]
        if isinstance(output, str) and not self._accepted and _is_said(output, messages[-1]):
            return [*messages]
        value = to_jsonable_python(
            output, serialize_unknown=True, bytes_mode='base64', inf_nan_mode='strings', fallback=repr
        )
        attempts = [call for call in self._calls if call != self._accepted]
        kept = {'type': type(output).__name__, 'value': value, 'call': self._accepted}
        optional = {'attempts': attempts, 'titles': {**self._titles}}
        return _marked(messages, kept | {name: each for name, each in optional.items() if each})

    def _add(self, call_id: str) -> None:
        if call_id not in self._calls:
            self._calls.append(call_id)


def has_output(message: ModelMessage) -> bool:
    """Return whether a run ended with this message, and what it gave is kept there."""
    output = output_in(message)
    return output is not None and output.is_whole


def output_in(message: ModelMessage) -> TypedOutput | None:
    """Return the output that is kept with a message; `None` if there is none, or not as it was written."""
    kept: object = (message.metadata or {}).get(OUTPUT_KEY)
    if not isinstance(kept, dict):
        return None
    kept = cast('dict[str, Any]', kept)
    titles, attempts = kept.get('titles'), kept.get('attempts')
    return TypedOutput(
        type=str(kept.get('type', '')),
        value=kept.get('value'),
        call=str(kept.get('call', _accepted_call(message))),
        attempts=tuple(map(str, cast('list[object]', attempts))) if isinstance(attempts, list) else (),
        titles=cast('dict[str, str]', titles) if isinstance(titles, dict) else {},
        is_whole='value' in kept,
    )


def _accepted_call(message: ModelMessage) -> str:
    """Return the id of the call that a message accepts as the output."""
    returns = (part for part in message.parts if isinstance(part, ToolReturnPart))
    return next((part.tool_call_id for part in returns if part.outcome == 'success'), '')


def grown(output: TypedOutput, written: object) -> TypedOutput:
    """Return the output with what the model has written of it, unless it is whole."""
    if output.is_whole:
        return output
    return replace(output, value=_beginning_of(written))


def titles_in(schema: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what the fields of a schema are called, where that is more than their names."""
    definitions = cast('Mapping[str, Any]', schema.get('$defs', {}))
    found: dict[str, str] = {}
    for each in (schema, *definitions.values(), *cast('Iterable[Any]', schema.get('anyOf', ()))):
        fields = cast('Mapping[str, Any]', each.get('properties', {}))
        for name, described in fields.items():
            title = described.get('title')
            if isinstance(title, str) and title != default_title(name).title():
                found.setdefault(name, title)
    return found


def default_title(name: str) -> str:
    """Return what a field is called that has no title."""
    words = name.replace('_', ' ').strip()
    return words[:1].upper() + words[1:]


def is_json(text: str) -> bool:
    """Return whether a model has said JSON, or begins to."""
    return text.lstrip().startswith(('{', '[', '```'))


def _marked(messages: Sequence[ModelMessage], kept: Mapping[str, object]) -> list[ModelMessage]:
    last = replace(messages[-1], metadata={**(messages[-1].metadata or {}), OUTPUT_KEY: {**kept}})
    return [*messages[:-1], last]


def _is_said(output: str, message: ModelMessage) -> bool:
    """Return whether a model has said this, whatever a validator has done about spaces."""
    said = (
        [part.content for part in message.parts if isinstance(part, TextPart)]
        if isinstance(message, ModelResponse)
        else []
    )
    text = ''.join(map(str, said))
    return output.strip() in text or ''.join(output.split()) in ''.join(text.split())


def _beginning_of(written: object) -> Any:  # JSON of any shape
    if not isinstance(written, str):
        return written
    text = written.strip().removeprefix('```json').removeprefix('```')
    try:
        value = from_json(text[:MAX_GROWING_LENGTH], allow_partial='trailing-strings')
    except ValueError:
        return None
    # an output that is no object is wrapped into one
    return value['response'] if isinstance(value, dict) and [*value] == ['response'] else value  # pyright: ignore[reportUnknownVariableType]  # from JSON
