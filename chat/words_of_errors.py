"""What a server says is wrong, wherever it puts that: there are as many forms as there are servers."""

from collections.abc import Iterable
from typing import cast

LONGEST_QUOTE = 300
"""Characters of a server's own words that are shown."""

FIELDS = (
    'message', 'detail', 'error', 'errors', 'error_message', 'error_msg', 'errorMessage', 'error_description',
    'msg', 'reason', 'title', 'description',
)  # fmt: skip
"""Where words may stand, the likeliest first."""

DEEPEST = 8
"""Lists and objects inside each other that are looked into."""


def words_in(body: object, depth: int = 0) -> str:
    """The words in the body of an error, which may be JSON of any shape; '' if there are none."""
    if isinstance(body, str):
        return ' '.join(body.split())
    if depth > DEEPEST:
        return ''
    if isinstance(body, list):
        return _first(cast('list[object]', body), depth)
    if not isinstance(body, dict):
        return ''
    fields = cast('dict[str, object]', body)
    words = _first((fields.get(name) for name in FIELDS), depth)
    if words or not depth:
        return words
    inner = (value for value in fields.values() if not isinstance(value, str))  # by the name of what is odd
    return _first(inner, depth)


def quote_of(body: object) -> str:
    """What a server said itself, as a further sentence; '' if it said nothing, or sent a page for people."""
    words = words_in(body)
    if not words or words.startswith('<'):
        return ''
    return f' It says: {words[:LONGEST_QUOTE]}' + ('…' if len(words) > LONGEST_QUOTE else '')


def _first(values: Iterable[object], depth: int) -> str:
    return next(filter(None, (words_in(value, depth + 1) for value in values)), '')
