"""Search queries, and the matches of a query in a text."""

import re
from dataclasses import dataclass

from chat.conversation.search import SearchHit
from chat.conversation.storage import ConversationSummary
from chat.text_normalization import normalized, original_range

SNIPPET_LENGTH = 120
"""Characters of a snippet, without the ellipses."""

SNIPPET_LEAD_LENGTH = 40
"""Characters of a snippet before the match, if the text goes on for long enough after it."""

MAX_WORD_LENGTH = 20
"""Characters by which a snippet is shortened so that it begins and ends with a whole word."""

_TERM_PATTERN = re.compile(r'"([^"]*)"?|([^\s"]+)')

_QUOTE_TABLE = str.maketrans('“”„‟', '""""')
"""The quotes that phones and word processors substitute for `"`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A one-line snippet of a text, and the position of the first term in it."""

    snippet: str
    start: int
    end: int

    def hit_in(self, summary: ConversationSummary, entry_id: str | None = None) -> SearchHit:
        """Return the hit that this is in a message of a conversation, or without one in its title."""
        return SearchHit(
            conversation_id=summary.conversation_id,
            title=summary.title,
            entry_id=entry_id,
            updated_at=summary.updated_at,
            snippet=self.snippet,
            start=self.start,
            end=self.end,
        )


class Query:
    """Words and phrases in double quotes that must all occur in a text, in any order, also within words.

    A quote that is still open reaches to the end. The white space in a phrase stands for any white space.
    """

    def __init__(self, text: str) -> None:
        found = _TERM_PATTERN.finditer(text.translate(_QUOTE_TABLE))
        terms = (tuple(normalized(each[1] or each[2] or '').split()) for each in found)
        self.terms = tuple(dict.fromkeys(term for term in terms if term))
        """The normalized words of each term; empty if there is nothing to search for."""
        self._patterns = [re.compile(' +'.join(map(re.escape, term))) for term in self.terms]

    def match(self, text: str) -> Match | None:
        """Return the first match of any term, or `None` unless all terms occur."""
        line = ' '.join(text.split())
        folded_line = normalized(line)
        spans: list[tuple[int, int]] = []
        for pattern in self._patterns:
            if (found := pattern.search(folded_line)) is None:
                return None
            spans.append(found.span())
        if not spans:
            return None
        start, end = min(spans, key=lambda span: (span[0], -span[1]))
        return _match(line, *(original_range(line, start, end)))


def _match(line: str, start: int, end: int) -> Match:
    left = max(0, min(start - SNIPPET_LEAD_LENGTH, len(line) - SNIPPET_LENGTH))
    if left:
        left = _next_word(line, left, min(start, left + MAX_WORD_LENGTH))
    right = max(end, left + SNIPPET_LENGTH)
    if right < len(line):
        right = _last_word(line, max(end, right - MAX_WORD_LENGTH), right)
    before, after = '…' if left else '', '…' if right < len(line) else ''
    shift = len(before) - left
    return Match(snippet=f'{before}{line[left:right]}{after}', start=start + shift, end=end + shift)


def _next_word(line: str, left: int, latest: int) -> int:
    """Return where a word begins, or at least no combining accent: between `left` and `latest`."""
    if (space := line.find(' ', left - 1, latest)) >= 0:
        return space + 1
    return next((place for place in range(left, latest) if normalized(line[place])), latest)


def _last_word(line: str, earliest: int, right: int) -> int:
    """Return where a word ends, or at least a character with its accents: not before `earliest`."""
    if (space := line.rfind(' ', earliest, right + 1)) >= 0:
        return space
    return next((place for place in range(right, earliest, -1) if normalized(line[place])), earliest)
