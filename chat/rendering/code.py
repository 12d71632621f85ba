"""Code blocks: a figure with the language and a copy button, highlighted once it is complete."""

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

DIAGRAM_LANGUAGE = 'mermaid'
"""The language of the diagrams that `ui/js/diagrams.js` draws."""

FIGURE_END = '</code></pre></figure>\n'
DIAGRAM_FIGURE_END = '</code></pre><div class="drawing" role="img" aria-label="Diagram"></div></figure>\n'

# The prefix keeps the short class names of Pygments (`mi`, `sr`, …) apart from those of the style sheet.
_formatter = HtmlFormatter[str](nowrap=True, classprefix='tk-')
_known_languages = frozenset(
    alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases
)  # asking Pygments for an unknown language searches all installed packages, 40 ms each time


def figure(code: str, language: str = '') -> str:
    """Render a complete code block; the text content of its `<code>` is exactly `code`."""
    if language.lower() == DIAGRAM_LANGUAGE:
        return figure_start(language, is_diagram=True) + escape(code, quote=False) + DIAGRAM_FIGURE_END
    return figure_start(language) + highlighted(code, language) + FIGURE_END


def plain_figure(code: str, language: str = '') -> str:
    """Render a code block that may still grow, without highlighting, to keep it cheap."""
    return figure_start(language) + escape(code, quote=False) + FIGURE_END


def figure_start(language: str, *, is_diagram: bool = False) -> str:
    """Return the HTML before the code; `FIGURE_END` follows it."""
    kind, name, end = ('code', 'span', 'span')
    if is_diagram:  # its name leads to the source and back
        kind, name, end = ('code diagram', 'button type="button"', 'button')
    return (
        f'<figure class="{kind}"><figcaption><{name} class="language">{escape(language or "text")}</{end}>'
        '<button type="button" class="copy" aria-label="Copy code">Copy</button></figcaption>'
        '<pre tabindex="0"><code>'
    )


@sized_cache(max_characters=1_000_000)
def highlighted(code: str, language: str) -> str:
    """Render code as HTML, with a `<span>` per token if its language is known and it is not too long."""
    lexer = lexer_of(language.lower()) if len(code) <= MAX_HIGHLIGHTED_LENGTH else None
    if lexer is None:
        return escape(code, quote=False)
    tokens = list(lexer.get_tokens(code))
    if ''.join(text for _, text in tokens) != code:  # a lexer may drop or add a line end
        return escape(code, quote=False)
    html = StringIO()
    _formatter.format(tokens, html)
    # The formatter ends every line, also a last one that was not.
    return html.getvalue() if code.endswith('\n') else html.getvalue().removesuffix('\n')


@lru_cache(maxsize=64)
def lexer_of(language: str) -> Lexer | None:
    """Return the lexer of a language by any of its names, or `None`."""
    if language not in _known_languages:
        return None
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)
