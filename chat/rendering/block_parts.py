"""Split a block into its parts: list items, table rows, blocks of a quote, words of a paragraph."""

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from markdown_it.utils import EnvType

from chat.rendering.tokens import grouped, html_of, line_of

LIST_TYPES = ('bullet_list_open', 'ordered_list_open')
HEAD_LENGTHS = {'callout_title': 2, 'summary_open': 4}
"""How many tokens precede the parts of a block, by the second of them: its title belongs to its head."""

PARAGRAPH_TYPE = 'paragraph_open'


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPart:
    """One part of a block."""

    line: int
    """The line where it begins, counted from 0."""
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockParts:
    """The parts of a block, with what precedes and follows them; a block without parts is only a head."""

    head: str
    parts: list[BlockPart]
    foot: str

    @property
    def html(self) -> str:
        return self.head + self.inner + self.foot

    @property
    def inner(self) -> str:
        return ''.join(part.html for part in self.parts)


def parts_of(block: Sequence[Token], environment: EnvType) -> BlockParts:
    """Split a block into its parts."""
    begin, end = inside(block) if len(block) > 2 else (len(block), len(block))
    groups = grouped(block[begin:end])
    parts = [BlockPart(line=line_of(group[0]), html=html_of(group, environment)) for group in groups]
    if block[0].type == PARAGRAPH_TYPE:
        return BlockParts(head='<p>', parts=parts, foot='</p>\n')
    head, foot = html_of(block[:begin], environment), html_of(block[end:], environment)
    return BlockParts(head=head, parts=parts, foot=foot)


def inside(block: Sequence[Token]) -> tuple[int, int]:
    """Return the range of the tokens that belong to its parts."""
    match block[0].type:
        case 'bullet_list_open' | 'ordered_list_open' | 'blockquote_open' | 'paragraph_open' | 'details_open':
            return HEAD_LENGTHS.get(block[1].type, 1), len(block) - 1
        case 'table_open' if block[-2].type == 'tbody_close':
            body = next(place for place, token in enumerate(block) if token.type == 'tbody_open')
            return body + 1, len(block) - 2
        case _:
            return len(block), len(block)
