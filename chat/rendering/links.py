"""Links and images: which links may be followed, where bare addresses end, and which images may load."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import unquote

from linkify_it import LinkifyIt  # pyright: ignore[reportMissingTypeStubs]
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

SCHEME_PATTERN = re.compile(r'\s*([^/?#]*?):')
SAFE_SCHEMES = {'http', 'https', 'mailto', 'tel'}
ADDRESS_END = re.compile(
    r'[\u3001-\u3011\u3014-\u301b\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f“”\u2018\u2019…]|\*\*+|~~'
    r'|[*_]+(?=[\s)\]]|\Z)'
)
"""What ends a bare address: marks of emphasis, and full stops, commas and brackets of other languages."""

MAX_ADDRESS_LENGTH = 4_000
NAME_END = re.compile(r'[A-Za-z0-9_)\]]\Z')
HEADING_PREFIX = 'heading-'
"""Keeps the ids of headings apart from those of the page."""

IMAGES_KEY = 'images'
"""Where the environment of a rendering has the SHA-256 of images that were loaded, by their addresses."""

WHOLE_IMAGE_PATTERN = re.compile(r'data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}', re.ASCII)
"""An address that is the image itself; nobody is asked for it."""

OWN_FILE_PATTERN = re.compile(r'/files/[\w-]+(\.\w+)?', re.ASCII)

OWN_FILE_ATTRIBUTE = re.compile(r'<(?:img|a)\b[^<>]*?\s(?:src|href)="(?=/files/)')
"""A tag in our HTML up to the address of one of our files; text has no bare `<`."""


def is_safe(url: str) -> bool:
    """Return whether a link target is allowed: the web, mail, a phone number, or a page of this app."""
    scheme = SCHEME_PATTERN.match(url)
    return scheme is None or scheme[1].lower() in SAFE_SCHEMES or is_whole_image(url)


def with_file_prefix(html: str, prefix: str) -> str:
    """Return rendered HTML for an app at another path than the root of its origin.

    Args:
        html: As `render` gives it.
        prefix: What stands before our paths; '' at the root.
    """
    if not prefix:
        return html
    return OWN_FILE_ATTRIBUTE.sub(lambda start: start[0] + escape(prefix), html)


class AddressFinder(LinkifyIt):
    """Finds bare addresses. `main.py` and `README.md` are no web sites, but `www.example.com` is one."""

    def __init__(self) -> None:
        super().__init__({}, {'fuzzy_link': False})  # pyright: ignore[reportUnknownMemberType]
        self.add('www.', {'validate': self._length_after_www, 'normalize': self._add_scheme})  # pyright: ignore[reportUnknownMemberType]

    def pretest(self, text: str) -> bool:
        """Return whether there may be one; in texts without these marks, the expression need not look."""
        has_mark = ':' in text or '@' in text or '//' in text or 'www.' in text.lower()
        return has_mark and super().pretest(text)  # pyright: ignore[reportUnknownMemberType]

    def match(self, text: str) -> Any:
        return super().match(with_ends(text))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    def match_at_start(self, text: str) -> Any:
        return super().match_at_start(with_ends(text[:MAX_ADDRESS_LENGTH]))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    def _add_scheme(self, match: Any) -> None:
        match.url = f'https://{match.url}'

    def _length_after_www(self, text: str, position: int) -> int:
        found = WWW_REST.match(text, position)
        return len(found[0].rstrip('?!.,:;*_~\'"')) if found else 0


WWW_REST = re.compile(
    r'[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,9}(?:[/?#](?:[^\s<>()\[\]]|\([^\s<>()]{0,99}\)){0,2000})?',
    re.IGNORECASE,
)


def with_ends(text: str) -> str:
    """Return a text with spaces for all that ends an address; every other character stays where it is."""
    return ADDRESS_END.sub(lambda end: ' ' * len(end[0]), text)


def use_links(parser: MarkdownIt) -> None:
    """Set what is a link, and give headings ids to which links may lead."""
    parser.linkify = AddressFinder()
    parser.validateLink = is_safe
    parser.core.ruler.push('relative_links', unlink_relative)
    parser.add_render_rule('heading_open', heading_open)
    parser.add_render_rule('link_open', link_open)
    parser.add_render_rule('image', image)


def heading_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, environment: EnvType
) -> str:
    """Open a heading, with an id made of its words, as GitHub does."""
    words = ''.join(child.content for child in tokens[index + 1].children or ())
    if slug := slug_of(words):
        tokens[index].attrSet('id', HEADING_PREFIX + slug)
    return renderer.renderToken(tokens, index, options, environment)


def slug_of(words: str) -> str:
    """Return the name of a heading in links: its letters, and hyphens for spaces."""
    return re.sub(r'[^\w-]', '', words.strip().lower().replace(' ', '-'))


def unlink_relative(state: StateCore) -> None:
    """Turn links to pages that are not here into their words, with the address in brackets.

    Directly after a name they are no links: `b[k](x)` is a part of a program.
    """
    if ']' not in state.src:  # each link of this kind has one
        return
    for token in state.tokens:
        if ']' not in token.content:
            continue
        opening, closing, before = '', None, ''
        for child in token.children or ():
            if child.type == 'link_open' and is_unlinked(href := str(child.attrGet('href') or '')):
                is_program = bool(NAME_END.search(before))
                opening, closing = ('[', f']({href})') if is_program else ('', f' ({href})' if href else '')
                closing = '' if is_whole_image(href) else closing
                child.type, child.tag, child.nesting, child.content = 'text', '', 0, opening
            elif child.type == 'link_close' and closing is not None:
                child.type, child.tag, child.nesting, child.content = 'text', '', 0, closing
                closing = None
            before = child.content if child.type == 'text' else ''


def is_unlinked(address: str) -> bool:
    """Return whether a link there is shown as words."""
    return is_relative(address) or is_whole_image(address)


def is_whole_image(address: str) -> bool:
    """Return whether an address is the image itself."""
    return bool(WHOLE_IMAGE_PATTERN.fullmatch(address))


def is_on_the_web(address: str) -> bool:
    """Return whether an image may be loaded from there."""
    return address.lower().startswith(('http://', 'https://'))


def is_relative(address: str) -> bool:
    """Return whether an address leads to no other computer, not into the text, and to none of our files."""
    if address.startswith(('#', '//')) or SCHEME_PATTERN.match(address):
        return False
    return not OWN_FILE_PATTERN.fullmatch(address)


def link_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, environment: EnvType
) -> str:
    """Open a link in a new tab, without opener or referrer; one within the text leads to its heading."""
    address = str(tokens[index].attrGet('href') or '')
    if address.startswith('#'):
        tokens[index].attrSet('href', f'#{HEADING_PREFIX}{slug_of(unquote(address[1:]))}')
        return renderer.renderToken(tokens, index, options, environment)
    tokens[index].attrSet('target', '_blank')
    tokens[index].attrSet('rel', 'noopener noreferrer')
    return renderer.renderToken(tokens, index, options, environment)


def image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, environment: EnvType
) -> str:
    """Show an image that is our own file or was loaded; turn any other into a link that says what it is.

    An image that loads by itself tells its server who reads what, and its URL can leak a secret.
    """
    token = tokens[index]
    address = str(token.attrGet('src') or '')
    description = renderer.renderInlineAsText(token.children, options, environment)
    if OWN_FILE_PATTERN.fullmatch(address) or is_whole_image(address):
        return f'<img src="{escape(address)}" alt="{escape(description)}" loading="lazy">'
    words = escape(description or address)
    if (blob := environment.get(IMAGES_KEY, {}).get(address)) and not is_inside_link(tokens, index):
        place = f'/files/{blob}'
        picture = f'<img src="{escape(place)}" alt="{escape(description)}" loading="lazy">'
        return f'<a class="loaded-image" href="{escape(place)}" target="_blank" rel="noopener">{picture}</a>'
    if is_inside_link(tokens, index):
        return words
    if is_relative(address):
        return f'Image: {words}' + (f' ({escape(address)})' if description else '')
    link = f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">Image: {words}</a>'
    # who may have it loaded is offered that in a shadow tree: the answer itself is the same for all
    return f'<span class="image-link">{link}</span>' if is_on_the_web(address) else link


def is_inside_link(tokens: Sequence[Token], index: int) -> bool:
    """Return whether an image is inside a link; links cannot be nested."""
    if tokens[index].level == 0:
        return False
    around = (token.type for token in reversed(tokens[:index]) if token.type in ('link_open', 'link_close'))
    return next(around, 'link_close') == 'link_open'
