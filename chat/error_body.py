"""What errors say: a server in the body of one, which has as many forms as there are servers, and causes."""

from collections.abc import Iterable, Iterator
from typing import cast

MAX_QUOTE_LENGTH = 300
"""Characters of a server's own words that are shown."""

MESSAGE_FIELDS = (
    'message', 'detail', 'error', 'errors', 'error_message', 'error_msg', 'errorMessage', 'error_description',
    'msg', 'reason', 'title', 'description',
)  # fmt: skip
"""Fields that may hold the words, the likeliest first."""

MAX_DEPTH = 8
"""Levels of lists and objects that are searched."""


def message_in_body(body: object, depth: int = 0) -> str:
    """Return the words in the body of an error, which may be JSON of any shape; '' if there are none."""
    if isinstance(body, str):
        return ' '.join(body.split())
    if depth > MAX_DEPTH:
        return ''
    if isinstance(body, list):
        return _first(cast('list[object]', body), depth)
    if not isinstance(body, dict):
        return ''
    fields = cast('dict[str, object]', body)
    words = _first((fields.get(name) for name in MESSAGE_FIELDS), depth)
    if words or not depth:
        return words
    inner = (
        value for value in fields.values() if not isinstance(value, str)
    )  # some name them by the field that is wrong
    return _first(inner, depth)


def quoted_message(body: object) -> str:
    """Return a server's own words as a further sentence; '' if it said nothing, or sent an HTML page."""
    words = message_in_body(body)
    if not words or words.startswith('<'):
        return ''
    return f' It says: {words[:MAX_QUOTE_LENGTH]}' + ('…' if len(words) > MAX_QUOTE_LENGTH else '')


def _first(values: Iterable[object], depth: int) -> str:
    return next(filter(None, (message_in_body(value, depth + 1) for value in values)), '')


def cause_of(error: BaseException) -> str:
    """Return the kind of an error and what it says, on one line."""
    return ' '.join(f'{type(error).__name__}: {error}'.split()).removesuffix(':')


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield the causes of an error, the nearest first."""
    cause = error.__cause__ or error.__context__
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
