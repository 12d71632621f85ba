"""Links and images: which links may be followed, and which images may load by themselves."""

import re
from collections.abc import Sequence
from html import escape

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

SCHEME_PATTERN = re.compile(r'\s*([^/?#]*?):')
SAFE_SCHEMES = {'http', 'https', 'mailto', 'tel'}
OWN_FILE_PATTERN = re.compile(r'/files/[\w-]+(\.\w+)?', re.ASCII)


def is_safe(url: str) -> bool:
    """Return whether a link target is allowed: the web, mail, a phone number, or a page of this app."""
    scheme = SCHEME_PATTERN.match(url)
    return scheme is None or scheme[1].lower() in SAFE_SCHEMES


def link_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, environment: EnvType
) -> str:
    """Open a link in a new tab, without opener or referrer."""
    tokens[index].attrSet('target', '_blank')
    tokens[index].attrSet('rel', 'noopener noreferrer')
    return renderer.renderToken(tokens, index, options, environment)


def image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, environment: EnvType
) -> str:
    """Show an image that is one of our own files; turn any other image into a link.

    An image that loads by itself tells its server who reads what, and its URL can leak a secret.
    """
    token = tokens[index]
    address = str(token.attrGet('src') or '')
    description = renderer.renderInlineAsText(token.children, options, environment)
    if OWN_FILE_PATTERN.fullmatch(address):
        return f'<img src="{escape(address)}" alt="{escape(description)}" loading="lazy">'
    words = escape(description or address)
    if is_inside_link(tokens, index):
        return words
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{words}</a>'


def is_inside_link(tokens: Sequence[Token], index: int) -> bool:
    """Return whether an image is inside a link; links cannot be nested."""
    if tokens[index].level == 0:
        return False
    around = (token.type for token in reversed(tokens[:index]) if token.type in ('link_open', 'link_close'))
    return next(around, 'link_close') == 'link_open'
