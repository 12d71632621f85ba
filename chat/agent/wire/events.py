"""Server-sent events, as the standard has them and as servers send them, and the errors in them.

However an error comes, it leaves in the form that the packages of providers know.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any, cast

from chat.agent.wire.shapes import JsonObject, is_object
from chat.error_body import MAX_QUOTE_LENGTH, message_in_body

LINE_END = re.compile('\r\n|\n|\r')

MAX_STRAY_LENGTH = 1_000_000
"""Characters of lines that are no events; what is longer is no answer in one piece, and no error."""

WEB_PAGE_MESSAGE = 'it returned a web page instead of an answer. Check the address of the server.'
UNNAMED_MESSAGE = 'the server did not say what is wrong.'


@dataclass(frozen=True, slots=True)
class Event:
    """One event that has data."""

    data: str
    name: str = ''
    is_stray: bool = False
    """Whether it came without a field name: a body in one piece, or an error of a gateway."""

    @property
    def encoded(self) -> bytes:
        name = f'event: {self.name}\n' if self.name else ''
        data = ''.join(f'data: {line}\n' for line in self.data.split('\n'))
        return f'{name}{data}\n'.encode()


class EventParser:
    """Reads events piece by piece; those without data, comments and other fields say nothing.

    JSON that stands in the stream as it is, on one line or more, is an event too.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder('utf-8-sig')('replace')
        self._is_after_return = False
        self._line: list[str] = []
        """The pieces of the line that is not complete yet."""
        self._name = ''
        self._data: list[str] = []
        self._stray: list[str] = []
        self._stray_length = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that are complete with these bytes."""
        return self._read(self._decoder.decode(chunk))

    def finish(self) -> list[Event]:
        """Return the events that the end of the stream completes."""
        events = self._read(self._decoder.decode(b'', final=True) + '\n\n')
        stray = '\n'.join(self._stray).strip()
        self._stray.clear()
        return [*events, Event(stray, is_stray=True)] if stray else events

    def _read(self, text: str) -> list[Event]:
        if self._is_after_return and text:
            text = text.removeprefix('\n')
        self._is_after_return = text.endswith('\r') if text else self._is_after_return
        *lines, rest = LINE_END.split(text)
        if lines:
            lines[0] = ''.join([*self._line, lines[0]])
            self._line.clear()
        self._line.append(rest)
        return [event for line in lines if (event := self._event_after(line))]

    def _event_after(self, line: str) -> Event | None:
        if not line:
            return self._complete()
        field, colon, value = line.partition(':')
        match field:
            case 'data':
                self._data.append(value.removeprefix(' '))
            case 'event':
                self._name = value.strip()
            case 'error' if colon:  # llama.cpp
                self._name, self._data = 'error', [value.strip()]
            case '' | 'id' | 'retry':
                pass  # comments keep connections open
            case _:
                return self._event_on(line)
        return None

    def _event_on(self, line: str) -> Event | None:
        """Return the event on a line without a known field, if it is one by itself."""
        if not self._stray and is_json(line):
            return Event(line.strip(), is_stray=True)
        self._stray_length += len(line)
        if self._stray_length < MAX_STRAY_LENGTH:
            self._stray.append(line)
        return None

    def _complete(self) -> Event | None:
        data, name = '\n'.join(self._data), self._name
        self._data, self._name = [], ''
        if data.strip():
            return Event(data, name)
        if self._stray and is_json(stray := '\n'.join(self._stray)):
            self._stray.clear()
            return Event(stray, is_stray=True)
        return None


def is_json(text: str) -> bool:
    """Return whether a text is a JSON object or list."""
    if not text.lstrip().startswith(('{', '[')):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def json_in(data: str) -> object:
    """Return the JSON in the data of an event; `None` if it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def error_in(event: Event, value: object) -> JsonObject | None:
    """Return the error in an event; `None` if there is none.

    Args:
        event: As it came.
        value: The JSON in its data, or `None` if that is no JSON.
    """
    if value is None:
        return _error_in_text(event)
    if isinstance(value, list):  # as Google's interface for the package of OpenAI has it
        items = cast('list[object]', value)
        return next((error for item in items if (error := error_in(event, item))), None)
    if not is_object(value):
        return None
    if value.get('error'):
        return error_with(value['error'], around=value)
    if event.name == 'error' or value.get('object') == 'error' or _is_error_object(value):
        return error_with(value)
    return None


def error_with(error: object, *, around: JsonObject | None = None) -> JsonObject:
    """Return an error as the package of OpenAI expects it; `around` is the object that held it."""
    fields: dict[str, Any] = error if is_object(error) else {}
    outside = around or {}
    code, kind = (fields.get(name, outside.get(name)) for name in ('code', 'type'))
    return {
        'message': message_in_body(error) or message_in_body(outside) or UNNAMED_MESSAGE,
        'type': kind if isinstance(kind, str) else None,
        'code': code if isinstance(code, str | int) and not isinstance(code, bool) else None,
    }


def error_event(error: JsonObject) -> Event:
    """Return an event with an error in OpenAI's protocol."""
    return Event(json.dumps({'error': error}))


def _is_error_object(value: JsonObject) -> bool:
    """Return whether an object has words and nothing of an answer."""
    return not (value.get('choices') or value.get('usage') or value.get('candidates')) and bool(
        message_in_body(value)
    )


def _error_in_text(event: Event) -> JsonObject | None:
    """Return the error in text that is no JSON: named so, or sent by a gateway in place of an answer."""
    text = event.data.strip()
    if event.is_stray and text.startswith('<'):
        return {'message': WEB_PAGE_MESSAGE, 'type': None, 'code': None}
    if event.name == 'error' or (event.is_stray and not text.startswith(('{', '['))):
        return {'message': text[: 2 * MAX_QUOTE_LENGTH], 'type': None, 'code': None}
    return None
