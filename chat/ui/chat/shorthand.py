"""Shorthand for the HTML of answers: on its way to a page, a frequent phrase is one character.

What tells code, tables and formulas apart is longer than what they say. The page's half is `js/shorthand.js`.
"""

import re
from functools import lru_cache

from chat.ui.javascript import JS

FIRST = 0xE000
"""The character that stands for the first phrase; the range is for private use, and hardly a text has one."""

LITERAL = '\uf8ff'
"""Stands before such a character of the text itself."""


def _phrases() -> list[str]:
    """Return the phrases that the page's half knows, in their order."""
    listed = (JS / 'shorthand.js').read_text(encoding='utf-8').split('`')[1]
    return [phrase.replace('¶', '\n') for phrase in listed.strip().split('\n')]


SHORT_FORMS = {phrase: chr(FIRST + place) for place, phrase in enumerate(_phrases())}

_PHRASE = re.compile('|'.join(map(re.escape, sorted(SHORT_FORMS, key=len, reverse=True))))
_SHORT_FORM = re.compile(f'[{chr(FIRST)}-{LITERAL}]')

MAX_SHORTENED = 10_000
"""Characters of HTML from which on it goes as it is: to look for phrases would hold up everybody."""


def shortened(html: str) -> str:
    """Return HTML with phrases as single characters; once for all pages that show the same."""
    return _shortened(html) if len(html) < MAX_SHORTENED else _with_literals(html)


@lru_cache(maxsize=256)
def _shortened(html: str) -> str:
    return _PHRASE.sub(lambda found: SHORT_FORMS[found[0]], _with_literals(html))


def _with_literals(html: str) -> str:
    """Return HTML with a mark before each character of its own that stands for a phrase."""
    return html if html.isascii() else _SHORT_FORM.sub(lambda found: LITERAL + found[0], html)
