"""One look of the parser at a text: its blocks, and how much of them will stay when the text goes on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markdown_it.token import Token
from markdown_it.utils import EnvType

from chat.rendering.block_parts import PARAGRAPH_TYPE, parts_of
from chat.rendering.block_prefix import PARAGRAPH_PREFIX, BlockPrefix, block_prefix_of
from chat.rendering.markdown import PARSER, is_closed, language_of
from chat.rendering.math_rules import UNSETTLED_KEY
from chat.rendering.tokens import end_of, grouped, line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFence:
    """A code fence at the margin whose closing mark has not come yet."""

    start: int
    """Where in the text its code begins."""
    mark: str
    language: str


SELF_DELIMITED_TOKENS = ('fence', 'hr', 'blockquote_open', 'bullet_list_open', 'ordered_list_open')
"""Blocks that one knows by their first line."""

CONTINUING_TOKENS = ('bullet_list_open', 'ordered_list_open', 'code_block')
"""Blocks that may go on after a gap."""

SINGLE_LINE_TOKENS = ('heading_open', 'hr', 'fence')
"""Blocks that are over when their last line is complete."""

SPLIT_SEARCH_LENGTH = 64
"""Characters within which a place is looked for at which a paragraph can be cut in two."""

MAX_SPLIT_ATTEMPTS = 5


class ParsedTail:
    """The blocks of a normalized text: paragraphs, lists, tables, … that stand in no other.

    With an opening, the text is the rest of the block that it opens, and what comes after. A list of
    footnotes is no block: it belongs to the whole text, and only `render` shows it.
    """

    def __init__(self, text: str, prefix: BlockPrefix | None = None) -> None:
        self._text = text
        self._prefix = prefix
        source = prefix.placeholder + text if prefix else text
        self._lines = source.split('\n')
        self._above = prefix.placeholder.count('\n') if prefix else 0
        self._environment: EnvType = {}
        self._groups = [group for group in grouped(PARSER.parse(source, self._environment)) if group[0].map]
        self._blocks = [parts_of(group, self._environment) for group in self._groups]
        self.fits = prefix is None or self._join(prefix)
        """Whether the first block goes on with the opening; else it must be read from its start."""

    @property
    def blocks(self) -> list[str]:
        """The HTML of each block."""
        return [block.html for block in self._blocks]

    @property
    def settled_count(self) -> int:
        """How many of the first blocks stay as they are, however the text goes on."""
        over = [place + 1 for place in range(len(self._groups)) if self._is_settled(place)]
        return min(max(over, default=0), self._unchanged([line_of(group[0]) for group in self._groups]))

    @property
    def is_linked(self) -> bool:
        """Whether it defines links or has footnotes: then what it says may change other parts of its text."""
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
        """Where in the text a block begins; after the last one, where the text ends."""
        if block == len(self._groups):
            return len(self._text)
        return self._offset(line_of(self._groups[block][0]))

    def finished(self, kept: int) -> tuple[BlockPrefix, int] | None:
        """What is finished of the one block that there is, and where in the text the rest begins.

        Of a paragraph that is all but so many of its last characters.
        """
        if self._is_paragraph:
            return self._paragraph_prefix(len(self._text) - kept) if len(self._text) > 2 * kept else None
        if len(self._blocks[0].parts) < 2 + bool(self._prefix):
            return None
        lines = ParsedTail(self._text[: self._text.rfind('\n') + 1], self._prefix)
        return lines._parts() if lines.fits and len(lines._groups) == 1 else None

    def _parts(self) -> tuple[BlockPrefix, int] | None:
        """All parts but the last; at first none: only with an opening a list shows whether it is loose."""
        parts = self._blocks[0].parts
        lines = [part.line for part in parts]
        count = min(len(parts) - 1, self._unchanged(lines)) if self._prefix else 0
        opening = block_prefix_of(self._groups[0], self._lines, parts[:count], self._prefix)
        return (opening, self._offset(lines[count])) if opening and parts else None

    def _paragraph_prefix(self, end: int) -> tuple[BlockPrefix, int] | None:
        """All up to a place between two letters, at or before the end, where the text can be cut in two."""
        letters = [
            at
            for at in range(max(1, end - SPLIT_SEARCH_LENGTH), end)
            if self._text[at - 1 : at + 1].isalnum()
        ]
        halves = (self._prefix_at(at) for at in letters[:: -SPLIT_SEARCH_LENGTH // MAX_SPLIT_ATTEMPTS])
        return next(filter(None, halves), None)

    def _prefix_at(self, at: int) -> tuple[BlockPrefix, int] | None:
        """All up to this place, if what is before it and what is after it can be read by themselves."""
        before, after = (
            ParsedTail(self._text[:at], self._prefix),
            ParsedTail(self._text[at:], PARAGRAPH_PREFIX),
        )
        if not (before._is_paragraph and after._is_paragraph and before.fits and after.fits):
            return None
        html = before._blocks[0].inner
        is_same = html + after._blocks[0].inner == self._blocks[0].inner
        return (replace(PARAGRAPH_PREFIX, html=html), at) if is_same else None

    def _join(self, opening: BlockPrefix) -> bool:
        whole = opening.joined(self._groups[0], self._blocks[0]) if self._groups else None
        if whole:
            self._blocks[0] = whole
        return whole is not None

    @property
    def _last(self) -> Token | None:
        return self._groups[-1][0] if self._groups else None

    @property
    def _is_paragraph(self) -> bool:
        return len(self._groups) == 1 and self._groups[0][0].type == PARAGRAPH_TYPE

    def _is_settled(self, place: int) -> bool:
        """Whether a block stays as it is. The last line is not complete and may yet become anything."""
        block, following = self._groups[place][0], self._groups[place + 1 :]
        if len(following) > 1 or (following and self._starts_certainly(following[0][0])):
            return True
        if block.type == 'fence' and not is_closed(block):
            return False
        if block.type in CONTINUING_TOKENS or end_of(block) >= len(self._lines):
            return False
        return block.type in SINGLE_LINE_TOKENS or self._is_gap(end_of(block))

    def _starts_certainly(self, block: Token) -> bool:
        """Whether its first line is complete, and can be no part of the block before."""
        line = line_of(block)
        is_marked = block.type in SELF_DELIMITED_TOKENS or (
            block.type == 'heading_open' and block.markup[0] == '#'
        )
        return line < len(self._lines) - 1 and (is_marked or self._is_gap(line - 1))

    def _is_gap(self, line: int) -> bool:
        """Whether a line is blank, and will stay so."""
        return line < len(self._lines) - 1 and not self._lines[line].strip()

    def _unchanged(self, lines: Sequence[int]) -> int:
        """How many of what begins at these lines ends before a formula that may take in all that follows."""
        formula = self._environment.get(UNSETTLED_KEY)
        return len(lines) if formula is None else sum(line <= formula for line in lines[1:])

    def _offset(self, line: int) -> int:
        """Where in the text a line begins that was read."""
        return sum(len(before) + 1 for before in self._lines[self._above : line])
