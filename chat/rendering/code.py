"""Code blocks: a figure with the language and a copy button, highlighted if the language is known."""

import asyncio
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from html import escape
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import (
    get_all_lexers,
    get_lexer_by_name,  # pyright: ignore[reportUnknownVariableType]  # its options have no types
)
from pygments.token import STANDARD_TYPES, Token

from chat.change_signal import ChangeSignal
from chat.rendering.sized_cache import sized_cache

MAX_HIGHLIGHTED_LENGTH = 50_000
"""Characters up to which code is highlighted; 50,000 of Python take about 60 ms (measured)."""

LANGUAGE_NAMES = {
    'astro': 'html', 'svelte': 'html', 'ejs': 'html', 'razor': 'html', 'cshtml': 'html', 'svg': 'xml',
    'blade': 'html+php', 'jinja2': 'html+jinja', 'j2': 'html+jinja', 'mdx': 'markdown',
    'jsonc': 'json', 'json5': 'json', 'jsonl': 'json', 'ndjson': 'json', 'mjs': 'js', 'cjs': 'js',
    'env': 'bash', 'dotenv': 'bash', 'jq': 'bash', 'regex': 'perl', 'regexp': 'perl',
    'assembly': 'nasm', 'asm': 'nasm', 'vb': 'vbnet', 'vba': 'vbnet', 'kt': 'kotlin', 'patch': 'diff',
    'gradle': 'groovy', 'gql': 'graphql', 'prisma': 'graphql', 'apex': 'java', 'opencl': 'c', 'metal': 'c++',
    'docker-compose': 'yaml', 'compose': 'yaml', 'k8s': 'yaml', 'kubernetes': 'yaml', 'pinescript': 'python',
    'bicep': 'terraform',
}  # fmt: skip
"""Names that models use and Pygments does not know, each with that of a language that is written alike."""

LANGUAGE_NAME = re.compile(r'\{?\.?([^\s{}:,]*)')
"""The name in `{python}`, `{.python}` and `python:app.py`."""

DIAGRAM_LANGUAGE = 'mermaid'
"""The language of the diagrams that `ui/js/diagrams.js` draws."""

CODE_BUTTONS = (
    '<button class="code-wrap" data-testid="code-wrap" title="Wrap lines" aria-pressed="false"></button>'
    '<button class="code-download" data-testid="code-download" title="Download"></button>'
)
"""What can be done with code besides copying it; `ui/js/code_blocks.js` does it."""

PREVIEW_LANGUAGES = ('html', 'svg')
"""The languages of what `ui/js/preview.js` shows in a frame; only of a block that is complete."""

PREVIEW_BUTTON = (
    '<button type="button" class="code-preview" data-testid="preview" aria-pressed="false" '
    'title="Run in a closed frame without network">Preview</button>'
)
PREVIEW_FIGURE_END = '</code></pre><div class="preview-place"></div></figure>\n'

FIGURE_END = '</code></pre></figure>\n'
DIAGRAM_FIGURE_END = '</code></pre><div class="drawing" role="img" aria-label="Diagram"></div></figure>\n'

CLASS_PREFIX = 'tk-'
"""Keeps the short class names of Pygments (`mi`, `sr`, …) apart from those of the style sheet."""

WITHOUT_CLASS = (Token, Token.Text, Token.Text.Whitespace)

LINE = re.compile('[^\n]*\n|[^\n]+')

CodeToken = tuple[str, str]
"""The class of a token, and its text."""

TokenType = Any
"""A kind of token; those of Pygments have no types."""

LOADED_WITH_THE_FIRST = (
    'python',
    'javascript',
    'typescript',
    'jsx',
    'tsx',
    'html',
    'css',
    'bash',
    'sql',
    'c',
    'c++',
    'c#',
    'java',
    'go',
    'rust',
    'kotlin',
    'swift',
    'ruby',
    'php',
    'lua',
    'perl',
    'r',
    'haskell',
    'markdown',
    'vbnet',
    'scala',
    'julia',
    'matlab',
    'mysql',
    'postgresql',
    'stata',
    'plpgsql',
    'racket',
)
"""Languages that are asked for often, or whose lexers take long to load: up to 0.25 seconds."""

_known_languages = frozenset(
    alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases
)  # asking Pygments for an unknown language searches all installed packages, 40 ms each time


