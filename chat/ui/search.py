"""The dialog that searches all conversations while one types, and what it shows of what was found."""

import re
from collections.abc import Iterator
from typing import Any

from nicegui import ui
from pydantic import StrictStr, TypeAdapter

from chat.conversation.search import ConversationSearch, SearchHit
from chat.conversation.storage import ConversationCatalog, ConversationSummary
from chat.ui.formatting import UNTITLED
from chat.ui.html import local_address
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import TEXT, parse_event

MAX_RECENT = 8
"""Conversations that are offered before anything is typed."""

MAX_HITS = 50

PLACE = TypeAdapter(tuple[StrictStr, StrictStr | None])
"""A conversation, and the entry in it that was found."""


_MARKS = re.compile(
    r"""
      `{3,}[\w+\#.-]*                            # a fence, and the language of what is in it
    | `+
    | (?<![\w*\\]) \*{1,3} (?=[^\s*])             # an emphasis begins ...
    | (?<=[^\s*\\]) \*{1,3} (?![\w*])             # ... and ends; a product is none
    | (?<!\w) ~~ (?=\S) | (?<=\S) ~~ (?!\w)
    | (?:(?<=\s)|^) \#{1,6} [ ] (?=\S)           # a heading
    | ^ (?:>[ ]?)+
    | \|? (?:[ ]? :?-{3,}:? [ ]? \|)+ [ ]?       # the line below the head of a table
    | (?:(?<=\s)|^) \| (?:[ ]|$)                 # between its cells
    | \\ (?=[*_`\#\[\]|>~-])
    """,
    re.VERBOSE,
)

_LINK = re.compile(r'(!?\[)[^\[\]]*(\]\([^()\s]*\))')


class SearchDialog(ui.element, component=COMPONENTS / 'search_dialog.js'):
    """Opened by a script of the page; keeps what was found last until there is something newer."""

    def __init__(self, catalog: ConversationCatalog, search: ConversationSearch) -> None:
        super().__init__()
        self._catalog = catalog
        self._search = search
        self.mark('search')
        self.on('ask', parse_event(TEXT, self._on_query))
        self.on('open', parse_event(PLACE, self._on_open))

    async def _on_query(self, text: str) -> None:
        """Search for what stands in the box now; an older search of this page ends."""
        if not text.strip():
            recent = self._catalog.summaries[:MAX_RECENT]
            self.run_method('show', text, [_recent_row(summary) for summary in recent])
            await self._search.prepare()
            return
        hits = await self._search.search(text, limit=MAX_HITS, asker=self)
        if hits is not None and not self.is_deleted:
            self.run_method('show', text, [_hit_row(hit) for hit in hits])

    def _on_open(self, place: tuple[str, str | None]) -> None:
        ui.navigate.to(address_of(*place))


def address_of(conversation_id: str, entry_id: str | None) -> str:
    """Return the address of a conversation, and of a message in it."""
    return f'/c/{conversation_id}' + (f'?at={entry_id}' if entry_id else '')


def _recent_row(summary: ConversationSummary) -> dict[str, Any]:
    return _row(summary.conversation_id, None, summary.title, ('', '', ''), summary.updated_at.isoformat())


def _hit_row(hit: SearchHit) -> dict[str, Any]:
    pieces = plain_snippet(hit.snippet, hit.start, hit.end)
    return _row(hit.conversation_id, hit.entry_id, hit.title, pieces, hit.updated_at.isoformat())


def _row(
    conversation_id: str, entry_id: str | None, title: str, pieces: tuple[str, str, str], moment: str
) -> dict[str, Any]:
    """Return a row of results; without an entry, the pieces are those of the title."""
    return {
        'id': conversation_id,
        'entry': entry_id,
        'href': local_address(address_of(conversation_id, entry_id)),
        'title': title or UNTITLED,
        'pieces': list(pieces),
        'moment': moment,
    }


TextRange = tuple[int, int]


def plain_snippet(snippet: str, start: int, end: int) -> tuple[str, str, str]:
    """Return what comes before a match, the match with its marks, and what comes after it."""
    marks = sorted({*_marks(snippet, start, end), *_links(snippet, start, end)})
    return _without(marks, snippet, 0, start), snippet[start:end], _without(marks, snippet, end, len(snippet))


def _without(marks: list[TextRange], snippet: str, begin: int, end: int) -> str:
    remaining, at = '', begin
    for left, right in marks:
        if begin <= left and right <= end:
            remaining += snippet[at:left]
            at = max(at, right)
    return remaining + snippet[at:end]


def _marks(snippet: str, start: int, end: int) -> Iterator[TextRange]:
    """Where the marks are that are no part of the match."""
    for mark in _MARKS.finditer(snippet):
        if mark.end() <= start or end <= mark.start():
            yield mark.span()


def _links(snippet: str, start: int, end: int) -> Iterator[TextRange]:
    """Yield what is around the words of links, unless the address is what was found."""
    for link in _LINK.finditer(snippet):
        sides = link.span(1), link.span(2)
        if all(right <= start or end <= left for left, right in sides):
            yield from sides
