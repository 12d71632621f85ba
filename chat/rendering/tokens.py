"""The parser's tokens: by block, and as HTML."""

from collections.abc import Sequence

from markdown_it.token import Token
from markdown_it.utils import EnvType

from chat.rendering.markdown import PARSER


def grouped(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Group the tokens by block, by their nesting, since footnotes leave the level of their tokens at 0."""
    groups: list[Sequence[Token]] = []
    begin = depth = 0
    for place, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            groups.append(tokens[begin : place + 1])
            begin = place + 1
    return groups


def line_of(token: Token) -> int:
    """Return the first line of a block, by its first token."""
    return token.map[0] if token.map else 0


def end_of(token: Token) -> int:
    """Return the line after a block, by its first token."""
    return token.map[1] if token.map else 0


def html_of(tokens: Sequence[Token], environment: EnvType) -> str:
    """Render consecutive tokens as HTML."""
    html: str = PARSER.renderer.render(tokens, PARSER.options, environment)
    return html
