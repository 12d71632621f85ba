"""The finished beginning of a long block, which is not parsed again while the rest streams in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markdown_it.token import Token

from chat.rendering.block_parts import LIST_TYPES, PARAGRAPH_TYPE, BlockPart, BlockParts
from chat.rendering.callouts import TITLE_TYPE
from chat.rendering.html_elements import depth_after
from chat.rendering.tokens import line_of

LETTER_PLACEHOLDER = 'x'
"""Stands for the beginning of a paragraph, so that what follows is parsed as text and not as a list."""

QUOTE_PLACEHOLDER = '> x\n>\n'
"""Stands for the beginning of a quote, so that what follows in it is no title."""

TASK_MARK = '[ ] '


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPrefix:
    """The finished parts of a block that is still open.

    The parser reads a placeholder for them, so that it parses the rest in the right context: the header of a
    table, an item of a list, a letter of a paragraph. Two things can still change the finished parts: one
    blank line makes a list loose, and inline markup of a paragraph may span any distance. Then the block is
    parsed again from its start.
    """

    kind: str
    placeholder: str
    html: str = ''
    """The finished parts."""
    is_loose: bool = False
    """Whether it is a list with a gap between items."""

    @property
    def is_tentative(self) -> bool:
        """Whether the block must be parsed from its start when it ends."""
        return self.kind == PARAGRAPH_TYPE

    def joined(self, block: Sequence[Token], read: BlockParts) -> BlockParts | None:
        """Replace the placeholder in a rendered block by the finished parts.

        Return `None` if the block turned out to be of another kind, or if the finished parts have changed.
        """
        has_part = self.kind in LIST_TYPES or self.placeholder == QUOTE_PLACEHOLDER
        parts = read.parts[1:] if has_part else read.parts
        if block[0].type != self.kind or line_of(block[0]) > 0 or not parts:
            return None
        if self.html and is_loose(block) and not self.is_loose:
            return None
        if self.kind == PARAGRAPH_TYPE:
            if not parts[0].html.startswith(LETTER_PLACEHOLDER):
                return None
            parts = [replace(parts[0], html=parts[0].html.removeprefix(LETTER_PLACEHOLDER))]
        return replace(read, parts=[BlockPart(line=0, html=self.html), *parts])


PARAGRAPH_PREFIX = BlockPrefix(kind=PARAGRAPH_TYPE, placeholder=LETTER_PLACEHOLDER)
"""The beginning of a paragraph."""


def block_prefix_of(
    block: Sequence[Token], lines: Sequence[str], finished: Sequence[BlockPart], known: BlockPrefix | None
) -> BlockPrefix | None:
    """Return the finished beginning of a block; `None` if its parts do not begin with a line.

    `lines` are those of the block up to its unfinished parts. Only a list that was parsed with a prefix
    shows whether it is loose.
    """
    first, loose = block[0], known is not None and is_loose(block)
    match first.type:
        case 'table_open':
            stand_in = '\n'.join(lines[line_of(first) : line_of(first) + 2]) + '\n'
        case 'bullet_list_open' | 'ordered_list_open':
            is_task = known is not None and TASK_MARK in known.placeholder
            is_task = is_task or any(part.html.startswith('<li class') for part in finished)
            stand_in = item(block[1], TASK_MARK if is_task else '', is_loose=loose)
        case 'blockquote_open':
            marker = f'> [!{block[1].content}]\n>\n'
            stand_in = marker if block[1].type == TITLE_TYPE else QUOTE_PLACEHOLDER
        case 'details_open':
            body = line_of(first) + first.meta['head']
            if depth_after(lines[body:]):  # of what is code: an end that comes is not the end of the block
                return None
            stand_in = '\n'.join(lines[line_of(first) : body]) + '\n'
        case _:
            return None
    html = ''.join(part.html for part in finished)
    return BlockPrefix(kind=first.type, placeholder=stand_in, html=html, is_loose=loose)


def is_loose(block: Sequence[Token]) -> bool:
    """Return whether a list is loose: its items hold paragraphs."""
    return block[0].type in LIST_TYPES and not block[2].hidden


def item(opens: Token, task: str, *, is_loose: bool) -> str:
    """Return a placeholder that may precede any list item: none is indented enough to be nested in it."""
    return f'   {opens.info}{opens.markup} {task}x\n' + ('\n' if is_loose else '')
