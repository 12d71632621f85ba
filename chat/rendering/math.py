r"""Formulas: LaTeX to MathML, which browsers set without a script.

Most are set by math-core in some microseconds. What it refuses is written in other words (`latex.rewritten`)
and tried again, at last with latex2mathml; what nobody can set is shown exactly as it was written.

math-core has no limits of its own. Found with math-core 0.9: each bracket that is opened and not closed
doubles its time (`((((…`, 30 of them take half a minute), and some thousand levels of nesting (`{{{{…`,
`\hat\hat\hat…`) overflow the stack, which ends the program. `is_safe_formula` is to be removed when the
library refuses both by itself.
"""

import re
from html import escape, unescape
from typing import Literal
from unicodedata import category
from xml.etree.ElementTree import Element

from math_core import LatexError, LatexToMathML

from chat.rendering.latex import MACROS, rewritten
from chat.rendering.sized_cache import sized_cache
from chat.rendering.wide_math import MIN_WIDE_LENGTH, breakable

MAX_FORMULA_LENGTH = 3_000
"""Characters of a formula; what nests without brackets (`\\hat\\hat…`) needs at most 1 MB of stack then."""

MAX_SECOND_TRY_LENGTH = 1_000
"""Characters up to which latex2mathml is tried; it takes about 4 µs for each."""

MAX_DEPTH = 40
"""Groups within groups."""

MAX_OPEN_GROUPS = 10
"""Brackets open at once in one group; ten cost a millisecond."""

DEFINITION = re.compile(
    r'\\(?:(?:re)?newcommand|providecommand|[egx]?def|let|global|futurelet|Declare\w+|newenvironment)'
    r'(?![A-Za-z])'
)
"""Commands that define commands: these could hide what `is_safe_formula` looks for."""

TOKEN_PATTERN = re.compile(
    r"""
    %[^\n]*                                                                      # a comment
  | \\(?:left|right|middle|[bB]igg?[lrm]?)(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\?.)?   # a bracket with its size
  | \\[A-Za-z]+\s*                                                              # a command
  | \\?.                                                                        # a character
    """,
    re.VERBOSE | re.DOTALL,
)
GROUP_START = re.compile(r'\{|\\(?:begin|left)(?![A-Za-z])')
GROUP_END = re.compile(r'\}|\\(?:end|right)(?![A-Za-z])')
CELLS_END = ('&', '\\\\')
OPENING_TOKENS = re.compile(
    r'\\(?:\{|[bB]igg?l(?![A-Za-z])|(?:mathopen|ulcorner|llcorner)\b'
    r'|l(?:ang|angle|floor|ceil|vert|Vert|brace|brack|group|moustache|Brace|Angle|paren'
    r'|lbracket|lparenthesis|langle)\b)'
)
CLOSING_TOKENS = re.compile(
    r'\\(?:\}|[bB]igg?r(?![A-Za-z])|(?:mathclose|urcorner|lrcorner)\b'
    r'|r(?:ang|angle|floor|ceil|vert|Vert|brace|brack|group|moustache|Brace|Angle|paren'
    r'|rbracket|rparenthesis|rangle)\b)'
)
OTHER_BRACKETS = re.compile(
    f'[{"".join(sign for sign in map(chr, range(0x80, 0x10000)) if category(sign) == "Ps")}]'
)
TAKES_THE_NEXT = re.compile(r'[\^_]|\\[A-Za-z]+\s*')
"""After these a closing bracket may be an argument (`\\hat)`) and close nothing."""

PERCENT = re.compile(r'(?<=\d)%')
ANY_PERCENT = re.compile(r'(?<!\\)%')
"""A percent sign after a number; to LaTeX it begins a comment, and what follows would vanish."""

MAX_EMPTY_LENGTH = 40
"""Characters up to which MathML may have nothing in it: what cannot be seen is shown as it was written."""

SURROGATE = re.compile('[\ud800-\udfff]')
"""Half a character, which no library can encode."""

RAISED_PRIME = re.compile(r'<msup>(<m[in][^>]*>[^<]*</m[in]>)<mo>([\u2032-\u2034\u2057])</mo></msup>')
"""A prime as an exponent: fonts have it raised already, so that browsers draw it small and far above."""

