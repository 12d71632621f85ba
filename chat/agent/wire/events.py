"""Server-sent events, as the standard has them and as servers send them.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import codecs
import json
import re
from dataclasses import dataclass

LINE_END = re.compile('\r\n|\n|\r')

MAX_STRAY_LENGTH = 1_000_000
"""Characters of lines that are no events; what is longer is no answer in one piece, and no error."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event that has data."""

    data: str
    name: str = ''
    is_stray: bool = False
    """Whether it stood there without a field before it: a body in one piece, or an error of a gateway."""

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
        """The events that are complete with these bytes."""
        return self._read(self._decoder.decode(chunk))

    def finish(self) -> list[Event]:
        """The events that the end of the stream completes."""
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
        """The event on a line without a known field, if it is one by itself."""
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
    """Whether a text is a JSON object or list."""
    if not text.lstrip().startswith(('{', '[')):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
