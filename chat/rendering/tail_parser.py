"""One parse of the tail: its blocks, and how many of them are final however the text continues."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from markdown_it.token import Token
from markdown_it.utils import EnvType

from chat.rendering.block_parts import PARAGRAPH_TYPE, parts_of
from chat.rendering.block_prefix import PARAGRAPH_PREFIX, BlockPrefix, block_prefix_of
from chat.rendering.markdown import COMPLETE_KEY, PARSER, is_closed, language_of
from chat.rendering.math_rules import UNSETTLED_KEY
from chat.rendering.tokens import end_of, grouped, line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFence:
    """A code fence at the margin without its closing mark."""

    start: int
    """Where in the text its code begins."""
    mark: str
    language: str


SELF_DELIMITED_TOKENS = ('fence', 'hr', 'blockquote_open', 'bullet_list_open', 'ordered_list_open')
"""Blocks that are recognized by their first line."""

CONTINUING_TOKENS = ('bullet_list_open', 'ordered_list_open', 'code_block')
"""Blocks that may continue after a blank line."""

SINGLE_LINE_TOKENS = ('heading_open', 'hr', 'fence')
"""Blocks that end when their last line is complete."""

SPLIT_SEARCH_LENGTH = 64
"""Characters that are searched for a position where a paragraph can be split."""

MAX_SPLIT_ATTEMPTS = 5
"""How many gaps are tried, and then how many places between letters and between any characters."""

MAX_LONG_ATTEMPTS = 2
"""Of these, at how many the long part before it is parsed."""

GAP = re.compile(r'(?<=\S)[ \n](?=\S)')


class ParsedTail:
    """The top-level blocks of a normalized text: paragraphs, lists, tables, and so on.

    With a prefix, the text is the rest of the block that it begins, and what follows. A list of
    footnotes is no block: it belongs to the whole text, and only `render` shows it.
    """

    def __init__(self, text: str, prefix: BlockPrefix | None = None, *, is_complete: bool = False) -> None:
        self._text = text
        self._prefix = prefix
        source = prefix.placeholder + text if prefix else text
        self._lines = source.split('\n')
        self._above = prefix.placeholder.count('\n') if prefix else 0
        self._environment: EnvType = {COMPLETE_KEY: is_complete}
        self._groups = [group for group in grouped(PARSER.parse(source, self._environment)) if group[0].map]
        self._blocks = [parts_of(group, self._environment) for group in self._groups]
        self.fits = prefix is None or self._join(prefix)
        """Whether the first block continues the prefix; else it must be parsed from its start."""

    @property
    def blocks(self) -> list[str]:
        """Render each block as HTML."""
        return [block.html for block in self._blocks]

    @property
    def settled_count(self) -> int:
        """How many of the first blocks are final, however the text continues."""
        over = [place + 1 for place in range(len(self._groups)) if self._is_settled(place)]
        return min(max(over, default=0), self._unchanged([line_of(group[0]) for group in self._groups]))

    @property
    def is_linked(self) -> bool:
        """Whether it defines links or has footnotes: then it may change other parts of its text."""
        footnotes: dict[str, dict[str, object]] = self._environment.get('footnotes', {})
        return bool(self._environment.get('references')) or any(footnotes.values())

    @property
    def open_fence(self) -> OpenFence | None:
        """The last block, if it is an open code fence at the margin whose first line is complete."""
        last = self._last
        if last is None or last.type != 'fence' or is_closed(last):
            return None
        if line_of(last) == len(self._lines) - 1:
            return None
        if not self._lines[line_of(last)].startswith(last.markup):
            return None
        start = self._offset(line_of(last) + 1)
        return OpenFence(start=start, mark=last.markup, language=language_of(last))

    def start(self, block: int) -> int:
        """Return the position where a block begins; for the one after the last, the end of the text."""
        if block == len(self._groups):
            return len(self._text)
        return self._offset(line_of(self._groups[block][0]))

    def finished(self, kept: int) -> tuple[BlockPrefix, int] | None:
        """Return the finished prefix of the only block, and the position where the rest begins.

        Of a paragraph, at least the last `kept` characters stay out of it.
        """
        if self.is_paragraph:
            return self._paragraph_prefix(len(self._text) - kept) if len(self._text) > 2 * kept else None
        if len(self._blocks[0].parts) < 2 + bool(self._prefix):
            return None
        lines = ParsedTail(self._text[: self._text.rfind('\n') + 1], self._prefix)
        return lines._parts() if lines.fits and len(lines._groups) == 1 else None

    def _parts(self) -> tuple[BlockPrefix, int] | None:
        """Return all parts but the last; none at first: only a prefix shows whether a list is loose.

        Where a formula may still begin, nothing is known: its lines may belong to no list.
        """
        if UNSETTLED_KEY in self._environment:
            return None
        parts = self._blocks[0].parts
        if not parts:
            return None
        count = len(parts) - 1 if self._prefix else 0
        end = parts[count].line
        opening = block_prefix_of(self._groups[0], self._lines[:end], parts[:count], self._prefix)
        return (opening, self._offset(end)) if opening else None

    def _paragraph_prefix(self, end: int) -> tuple[BlockPrefix, int] | None:
        """Return everything up to a position where it can be split: a gap, between letters, or anywhere."""
        start, step = max(1, end - SPLIT_SEARCH_LENGTH), -SPLIT_SEARCH_LENGTH // MAX_SPLIT_ATTEMPTS
        gaps = [match.start() for match in GAP.finditer(self._text, start, end)]
        letters = [at for at in range(start, end) if self._text[at - 1 : at + 1].isalnum()]
        others = range(max(start, end - MAX_SPLIT_ATTEMPTS - 1), end)
        places = [*gaps[: -MAX_SPLIT_ATTEMPTS - 1 : -1], *letters[::step], *others]
        ends = ((at, html) for at in places if (html := self._end_from(at)) is not None)
        # The first part is long, and the end nearly always shows whether it can be parsed by itself.
        halves = (self._prefix_at(at, html) for at, html in islice(ends, MAX_LONG_ATTEMPTS))
        return next(filter(None, halves), None)

    def _end_from(self, at: int) -> str | None:
        """Return the HTML from this position on, if it is the same when it is parsed by itself."""
        if self._text[at : at + 2].isspace():
            return None
        after = ParsedTail(self._text[at:], PARAGRAPH_PREFIX)
        if not (after.is_paragraph and after.fits):
            return None
        html = after._blocks[0].inner
        return html if self._blocks[0].inner.endswith(html) else None

    def _prefix_at(self, at: int, end: str) -> tuple[BlockPrefix, int] | None:
        """Return everything up to this position, if it is the same when it is parsed by itself."""
        before = ParsedTail(self._text[:at], self._prefix)
        if not (before.is_paragraph and before.fits):
            return None
        html = before._blocks[0].inner
        return (replace(PARAGRAPH_PREFIX, html=html), at) if html + end == self._blocks[0].inner else None

    def _join(self, opening: BlockPrefix) -> bool:
        whole = opening.joined(self._groups[0], self._blocks[0]) if self._groups else None
        if whole:
            self._blocks[0] = whole
        return whole is not None

    @property
    def _last(self) -> Token | None:
        return self._groups[-1][0] if self._groups else None

    @property
    def is_paragraph(self) -> bool:
        """Whether it is one paragraph."""
        return len(self._groups) == 1 and self._groups[0][0].type == PARAGRAPH_TYPE

    def _is_settled(self, place: int) -> bool:
        """Return whether a block is final. The last line is incomplete and may still become anything."""
        block, following = self._groups[place][0], self._groups[place + 1 :]
        if len(following) > 1 or (following and self._starts_certainly(following[0][0])):
            return True
        if block.type == 'fence' and not is_closed(block):
            return False
        if block.type in CONTINUING_TOKENS or end_of(block) >= len(self._lines):
            return False
        return block.type in SINGLE_LINE_TOKENS or self._is_gap(end_of(block))

    def _starts_certainly(self, block: Token) -> bool:
        """Return whether its first line is complete and cannot belong to the block before."""
        line = line_of(block)
        is_marked = block.type in SELF_DELIMITED_TOKENS or (
            block.type == 'heading_open' and block.markup[0] == '#'
        )
        return line < len(self._lines) - 1 and (is_marked or self._is_gap(line - 1))

    def _is_gap(self, line: int) -> bool:
        """Return whether a line is blank and stays blank."""
        return line < len(self._lines) - 1 and not self._lines[line].strip()

    def _unchanged(self, lines: Sequence[int]) -> int:
        """Return how many of the blocks that begin at these lines end before a formula that is still open."""
        formula = self._environment.get(UNSETTLED_KEY)
        return len(lines) if formula is None else sum(line <= formula for line in lines[1:])

    def _offset(self, line: int) -> int:
        """Return the position where a parsed line begins in the text."""
        return sum(len(before) + 1 for before in self._lines[self._above : line])