BLANK_LINES = re.compile(r'\n[ \t]*\n\s*')

MATHML_ELEMENTS = frozenset(
    {'math', 'menclose', 'mfrac', 'mi', 'mmultiscripts', 'mn', 'mo', 'mover', 'mpadded', 'mphantom',
     'mprescripts', 'mroot', 'mrow', 'mspace', 'msqrt', 'mstyle', 'msub', 'msubsup', 'msup', 'mtable',
     'mtd', 'mtext', 'mtr', 'munder', 'munderover', 'none'}
)  # fmt: skip
MATHML_ATTRIBUTES = frozenset(
    {'accent', 'accentunder', 'columnalign', 'columnlines', 'columnspacing', 'depth', 'display',
     'displaystyle', 'fence', 'form', 'frame', 'height', 'largeop', 'linebreak', 'linethickness', 'lspace',
     'mathbackground', 'mathcolor', 'mathvariant', 'maxsize', 'minsize', 'movablelimits', 'notation',
     'rowlines', 'rowspacing', 'rspace', 'scriptlevel', 'separator', 'stretchy', 'symmetric', 'voffset',
     'width'}
)  # fmt: skip
"""What a formula may consist of. latex2mathml makes links and styles too, of whatever a formula says."""

# The prefix keeps a `\label` off the ids of the page.
_converter = LatexToMathML(
    macros=MACROS, allow_unreliable_rendering=True, fancy_error=False, id_prefix='formula-'
)


def display_formula(source: str, written: str, element: Literal['div', 'span'] = 'div') -> str:
    """Render a display formula; a `span` is for one inside a paragraph, where no `div` is allowed."""
    return f'<{element} class="math-card">{formula(source, written, display=True)}</{element}>'


def formula(source: str, written: str, *, display: bool = False) -> str:
    """Render a formula; show it as it was `written`, its marks included, if it cannot be set."""
    return mathml(source, display) or f'<code class="math-source">{escape(written)}</code>'


