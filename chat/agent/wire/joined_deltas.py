"""Words that have come together, as one event, since what packages of providers do for each event is dear.

And what comes as one event though it is a book, as several: others get their turn between two events.
"""

import json
import re
from collections.abc import Iterable, Iterator

from chat.agent.wire.events import Event

TEXT_DELTA = re.compile(
    r'"delta":\s*\{\s*'
    r'(?:"role":\s*"assistant",\s*|"type":\s*"(?:text|thinking)_delta",\s*)?'
    r'(?:"content":\s*(?:null|""),\s*)?'
    r'"(?:content|reasoning_content|reasoning|text|thinking)":\s*"(?P<text>(?!")[^"\\]*(?:\\.[^"\\]*)*)"\s*\}'
)
"""A piece of a text or of a thought and no more, in OpenAI's protocol of chat completions or Anthropic's."""

PADDING = re.compile(r',\s*"obfuscation":\s*"[^"]*"')
"""What OpenAI adds to each event so that its length says nothing."""

MAX_JOINED_LENGTH = 2_000
"""Characters from which on an event takes no more."""

MAX_LENGTH = 20_000
"""Characters of the words of an event; with more, it becomes several."""

SAID_ONCE = re.compile(r'"(?:finish_reason|stop_reason|usage)":\s*["{]')
"""What an event may say besides, and no second one: how the answer has ended."""

Frame = tuple[str, str, str]
"""What is around the words of an event: its name, and its data before and after them."""


def joined(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events; of those in a row that differ in their words only, one with the words of all."""
    frame: Frame | None = None
    words: list[str] = []
    for event in events:
        found = TEXT_DELTA.search(event.data)
        around = _frame(event, found) if found else None
        if words and around != frame:
            yield from _with_words(frame, words)
            words = []
        frame = around
        if found is None:
            yield event
            continue
        words.append(found['text'])
        if sum(map(len, words)) > MAX_JOINED_LENGTH:
            yield from _with_words(frame, words)
            words = []
    if words:
        yield from _with_words(frame, words)


def _frame(event: Event, found: re.Match[str]) -> Frame:
    after = PADDING.sub('', event.data[found.end('text') :])
    return event.name, event.data[: found.start('text')], after


def _with_words(frame: Frame | None, words: Iterable[str]) -> Iterator[Event]:
    if frame:
        name, before, after = frame
        whole = ''.join(words)
        is_short = len(whole) <= MAX_LENGTH or SAID_ONCE.search(after)
        for part in [whole] if is_short else _parts(whole):
            yield Event(f'{before}{part}{after}', name)


def _parts(words: str) -> Iterator[str]:
    """Yield words in parts, all as they stand in JSON; as they are if they do not belong there."""
    try:
        text = json.loads(f'"{words}"')
    except ValueError:
        yield words
        return
    for start in range(0, len(text), MAX_LENGTH):
        yield json.dumps(text[start : start + MAX_LENGTH])[1:-1]