def figure(code: str, language: str = '') -> str:
    """Render a complete code block; the text content of its `<code>` is exactly `code`."""
    if language_name(language) == DIAGRAM_LANGUAGE:
        return figure_start(language, is_diagram=True) + escape(code, quote=False) + DIAGRAM_FIGURE_END
    has_preview = written_language(language) in PREVIEW_LANGUAGES
    end = PREVIEW_FIGURE_END if has_preview else FIGURE_END
    return figure_start(language, has_preview=has_preview) + highlighted(code, language) + end


def plain_figure(code: str, language: str = '') -> str:
    """Render a code block that may still grow, without highlighting, to keep it cheap."""
    return figure_start(language) + escape(code, quote=False) + FIGURE_END


def figure_start(language: str, *, is_diagram: bool = False, has_preview: bool = False) -> str:
    """Return the HTML before the code; `FIGURE_END` follows it."""
    preview = PREVIEW_BUTTON if has_preview else ''
    kind, name, end, buttons = ('code', 'span', 'span', CODE_BUTTONS + preview)
    if is_diagram:  # its name leads to the source and back
        kind, name, end, buttons = ('code diagram', 'button type="button"', 'button', '')
    return (
        f'<figure class="{kind}"><figcaption><{name} class="language">{escape(language or "text")}</{end}>'
        f'{buttons}<button type="button" class="copy" aria-label="Copy code">Copy</button></figcaption>'
        '<pre tabindex="0"><code>'
    )


@sized_cache(max_characters=1_000_000)
def highlighted(code: str, language: str) -> str:
    """Render code as HTML, with a `<span>` per token if its language is known and it is not too long."""
    tokens = tokens_of(code, language) if len(code) <= MAX_HIGHLIGHTED_LENGTH else None
    return escape(code, quote=False) if tokens is None else spans(tokens)


def tokens_of(code: str, language: str) -> list[CodeToken] | None:
    """Split code into tokens, none of which goes over a line end.

    Return `None` if its language is not known, or its lexer would change it.
    """
    lexer = lexer_of(language_name(language))
    if lexer is None:
        return None
    if not code_shown.count:
        code_shown.notify()
    tokens = list[CodeToken]()
    for _, kind, text in lexer.get_tokens_unprocessed(code):
        name = class_of(kind)
        if '\n' in text[:-1]:
            tokens += [(name, line) for line in LINE.findall(text)]
        elif text:
            tokens.append((name, text))
    return tokens if ''.join([text for _, text in tokens]) == code else None


def spans(tokens: Iterable[CodeToken]) -> str:
    """Render tokens as HTML; no `<span>` goes over a line end, so that complete lines stay as they are."""
    written = list[str]()
    open_name = ''
    for name, text in tokens:
        if name != open_name and text != '\n':
            written.append('</span>' if open_name else '')
            written.append(f'<span class="{name}">' if name else '')
            open_name = name
        if text[-1] == '\n' and open_name:
            written.append(f'{escape(text[:-1], quote=False)}</span>\n')
            open_name = ''
        else:
            written.append(text if text.isalnum() else escape(text, quote=False))
    written.append('</span>' if open_name else '')
    return ''.join(written)


@cache
def class_of(kind: TokenType) -> str:
    """Return the class of a kind of token: the short name that Pygments gives it; none for spaces."""
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    return CLASS_PREFIX + STANDARD_TYPES[kind] if kind not in WITHOUT_CLASS else ''


def is_highlighted(language: str) -> bool:
    """Return whether code in a language is coloured while it grows; a diagram is drawn at its end."""
    return language_name(language) in _known_languages - {DIAGRAM_LANGUAGE}


def written_language(written: str) -> str:
    """Return the name of a language as it is written, without what follows it."""
    match = LANGUAGE_NAME.match(written)
    return match[1].lower() if match else ''


def language_name(written: str) -> str:
    """Return the name of a language as Pygments knows it, if it does."""
    name = written_language(written)
    return name if name in _known_languages else LANGUAGE_NAMES.get(name, name)


@lru_cache(maxsize=64)
def lexer_of(language: str) -> Lexer | None:
    """Return the lexer of a language by any of its names, or `None`."""
    if language not in _known_languages:
        return None
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


code_shown = ChangeSignal()
"""Notified when the first code is highlighted."""


async def load_lexers() -> None:
    """Load the lexers that are asked for often, in a thread, one after the other; they take 14 MB."""
    for language in LOADED_WITH_THE_FIRST:
        await asyncio.to_thread(tokens_of, '', language)
