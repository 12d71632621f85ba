"""Answers in the protocols of Anthropic and Google, and of OpenAI's responses.

Few servers speak them. Repaired is what gateways on the way do: streams that are cut off, errors that are no
events, answers in one piece, values of a wrong type.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import cast

from chat.agent.wire import shapes
from chat.agent.wire.events import Event, error_event, error_in, json_in
from chat.agent.wire.shapes import JsonObject, as_text, is_object, objects_in
from chat.lone_surrogates import replace_lone_surrogates

LONE_SURROGATE_PATTERN = re.compile(r'\\u[dD][89a-fA-F]')
"""An escaped surrogate: there may be half a character in the text."""


class ProtocolRepair(ABC):
    """Repairs the stream of one answer; a protocol says what its events are and how they end."""

    end = re.compile('')
    """Matches the data of an event that ends the answer."""

    def __init__(self) -> None:
        self.is_over = False

    def repaired(self, event: Event) -> Iterator[Event]:
        """Yield what is to be read in place of an event."""
        value = json_in(event.data)
        if (event.is_stray or value is None) and (error := error_in(event, value)):
            self.is_over = True
            yield self.error(error)
        elif event.is_stray and value is not None:
            for whole in self.events_of(value):
                yield from self._fitted(whole, json_in(whole.data))
        else:
            yield from self._fitted(event, value)

    @abstractmethod
    def fitted(self, value: JsonObject, name: str) -> JsonObject | None:
        """Return what an event with this name says, in the right types; `None` if that is nothing."""

    def error(self, error: JsonObject) -> Event:
        """Return an event with an error."""
        return error_event(error)

    def events_of(self, value: object) -> Iterator[Event]:
        """Yield the events that an answer in one piece would have been."""
        yield Event(json.dumps(value))

    def _fitted(self, event: Event, value: object) -> Iterator[Event]:
        self.is_over = self.is_over or bool(self.end.search(event.data)) or event.name == 'error'
        if value is None and event.data.strip() != 'null':
            yield event  # it cannot be read, and whoever reads it says so
        elif is_object(value) and (fitted := self.fitted(value, event.name)):
            data = json.dumps(
                _without_lone_surrogates(fitted) if LONE_SURROGATE_PATTERN.search(event.data) else fitted
            )
            yield from self.begun(Event(data, event.name or as_text(fitted.get('type'))))

    def begun(self, event: Event) -> Iterator[Event]:
        """Yield the event, and before the first one what has to be there."""
        yield event


class ResponsesRepair(ProtocolRepair):
    """OpenAI's responses: https://platform.openai.com/docs/api-reference/responses-streaming."""

    end = re.compile(r'"response\.(completed|failed|incomplete)"|"type"\s*:\s*"error"')

    def fitted(self, value: JsonObject, name: str) -> JsonObject | None:
        fitted = shapes.RESPONSES(value)
        return None if fitted is None or ('response' in value and 'response' not in fitted) else fitted


class AnthropicRepair(ProtocolRepair):
    """Messages: https://docs.anthropic.com/en/api/messages-streaming."""

    end = re.compile(r'"message_stop"|"stop_reason"\s*:\s*"|"type"\s*:\s*"error"')
    _has_begun = False

    def begun(self, event: Event) -> Iterator[Event]:
        if event.name == 'message_start':
            self._has_begun = True
        elif event.name in shapes.ANTHROPIC and not self._has_begun:
            yield from self.begun(_named('message_start', message=shapes.BEGINNING))
        yield event

    def fitted(self, value: JsonObject, name: str) -> JsonObject | None:
        kind = value.get('type')
        kind = kind if isinstance(kind, str) and kind in shapes.ANTHROPIC else name or as_text(kind)
        fitted = shapes.ANTHROPIC[kind](value) if kind in shapes.ANTHROPIC else value
        if fitted is None or shapes.ANTHROPIC_NEEDS.get(kind, 'type') not in {**fitted, 'type': kind}:
            return None
        return {**fitted, 'type': kind}

    def error(self, error: JsonObject) -> Event:
        return Event(json.dumps({'type': 'error', 'error': error}), 'error')

    def events_of(self, value: object) -> Iterator[Event]:
        if not is_object(value) or value.get('type') != 'message':
            return
        yield _named('message_start', message={**value, 'content': [], 'stop_reason': None})
        for index, block in enumerate(objects_in(value.get('content'))):
            yield _named('content_block_start', index=index, content_block=block)
            yield _named('content_block_stop', index=index)
        reason = {'stop_reason': value.get('stop_reason') or 'end_turn', 'stop_sequence': None}
        yield _named('message_delta', delta=reason, usage=value.get('usage') or {'output_tokens': 0})
        yield _named('message_stop')


class GoogleRepair(ProtocolRepair):
    """Contents: https://ai.google.dev/api/generate-content."""

    end = re.compile(r'"(finishReason|finish_reason|blockReason)"|"error"')

    def fitted(self, value: JsonObject, name: str) -> JsonObject | None:
        return shapes.GOOGLE(value)

    def events_of(self, value: object) -> Iterator[Event]:
        items = cast('list[object]', value) if isinstance(value, list) else [value]
        yield from (Event(json.dumps(item)) for item in items)


def _named(kind: str, **fields: object) -> Event:
    return Event(json.dumps({'type': kind, **fields}), kind)


def _without_lone_surrogates(value: object) -> object:
    """Return the JSON without halves of characters."""
    match value:
        case str():
            return replace_lone_surrogates(value)
        case list():
            return [_without_lone_surrogates(item) for item in cast('list[object]', value)]
        case dict():
            return {
                name: _without_lone_surrogates(item)
                for name, item in cast('dict[str, object]', value).items()
            }
        case _:
            return value
