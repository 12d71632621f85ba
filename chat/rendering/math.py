"""Formulas: LaTeX to MathML, which browsers set without a script."""

import re
from html import escape
from typing import Literal

from math_core import LatexError, LatexToMathML

from chat.rendering.math_limits import is_safe_formula
from chat.rendering.sized_cache import sized_cache

TAG_PATTERN = re.compile(r'\\tag\*?\s*\{[^{}]*\}')

# No macros: they could hide what `is_safe_formula` looks for.
# The prefix keeps a `\label` off the ids of the page.
_converter = LatexToMathML(max_expansions=0, fancy_error=False, id_prefix='formula-')


def display_formula(source: str, element: Literal['div', 'span'] = 'div') -> str:
    """Render a display formula; a `span` is for one inside a paragraph, where no `div` is allowed."""
    return f'<{element} class="math-card">{formula(source, display=True)}</{element}>'


@sized_cache(max_characters=500_000)
def formula(source: str, *, display: bool = False) -> str:
    """Convert a formula to MathML, or show its source as code if that fails."""
    for attempt in (source, TAG_PATTERN.sub('', source)):
        try:
            if is_safe_formula(attempt):
                return _converter.convert_with_local_state(attempt, displaystyle=display)
        except LatexError:
            continue  # the numbers of equations (`\tag{…}`) are what fails most often
    return f'<code class="math-source">{escape(source)}</code>'
