"""Answers in OpenAI's protocol of chat completions, as its many servers send them.

https://platform.openai.com/docs/api-reference/chat-streaming
"""

import json
import re
from collections.abc import Iterator

from chat.agent.wire.events import Event, error_event, error_in, error_with, json_in
from chat.agent.wire.shapes import (
    JsonObject,
    as_text,
    as_timestamp,
    is_object,
    nested_text,
    objects_in,
    parse_usage,
)
from chat.agent.wire.thinking_tags import ThinkingTags
from chat.lone_surrogates import replace_lone_surrogates, trailing_surrogate

DONE_EVENT = Event('[DONE]')

KEEP_ALIVE_PATTERN = re.compile(
    r'\W*(null|ping|pong|keep-?alive|heartbeat|processing|: ?openrouter processing)\W*', re.I
)
"""Data that only keeps the connection open."""

EMPTY_FINISH_REASONS = ('', 'null', 'none')
"""What some servers send as the finish reason while there is none."""

DROPPED_FIELDS = (
    'message',
    'text',
    'logprobs',
    'moderation',
    'metadata',
    'refusal',
    'function_call',
    'audio',
)
"""Fields that nobody reads and that break an answer if they are malformed, or that are read elsewhere."""

THINKING_FIELDS = ('reasoning_content', 'reasoning')


class ChatCompletionsRepair:
    """Repairs the stream of one answer."""

    def __init__(self) -> None:
        self.is_over = False
        """Whether the server has said that the answer is over, for whatever reason."""
        self._has_spoken = False
        self._tags = ThinkingTags()
        self._pending_surrogates: dict[str, str] = {}
        """Half a character whose other half is still to come, by field."""
        self._calls = _ToolCalls()

    def repaired(self, event: Event) -> Iterator[Event]:
        """Yield what is to be read in place of an event."""
        if event.data.strip().strip('"').upper() == DONE_EVENT.data:
            self.is_over = True
            yield from map(_content_event, self._tags.cut('', is_last=True))
            yield DONE_EVENT
            return
        value = json_in(event.data)
        if error := error_in(event, value):
            self.is_over = True
            yield error_event(error)
        elif is_object(value):
            yield from self._pieces(value)
        elif value is None and not KEEP_ALIVE_PATTERN.fullmatch(event.data):
            yield event  # it cannot be read, and whoever reads it says so

    def _pieces(self, value: JsonObject) -> Iterator[Event]:
        choices = objects_in(value.get('choices'))
        usage = value.get('usage')
        if not choices and not is_object(usage):
            return
        fitted = [self._choice(choice) for choice in choices[:1]]
        yield from map(_content_event, self._cut_content(fitted))
        yield Event(
            json.dumps(
                {
                    **{name: field for name, field in value.items() if name not in DROPPED_FIELDS},
                    'id': as_text(value.get('id')),
                    'object': 'chat.completion.chunk',
                    'created': as_timestamp(value.get('created')),
                    'model': as_text(value.get('model')),
                    'choices': fitted,
                    'usage': parse_usage(usage) if is_object(usage) else None,
                    **{
                        name: as_text(value.get(name)) or None
                        for name in ('service_tier', 'system_fingerprint')
                    },
                }
            )
        )
        for choice in choices[:1]:
            if error := choice.get('error'):  # OpenRouter
                yield error_event(error_with(error))

    def _cut_content(self, choices: list[JsonObject]) -> list[str]:
        """Leave the last piece of the content where it is, and return those before it."""
        for choice in choices:
            delta = choice['delta']
            if is_object(delta):
                is_last = bool(choice['finish_reason'] or delta['tool_calls'])
                *before, last = self._tags.cut(as_text(delta['content']), is_last=is_last) or ['']
                delta['content'] = last
                return before
        return []

    def _choice(self, choice: JsonObject) -> JsonObject:
        reason = as_text(choice.get('finish_reason'))
        reason = '' if reason.lower() in EMPTY_FINISH_REASONS else reason
        whole = choice.get('message')
        source = choice.get('delta') or (whole if not self._has_spoken else None) or choice.get('text')
        if is_object(whole) and not choice.get('delta'):
            reason = reason or 'stop'
        self.is_over = self.is_over or bool(reason)
        delta = self._delta(source if is_object(source) else {'content': source}, is_last=bool(reason))
        others = {name: field for name, field in choice.items() if name not in DROPPED_FIELDS}
        return {**others, 'index': 0, 'delta': delta, 'finish_reason': reason or None}

    def _delta(self, source: JsonObject, *, is_last: bool) -> JsonObject:
        # To decline is an answer too.
        content = f'{nested_text(source.get("content"))}{nested_text(source.get("refusal"))}'
        thoughts = {
            name: self._text(name, nested_text(source.get(name)), is_last) for name in THINKING_FIELDS
        }
        delta: JsonObject = {
            **{name: value for name, value in source.items() if name not in DROPPED_FIELDS},
            **thoughts,
            'role': 'assistant',
            'content': self._text('content', content, is_last),
            'tool_calls': [self._call(call) for call in objects_in(source.get('tool_calls'))] or None,
        }
        self._has_spoken = self._has_spoken or any(
            delta[name] for name in ('content', 'tool_calls', *THINKING_FIELDS)
        )
        return delta

    def _text(self, name: str, text: str, is_last: bool) -> str:
        """Return a piece of a text; half a character at its end is held back until the next piece."""
        text = self._pending_surrogates.pop(name, '') + text
        if not is_last and (half := trailing_surrogate(text)):
            self._pending_surrogates[name] = half
            text = text[:-1]
        return replace_lone_surrogates(text)

    def _call(self, call: JsonObject) -> JsonObject:
        function = call.get('function')
        fields = function if is_object(function) else {}
        arguments = fields.get('arguments')
        call_id, name = as_text(call.get('id')), as_text(fields.get('name'))
        index, is_named = self._calls.place(call.get('index'), call_id, name)
        return {
            **call,
            'index': index,
            'id': call_id or None,
            'type': 'function',
            'function': {
                'name': None if is_named else name or None,
                'arguments': arguments if isinstance(arguments, str | None) else json.dumps(arguments),
            },
        }


class _ToolCalls:
    """Tells the tool calls of an answer apart: servers leave out their indexes, or give all the same."""

    def __init__(self) -> None:
        self._names: list[str] = []
        """The first name of each call."""
        self._by_id: dict[tuple[int | None, str], int] = {}
        """Where a call stands in that list, by the index and the id that it came with."""
        self._latest: dict[int | None, int] = {}
        """Where the last one stands, by the index that it came with; by `None`, of all."""

    def place(self, given: object, call_id: str, name: str) -> tuple[int, bool]:
        """Return the index of a call of which a piece has come, and whether this repeats its name."""
        index = given if isinstance(given, int) and not isinstance(given, bool) else None
        place = self._by_id.get((index, call_id)) if call_id else None
        if place is None and not (call_id and name):  # more of a call, maybe with an id for each piece
            place = self._latest.get(index)
        if place is None:
            place = len(self._names)
            self._names.append('')
        if call_id:
            self._by_id.setdefault((index, call_id), place)
        self._latest[index] = self._latest[None] = place
        is_named = bool(name) and self._names[place] == name
        self._names[place] = self._names[place] or name
        return place, is_named


def _content_event(content: str) -> Event:
    """Return an event with a piece of the text and no more."""
    choice = {'index': 0, 'delta': {'role': 'assistant', 'content': content}, 'finish_reason': None}
    fields = {'id': '', 'object': 'chat.completion.chunk', 'created': 0, 'model': '', 'choices': [choice]}
    return Event(json.dumps(fields))