@sized_cache(max_characters=500_000)
def mathml(source: str, display: bool) -> str:
    """Convert a formula to MathML; return '' if that cannot be done, or not within the limits."""
    written = source.strip()
    if '%' in source:
        source = (PERCENT if '\n' in source else ANY_PERCENT).sub(r'\\%', source)
    if not is_safe_formula(source) or not (source.isascii() or not SURROGATE.search(source)):
        return ''
    if display and '\n' in source:
        source = joined_paragraphs(source)
    try:
        html = _converter.convert_with_local_state(source, displaystyle=display)
    except LatexError:
        html = second_try(source, display=display)
    if "'" in source or '\\prime' in source:
        html = RAISED_PRIME.sub(r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', html)
    if len(html) < MAX_EMPTY_LENGTH and html.count('<') == 2:
        return ''
    return with_source(html if display or len(html) < MIN_WIDE_LENGTH else breakable(html), written)


def with_source(html: str, written: str) -> str:
    """Return a formula that says in the page what it is made of; the pieces after its first say nothing.

    `ui/js/rich_copy.js` puts it into the clipboard.
    """
    if html.find('<math', 1) < 0:
        return f'<math data-tex="{escape(written)}"{html[5:]}' if html else ''
    first, *rest = html.split('<math')
    tag = f'{first}<math data-tex="{escape(written)}"'
    return tag + '<math data-tex=""'.join(rest)


def joined_paragraphs(source: str) -> str:
    """Return formulas with blank lines between them as the rows of one formula."""
    rows = BLANK_LINES.split(source)
    if len(rows) == 1 or '\\\\' in source or '\\begin' in source:
        return source
    lines = r' \\ '.join(rows)
    return rf'\begin{{gathered}}{lines}\end{{gathered}}'


def second_try(source: str, *, display: bool) -> str:
    """Convert a formula that math-core refused."""
    other = rewritten(source, display=display)
    if not is_safe_formula(other):
        return ''
    try:
        return _converter.convert_with_local_state(other, displaystyle=display)
    except LatexError:
        return by_latex2mathml(other, display=display) if len(other) <= MAX_SECOND_TRY_LENGTH else ''


def by_latex2mathml(source: str, *, display: bool) -> str:
    """Convert a formula with latex2mathml; return '' if it holds what that only lets through."""
    from latex2mathml.converter import convert_to_element  # here: few formulas need it

    if UNKNOWN_TO_LATEX2MATHML.search(source):
        return ''
    try:
        root = convert_to_element(source, display='block' if display else 'inline')
        return serialized(root)
    except Exception:  # noqa: BLE001  # it raises a dozen kinds of errors, and some by accident
        return ''


UNKNOWN_TO_LATEX2MATHML = re.compile(
    r'\\(?:begin|end)\s*\{(?!(?:[pbBvV]?matrix|smallmatrix|array|cases|align|aligned|gather|gathered|split|equation)'
    r'\*?\})|\\(?:href|class|style|verb|char)(?![A-Za-z])'
)
"""Environments of which it sets only the content, and commands that are no part of a formula."""


def serialized(element: Element) -> str:
    r"""Return an element of latex2mathml as HTML.

    Its own serializer must not be used (found with 3.81): it unescapes what a formula holds, so that
    `\text{<img onerror=…>}` would act.

    Raises:
        ValueError: If a command was let through, or an element or attribute is no part of a formula.
    """
    text = unescape(element.text or '')
    if element.tag not in MATHML_ELEMENTS or '\\' in text:
        raise ValueError(element.tag)
    attributes = ''.join(
        f' {name}="{escape(value)}"' for name, value in element.attrib.items() if is_attribute(name, value)
    )
    inside = escape(text) + ''.join(map(serialized, element))
    return f'<{element.tag}{attributes}>{inside}</{element.tag}>'


def is_attribute(name: str, value: str) -> bool:
    """Return whether an attribute is written; the namespace is not needed in HTML.

    Raises:
        ValueError: If it is none of a formula.
    """
    if name == 'xmlns' or (name, value) == ('display', 'inline'):
        return False
    if name not in MATHML_ATTRIBUTES:
        raise ValueError(name)
    return True


def is_safe_formula(formula: str) -> bool:
    """Return whether a formula can be converted within the limits; every ordinary one can.

    Most have so few brackets that counting them is enough.
    """
    if len(formula) > MAX_FORMULA_LENGTH:
        return False
    commands = formula.count('\\')
    if commands and DEFINITION.search(formula):
        return False
    return has_few_brackets(formula, commands) or is_shallow(formula)


def has_few_brackets(formula: str, commands: int) -> bool:
    """Return whether a formula has so few groups and brackets that they cannot exceed the limits."""
    count = formula.count
    groups, brackets = count('{'), count('(') + count('[')
    if groups + commands >= MAX_DEPTH or brackets + commands > MAX_OPEN_GROUPS:  # each may be a bracket
        groups += count('\\left') + count('\\begin')
        brackets += count('\\{') + count('\\l') + count('igl') + count('iggl')
        brackets += count('\\ul') + count('\\mathopen')
        if groups >= MAX_DEPTH or brackets > MAX_OPEN_GROUPS:
            return False
    return formula.isascii() or not OTHER_BRACKETS.search(formula)


def is_shallow(formula: str) -> bool:
    """Return whether no group is too deep, and none has too many open brackets."""
    open_brackets = [0]  # by group, the innermost last
    before = ''
    for token in TOKEN_PATTERN.findall(formula):
        if GROUP_START.match(token):
            open_brackets.append(0)
        elif GROUP_END.match(token):
            open_brackets = open_brackets[:-1] or [0]
        elif token in CELLS_END and len(open_brackets) > 1:
            open_brackets[-1] = 0
        else:
            open_brackets[-1] = max(0, open_brackets[-1] + depth_change(token, before))
        if len(open_brackets) > MAX_DEPTH or open_brackets[-1] > MAX_OPEN_GROUPS:
            return False
        before = token
    return True


def depth_change(token: str, before: str) -> int:
    """Return by how many a token changes the number of open brackets."""
    if OPENING_TOKENS.match(token) or category(token[0]) == 'Ps':
        return 1
    closes = CLOSING_TOKENS.match(token) or category(token[0]) == 'Pe'
    return -1 if closes and not TAKES_THE_NEXT.fullmatch(before) else 0
