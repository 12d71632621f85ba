"""Quotes that begin with `[!NOTE]` or one of its sisters, as on GitHub."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

MARKER = re.compile(r'\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|\Z)', re.IGNORECASE)
TITLE_TYPE = 'callout_title'


def use_callouts(parser: MarkdownIt) -> None:
    """Turn the markers into titles."""
    parser.core.ruler.after('block', 'callouts', add_titles)


def add_titles(state: StateCore) -> None:
    """Give each marked quote its class and its title, and take the marker from its first paragraph."""
    if '[!' not in state.src:
        return
    tokens = state.tokens
    written = list[Token]()
    skipped = 0
    for place, token in enumerate(tokens):
        if skipped:
            skipped -= 1
            continue
        written.append(token)
        marker = marker_after(tokens, place) if token.type == 'blockquote_open' else None
        if marker:
            kind = marker[1].lower()
            token.attrSet('class', f'callout {kind}')
            token.attrSet('data-testid', 'callout')
            written.append(
                Token(TITLE_TYPE, '', 0, content=kind.capitalize(), map=token.map, level=token.level)
            )
            skipped = 0 if cut(tokens[place + 1], tokens[place + 2], marker) else 3
    state.tokens = written


def marker_after(tokens: list[Token], place: int) -> re.Match[str] | None:
    """Return the marker of a quote, if it has one."""
    following = tokens[place + 1 : place + 3]
    if [token.type for token in following] != ['paragraph_open', 'inline']:
        return None
    return MARKER.match(following[1].content)


def cut(paragraph: Token, inline: Token, marker: re.Match[str]) -> bool:
    """Take the marker from a paragraph; return whether it has other text."""
    inline.content = inline.content[marker.end() :].lstrip(' \t')
    for token in (paragraph, inline):
        if token.map:
            token.map = [token.map[0] + 1, token.map[1]]
    return bool(inline.content)


def title(token: Token) -> str:
    """Render the title of a callout, apart from the text that says which direction the whole has."""
    return f'<p class="callout-title"><bdi>{token.content}</bdi></p>\n'
