"""Code blocks: a figure with the language and a copy button, highlighted once it is complete."""

import re
from functools import lru_cache
from html import escape
from io import StringIO

from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import (
    get_all_lexers,
    get_lexer_by_name,  # pyright: ignore[reportUnknownVariableType]  # its options have no types
)

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
    '<button type="button" class="code-wrap" data-testid="code-wrap" data-icon="wrap_text"'
    ' title="Wrap lines" aria-pressed="false"></button>'
    '<button type="button" class="code-download" data-testid="code-download" data-icon="download"'
    ' title="Download"></button>'
)
"""What can be done with code besides copying it; `ui/js/code_blocks.js` does it."""

FIGURE_END = '</code></pre></figure>\n'
DIAGRAM_FIGURE_END = '</code></pre><div class="drawing" role="img" aria-label="Diagram"></div></figure>\n'

# The prefix keeps the short class names of Pygments (`mi`, `sr`, …) apart from those of the style sheet.
_formatter = HtmlFormatter[str](nowrap=True, classprefix='tk-')
_known_languages = frozenset(
    alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases
)  # asking Pygments for an unknown language searches all installed packages, 40 ms each time


def figure(code: str, language: str = '') -> str:
    """Render a complete code block; the text content of its `<code>` is exactly `code`."""
    if language_name(language) == DIAGRAM_LANGUAGE:
        return figure_start(language, is_diagram=True) + escape(code, quote=False) + DIAGRAM_FIGURE_END
    return figure_start(language) + highlighted(code, language) + FIGURE_END


def plain_figure(code: str, language: str = '') -> str:
    """Render a code block that may still grow, without highlighting, to keep it cheap."""
    return figure_start(language) + escape(code, quote=False) + FIGURE_END


def figure_start(language: str, *, is_diagram: bool = False) -> str:
    """Return the HTML before the code; `FIGURE_END` follows it."""
    kind, name, end, buttons = ('code', 'span', 'span', CODE_BUTTONS)
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
    lexer = lexer_of(language_name(language)) if len(code) <= MAX_HIGHLIGHTED_LENGTH else None
    if lexer is None:
        return escape(code, quote=False)
    tokens = list(lexer.get_tokens(code))
    if ''.join(text for _, text in tokens) != code:  # a lexer may drop or add a line end
        return escape(code, quote=False)
    html = StringIO()
    _formatter.format(tokens, html)
    # The formatter ends every line, also a last one that was not.
    return html.getvalue() if code.endswith('\n') else html.getvalue().removesuffix('\n')


def language_name(written: str) -> str:
    """Return the name of a language as Pygments knows it, if it does."""
    match = LANGUAGE_NAME.match(written)
    name = match[1].lower() if match else ''
    return name if name in _known_languages else LANGUAGE_NAMES.get(name, name)


@lru_cache(maxsize=64)
def lexer_of(language: str) -> Lexer | None:
    """Return the lexer of a language by any of its names, or `None`."""
    if language not in _known_languages:
        return None
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)
