"""The blocks a text consists of, and how many of them will stay as they are when the text goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from markdown_it.utils import EnvType

from chat.rendering.formulas import UNSETTLED
from chat.rendering.markdown import PARSER, is_closed, language_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, list, table, …: one that stands in no other."""

    line: int
    """Where it begins, counted from 0."""
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFence:
    """A code fence at the margin whose closing mark has not come yet."""

    line: int
    mark: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """A text by its blocks."""

    blocks: list[Block]
    settled: int
    """How many of the first blocks stay as they are, whatever lines follow."""
    is_linked: bool
    """Whether it defines links or has footnotes: then what it says may change other parts of its text."""
    open_fence: OpenFence | None
    """The last block, if it is one."""


def blocks_of(text: str) -> Blocks:
    """The blocks of a normalized text; `settled` holds if the text ends with a complete line.

    A list of footnotes is no block: it belongs to the whole text, and only `render` shows it.
    """
    environment: EnvType = {}
    groups = [group for group in grouped(PARSER.parse(text, environment)) if group[0].map]
    blocks = [Block(line=line_of(group[0]), html=html_of(group, environment)) for group in groups]
    last = groups[-1][0] if groups else None
    fence = last if last and last.type == 'fence' else None
    count = len(blocks) if fence and is_closed(fence) else max(0, len(blocks) - 1)
    return Blocks(
        blocks=blocks,
        settled=min(count, settled_before(environment.get(UNSETTLED), blocks)),
        is_linked=is_linked(environment),
        open_fence=open_fence_of(fence, text) if fence else None,
    )


def grouped(tokens: list[Token]) -> list[list[Token]]:
    """The tokens by block; counted by nesting, since footnotes leave the level of their tokens at 0."""
    groups: list[list[Token]] = []
    depth = 0
    for token in tokens:
        if depth == 0:
            groups.append([])
        groups[-1].append(token)
        depth += token.nesting
    return groups


def line_of(token: Token) -> int:
    """Where a block begins, by its first token."""
    return token.map[0] if token.map else 0


def html_of(group: Sequence[Token], environment: EnvType) -> str:
    """The HTML of one block."""
    html: str = PARSER.renderer.render(group, PARSER.options, environment)
    return html


def settled_before(line: int | None, blocks: list[Block]) -> int:
    """How many blocks end before a line where a formula may begin that takes in all that follows."""
    if line is None:
        return len(blocks)
    return sum(following.line <= line for following in blocks[1:])


def is_linked(environment: EnvType) -> bool:
    """Whether a parse has met the definition of a link or a footnote."""
    footnotes: dict[str, dict[str, object]] = environment.get('footnotes', {})
    return bool(environment.get('references')) or any(footnotes.values())


def open_fence_of(fence: Token, text: str) -> OpenFence | None:
    """A fence as an open one, if it is one and stands at the margin."""
    line = line_of(fence)
    is_indented = not text.split('\n')[line].startswith(fence.markup)
    if is_closed(fence) or is_indented:
        return None
    return OpenFence(line=line, mark=fence.markup, language=language_of(fence))
