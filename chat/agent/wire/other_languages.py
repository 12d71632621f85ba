"""Answers in the languages of Anthropic and Google, and of OpenAI's responses.

Their speakers are few and keep to what they document. What is mended is what gateways on the way do: streams
that end before their end, errors that are no events, answers in one piece.
"""

import json
import re
from collections.abc import Iterator
from typing import cast

from chat.agent.wire.errors import error_event, error_in
from chat.agent.wire.events import Event
from chat.agent.wire.json_values import Object, is_object, objects_in
from chat.whole_text import whole_text

LONE_HALF = re.compile(r'\\u[dD][89a-fA-F]')
"""Half a character may be in this text; the two halves of one in a row are none."""


class Language:
    """One answer in a language of which no more is known than how it ends."""

    end = re.compile('')
    """What stands in the data of an event that says that the answer is over."""

    def __init__(self) -> None:
        self.is_over = False

    def mended(self, event: Event) -> Iterator[Event]:
        """What is to be read in the place of an event."""
        value = _json_in(event.data)
        if (event.is_stray or value is None) and (error := error_in(event, value)):
            self.is_over = True
            yield self.error(error)
        elif event.is_stray and value is not None:
            yield from (self._noted(Event(whole.data, whole.name)) for whole in self.pieces(value))
        else:
            yield self._noted(event)

    def error(self, error: Object) -> Event:
        """An event that tells an error."""
        return error_event(error)

    def pieces(self, value: object) -> Iterator[Event]:
        """The events that an answer in one piece would have been."""
        yield Event(json.dumps(value))

    def _noted(self, event: Event) -> Event:
        self.is_over = self.is_over or bool(self.end.search(event.data)) or event.name == 'error'
        if not LONE_HALF.search(event.data):
            return event
        return Event(json.dumps(_whole(_json_in(event.data))), event.name)


class Responses(Language):
    """OpenAI's responses: https://platform.openai.com/docs/api-reference/responses-streaming."""

    end = re.compile(r'"response\.(completed|failed|incomplete)"|"type"\s*:\s*"error"')


class Anthropic(Language):
    """Messages: https://docs.anthropic.com/en/api/messages-streaming."""

    end = re.compile(r'"message_stop"|"stop_reason"\s*:\s*"|"type"\s*:\s*"error"')

    def error(self, error: Object) -> Event:
        return Event(json.dumps({'type': 'error', 'error': error}), 'error')

    def pieces(self, value: object) -> Iterator[Event]:
        if not is_object(value) or value.get('type') != 'message':
            return
        yield _named('message_start', message={**value, 'content': [], 'stop_reason': None})
        for index, block in enumerate(objects_in(value.get('content'))):
            yield _named('content_block_start', index=index, content_block=block)
            yield _named('content_block_stop', index=index)
        reason = {'stop_reason': value.get('stop_reason') or 'end_turn', 'stop_sequence': None}
        yield _named('message_delta', delta=reason, usage=value.get('usage') or {'output_tokens': 0})
        yield _named('message_stop')


class Google(Language):
    """Contents: https://ai.google.dev/api/generate-content."""

    end = re.compile(r'"(finishReason|finish_reason|blockReason)"|"error"')

    def pieces(self, value: object) -> Iterator[Event]:
        items = cast('list[object]', value) if isinstance(value, list) else [value]
        yield from (Event(json.dumps(item)) for item in items)


def _named(kind: str, **fields: object) -> Event:
    return Event(json.dumps({'type': kind, **fields}), kind)


def _json_in(data: str) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _whole(value: object) -> object:
    """The same JSON without halves of characters."""
    match value:
        case str():
            return whole_text(value)
        case list():
            return [_whole(item) for item in cast('list[object]', value)]
        case dict():
            return {name: _whole(item) for name, item in cast('dict[str, object]', value).items()}
        case _:
            return value
