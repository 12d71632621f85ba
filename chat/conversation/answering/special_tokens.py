"""Have pydantic-ai 2.68 search an answer for broken tokens only if there can be one.

Before a model is asked, pydantic-ai breaks what looks like a token of a chat template by an invisible
character, and takes that out of what the model says. To search a megabyte for it takes a tenth of a second,
and all of it is searched again whenever somebody asks what was said so far.
`tests/conversation/test_special_tokens.py` fails as soon as pydantic-ai looks itself whether that is needed.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from pydantic_ai import _special_tokens  # pyright: ignore[reportPrivateUsage]

BEGIN_OF_ESCAPE = '\\u'
"""How an invisible character may begin in the arguments of a tool, which are JSON."""


def search_only_what_has_joiners() -> None:
    """Spare all other texts from now on; it changes nothing to do so again, or with another pydantic-ai."""
    if joiners := getattr(_special_tokens, '_ZERO_WIDTH_CHARACTERS', ()):
        _search_only_with(joiners, 'restore_special_tokens')
        _search_only_with((*joiners, BEGIN_OF_ESCAPE), '_restore_args')


def _search_only_with(signs: Iterable[str], name: str) -> None:
    search: Callable[[Any], Any] | None = getattr(_special_tokens, name, None)
    if search is None or hasattr(search, '__wrapped__'):
        return

    @wraps(search)
    def search_if_needed(value: Any) -> Any:
        is_spared = isinstance(value, str) and not any(sign in value for sign in signs)
        return value if is_spared else search(value)

    setattr(_special_tokens, name, search_if_needed)
