"""Definitions of links and footnotes: those to which nothing refers are shown where they stand."""

import re
from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import reference as link_reference
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

LABEL = re.compile(r'\[((?:\\.|[^\]])*)\]:', re.DOTALL)


def use_definitions(parser: MarkdownIt) -> None:
    """Keep the definitions of links as tokens, and show those that are not needed. Footnotes come before."""
    parser.block.ruler.at('reference', reference)
    parser.core.ruler.after('inline', 'definitions', show_unused)


def reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse the definition of a link, and leave a token for it."""
    known = len(state.env.get('references', ()))
    if not link_reference(state, start, end, silent):
        return False
    token = state.push('definition', '', 0)
    token.map = [start, state.line]
    token.content = state.getLines(start, state.line, state.blkIndent, False).strip()
    references = state.env['references']
    if len(references) > known:
        token.meta = references[next(reversed(references))]
    return True


def show_unused(state: StateCore) -> None:
    """Drop the definitions of links that are used, and show the footnotes that are not."""
    if state.env.get('references'):
        addresses = used_addresses(state.tokens)
        state.tokens = [
            token
            for token in state.tokens
            if token.type != 'definition' or token.meta.get('href') not in addresses
        ]
    notes = state.env.get('footnotes', {}).get('refs', {})
    if -1 in notes.values():
        show_notes(state.tokens, {label[1:] for label, number in notes.items() if number < 0})


def used_addresses(tokens: Sequence[Token]) -> set[object]:
    """Return where the links and images of a text lead."""
    inside = [child for token in tokens for child in token.children or ()]
    nested = [child for token in inside for child in token.children or ()]
    return {token.attrGet('href') or token.attrGet('src') for token in [*inside, *nested]}


def show_notes(tokens: Sequence[Token], labels: set[str]) -> None:
    """Turn footnotes with these labels into blocks that stand where they were written."""
    open_labels = list[str]()
    waiting = ''
    for token in tokens:
        if token.type == 'footnote_reference_open':
            open_labels.append(token.meta['label'])
            if open_labels[-1] in labels:
                waiting = open_labels[-1]
                token.type, token.tag, token.block = 'note_open', 'div', True
                token.attrSet('class', 'definition')
        elif token.type == 'footnote_reference_close' and open_labels.pop() in labels:
            token.type, token.tag, token.block = 'note_close', 'div', True
        elif waiting and token.type == 'inline' and token.children is not None:
            token.children.insert(0, Token('text', '', 0, content=f'[^{waiting}]: '))
            waiting = ''


def definition(token: Token) -> str:
    """Render the definition of a link that is not used: its label, and where it leads."""
    label = LABEL.match(token.content)
    if not token.meta or not label:
        return f'<p class="definition">{escape(token.content)}</p>\n'
    address, title = token.meta['href'], token.meta.get('title')
    words = escape(title or address)
    link = f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{words}</a>'
    rest = f' ({escape(address)})' if title else ''
    return f'<p class="definition">[{escape(label[1])}]: {link}{rest}</p>\n'
