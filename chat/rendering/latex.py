r"""LaTeX that models write and math-core does not know, in words that it knows.

`MACROS` names commands by others and costs nothing; `rewritten` is for what is no command, and is asked only
about a formula that could not be set as it stands.
"""

import re
from collections.abc import Callable

from chat.rendering import siunitx
from chat.rendering.mhchem import chemistry

Rewriting = Callable[[list[str]], str]
"""From the arguments of a command to LaTeX."""

MACROS = {
    # dots and spaces
    'dotsb': r'\cdots', 'dotsc': r'\ldots', 'dotsi': r'\cdots', 'dotsm': r'\cdots', 'dotso': r'\ldots',
    'mathellipsis': r'\ldots', 'adots': r'\iddots', 'hfill': r'\quad', 'hfil': r'\quad', 'par': r'\quad',
    'noindent': '', 'allowbreak': '', 'nolinebreak': '', 'centering': '', 'strut': '',
    # sizes, which the text around decides
    **dict.fromkeys(('tiny', 'sixptsize', 'scriptsize', 'footnotesize', 'small', 'normalsize'), ''),
    **dict.fromkeys(('large', 'Large', 'LARGE', 'huge', 'Huge'), ''),
    # boxes and fonts
    'mbox': r'\text{#1}', 'hbox': r'\text{#1}', 'textnormal': r'\text{#1}', 'textup': r'\text{#1}',
    'textmd': r'\text{#1}', 'textsc': r'\text{#1}', 'mathnormal': r'\mathit{#1}', 'pmb': r'\boldsymbol{#1}',
    'mathbold': r'\boldsymbol{#1}', 'mathbbm': r'\mathbb{#1}', 'mathds': r'\mathbb{#1}',
    'ensuremath': '#1', 'mathlarger': '#1', 'vcenter': '#1', 'smash': '#1', 'Vec': r'\vec{#1}',
    'overarc': r'\overparen{#1}', 'wideparen': r'\overparen{#1}', 'cancelto': r'\overset{#1}{\cancel{#2}}',
    'textsuperscript': '^{#1}', 'textsubscript': '_{#1}',
    # relations and operators
    'centerdot': r'\cdot', 'sdot': r'\cdot', 'nshortmid': r'\nmid', 'nshortparallel': r'\nparallel',
    'shortmid': r'\mid', 'shortparallel': r'\parallel', 'smallfrown': r'\frown', 'smallsmile': r'\smile',
    'smallint': r'\int', 'intop': r'\int', 'smallsetminus': r'\setminus', 'thickapprox': r'\approx',
    'thicksim': r'\sim', 'varpropto': r'\propto', 'varlimsup': r'\overline{\lim}',
    'varliminf': r'\underline{\lim}', 'varinjlim': r'\underrightarrow{\lim}',
    'varprojlim': r'\underleftarrow{\lim}', 'qed': r'\square', 'QED': r'\square',
    'straightphi': r'\phi', 'parallelogram': r'\text{▱}', 'euro': r'\text{€}', 'celsius': r'^\circ\mathrm{C}',
    'textdegree': '°', 'ohm': r'\Omega', 'micro': r'\mu',
    # names of functions
    **{name: rf'\operatorname{{{name}}}' for name in ('tr', 'Tr', 'rank', 'sgn', 'sign', 'diag', 'lcm')},
    **{name: rf'\operatorname{{{name}}}' for name in ('arccot', 'arcsec', 'arccsc', 'sech', 'csch', 'erf')},
    **{name: rf'\operatorname{{{name}}}' for name in ('Var', 'Cov', 'Res', 'res', 'grad', 'curl', 'Span')},
    # the package physics, and brackets
    'abs': r'\left|#1\right|', 'norm': r'\left\|#1\right\|', 'dd': r'\mathrm{d}', 'vb': r'\mathbf{#1}',
    'dv': r'\frac{\mathrm{d}#1}{\mathrm{d}#2}', 'pdv': r'\frac{\partial #1}{\partial #2}',
    'expval': r'\left\langle #1\right\rangle', 'ev': r'\left\langle #1\right\rangle',
    'floor': r'\left\lfloor #1\right\rfloor', 'ceil': r'\left\lceil #1\right\rceil',
    # what is left out around its content
    **dict.fromkeys(('htmlClass', 'htmlData', 'htmlId', 'htmlStyle'), '#2'), 'colorbox': r'\text{#2}',
    'fcolorbox': r'\fbox{#3}', 'clap': '#1',
    'overlinesegment': r'\overline{#1}', 'underlinesegment': r'\underline{#1}',
    # what is only words
    'KaTeX': r'\text{KaTeX}', 'TeX': r'\text{TeX}', 'LaTeX': r'\text{LaTeX}',
}  # fmt: skip
"""Commands by others, as math-core takes them. None has its argument twice: nested, it would explode."""

SYMBOLS = {
    '∠': r'\angle ', '∡': r'\measuredangle ', '∢': r'\sphericalangle ', '∅': r'\varnothing ',
    '∴': r'\therefore ', '∵': r'\because ', '\N{DOWN TACK}': r'\top ',
    '⊥': r'\perp ', '√': r'\surd ', '∛': r'\sqrt[3]',
    '∜': r'\sqrt[4]', '⟂': r'\perp ', '&lt;': '<', '&gt;': '>', '&amp;': '&',
}  # fmt: skip
"""Signs that math-core does not take as letters, and entities of HTML that slip into formulas."""

OTHER_SIGNS = re.compile('[\u20d0-\u20f0⇫-⇳⟀⟁⟃-⟔⟟-⟥⤙-⤚⦁⦙-⧳⧾⧿⫙-⫵⫻\x80-\x9f]')
"""Further signs that math-core does not take; as text it does."""

ENVIRONMENTS = {
    'split': 'aligned', 'alignedat': 'aligned', 'alignat': 'align', 'alignat*': 'align*', 'eqnarray': 'align',
    'eqnarray*': 'align*', 'flalign': 'align', 'flalign*': 'align*', 'smallmatrix': 'matrix',
    'math': 'gathered',
    'displaymath': 'gathered', 'multlined': 'multline*', 'dcases*': 'dcases', 'cases*': 'cases',
    'darray': 'array', 'tabular': 'array', 'subarray': 'array', 'xalignat': 'align',
    'psmallmatrix': 'pmatrix',
    'bsmallmatrix': 'bmatrix', 'vsmallmatrix': 'vmatrix',
}  # fmt: skip
MATRIX_BRACKETS = {
    '': ('.', '.'), 'p': ('(', ')'), 'b': ('[', ']'), 'B': (r'\{', r'\}'),
    'v': ('|', '|'), 'V': (r'\|', r'\|'),
}  # fmt: skip
NUMBERED = re.compile(r'\\begin\{(equation|align|gather|multline|alignat|flalign|eqnarray)\*?\}')

STARRED_COMMANDS = frozenset(('operatorname', 'tag', 'hspace', 'DeclareMathOperator', 'mathop', 'hskip'))

ENVIRONMENT = re.compile(r'\\(begin|end)\s*\{([A-Za-z]+\*?)\}(?:(?<=at\})\{\d+\}|(?<=at\*\})\{\d+\})?')
ALIGNED_MATRIX = re.compile(
    r'\\begin\{([pbBvV]?)matrix\*\}(?:\[([lcr])\])?((?:(?!\\(?:begin|end)).)*)\\end\{\1matrix\*\}', re.DOTALL
)
COLUMNS = re.compile(r'(\\begin\s*\{(?:array|darray|tabular)\}\s*)\{((?:[^{}]|\{[^{}]*\})*)\}')
ROOT = re.compile(r'√\s*(\d+(?:[.,]\d+)?|[A-Za-z]|(?=[{\\]))')
BRACE = re.compile(r'\\.|[{}]', re.DOTALL)
STAR = re.compile(r'\\([A-Za-z]+)\*')
TAG = re.compile(r'\\tag(\*?)\s*\{((?:[^{}]|\{[^{}]*\})*)\}')
LABEL = re.compile(r'\\label\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])')
SHORT_LENGTH = re.compile(
    r'\\(hspace|mskip|hskip|kern|mkern)\*?\s*(?:\{?\s*(-?[\d.]+)\s*(mu|[a-z]{2})\s*\}?)'
)
OVERLAP = re.compile(r'\\([lr]lap)(?=\s*\{)')
COLOR = re.compile(r'\\(color|textcolor|colorbox)\s*\{\s*#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})\s*\}')


def rewritten(source: str, *, display: bool) -> str:
    """Return a formula in words that math-core may know; the same one if it holds nothing of this table."""
    for rewrite in REWRITES:
        source = rewrite(source)
    return with_number(source, display=display)


def group_end(source: str, start: int, limit: int) -> int:
    """Return the position after the group that opens with the brace at `start`; -1 if it does not end."""
    if source.find('}', start, limit) < 0:
        return -1
    depth = 0
    for brace in BRACE.finditer(source, start, limit):
        depth += {'{': 1, '}': -1}.get(brace[0], 0)
        if depth == 0:
            return brace.end()
    return -1


def arguments(source: str, start: int, count: int) -> tuple[list[str], int] | None:
    """Return the arguments in braces from a position on, and where they end; options in `[…]` are skipped."""
    found: list[str] = []
    gap = re.compile(r'\s*(?:\[[^]]*\]\s*)?')
    for _ in range(count):
        skipped = gap.match(source, start)
        start = skipped.end() if skipped else start
        end = group_end(source, start, len(source)) if source.startswith('{', start) else -1
        if end < 0:
            return None
        found.append(source[start + 1 : end - 1])
        start = end
    return found, start


def with_packages(source: str) -> str:
    r"""Replace the commands of mhchem and siunitx, `\substack`, and formulas within `\text{…}`."""
    written, at = list[str](), 0
    while match := PACKAGE_COMMAND.search(source, at):
        count, latex = PACKAGES[match[1]]
        found = arguments(source, match.end(), count)
        written.append(source[at : match.start()])
        at = match.end() if found is None else found[1]
        written.append(match[0] if found is None else latex(found[0]))
    return ''.join([*written, source[at:]])


def quantity(number: str, unit: str) -> str:
    """Return LaTeX for a number with its unit."""
    return rf'{siunitx.number(number)}\,{siunitx.unit(unit)}'


def substack(rows: str) -> str:
    r"""Return `\substack` as an array of small rows."""
    small = r'\\'.join(rf'\scriptstyle {row.strip()}' for row in rows.split(r'\\'))
    return rf'\begin{{array}}{{c}}{small}\end{{array}}'


def as_text(command: str, words: str) -> str:
    r"""Return the words of a `\text{…}` with the formulas in it beside them, and what is special escaped."""
    parts = re.split(r'\$([^$]*)\$|\\\((.*?)\\\)', words)
    latex = list[str]()
    for plain, dollars, parentheses in zip(parts[::3], [*parts[1::3], ''], [*parts[2::3], ''], strict=True):
        if plain:
            latex.append(rf'\{command}{{{TEXT_SPECIAL.sub(escaped_in_text, plain)}}}')
        if formula := dollars or parentheses:
            latex.append(f'{{{formula}}}')
    return ''.join(latex)


TEXT_SPECIAL = re.compile(r'\\[A-Za-z]+|\\.|[_^&#%]')


def escaped_in_text(special: re.Match[str]) -> str:
    """Return a sign that has a meaning in formulas as the mere sign."""
    return {'^': r'\textasciicircum '}.get(
        special[0], special[0] if special[0][0] == '\\' else f'\\{special[0]}'
    )


def text_with(command: str) -> tuple[int, Rewriting]:
    """Return the entry of a command for words."""
    return 1, lambda it: as_text(command, it[0])


PACKAGES: dict[str, tuple[int, Rewriting]] = {
    'ce': (1, lambda it: f'{{{chemistry(it[0])}}}'),
    'pu': (1, lambda it: f'{{{siunitx.unit(it[0])}}}'),
    'SI': (2, lambda it: quantity(*it)),
    'qty': (2, lambda it: quantity(*it)),
    'si': (1, lambda it: siunitx.unit(it[0])),
    'unit': (1, lambda it: siunitx.unit(it[0])),
    'num': (1, lambda it: siunitx.number(it[0])),
    'ang': (1, lambda it: siunitx.angle(it[0])),
    'substack': (1, lambda it: substack(it[0])),
    'vspace': (1, lambda _: ''),
    'url': text_with('text'),
    **{name: text_with(name) for name in ('text', 'textbf', 'textit', 'textrm', 'texttt', 'textsf')},
    'mbox': text_with('text'),
    'hbox': text_with('text'),
    'textnormal': text_with('text'),
}
PACKAGE_COMMAND = re.compile(rf'\\({"|".join(PACKAGES)})(?=\s*[{{\[])')


def with_symbols(source: str) -> str:
    """Replace signs by commands."""
    source = ROOT.sub(lambda root: rf'\sqrt{{{root[1]}}}' if root[1] else r'\sqrt', source)
    for sign, command in SYMBOLS.items():
        source = source.replace(sign, command)
    return OTHER_SIGNS.sub(lambda sign: rf'\text{{{sign[0]}}}', source)


def with_environments(source: str) -> str:
    """Replace environments by others that look nearly the same."""
    source = ALIGNED_MATRIX.sub(aligned_matrix, source)
    source = re.sub(r'\\begin\{subarray\}\{[lcr]\}', r'\\begin{array}{c}', source)
    source = ENVIRONMENT.sub(lambda it: f'\\{it[1]}{{{ENVIRONMENTS.get(it[2], it[2])}}}', source)
    return COLUMNS.sub(lambda it: f'{it[1]}{{{plain_columns(it[2])}}}', source)


def aligned_matrix(matrix: re.Match[str]) -> str:
    r"""Return a matrix with aligned cells, `\begin{pmatrix*}[r]`, as an array between brackets."""
    kind, side, body = matrix[1], matrix[2] or 'c', matrix[3]
    width = 1 + max(row.count('&') for row in body.split(r'\\'))
    left, right = MATRIX_BRACKETS[kind]
    return rf'\left{left}\begin{{array}}{{{side * width}}}{body}\end{{array}}\right{right}'


def plain_columns(columns: str) -> str:
    """Return the columns of an array without what only moves them: `@{}`, `p{3cm}`, `*{3}{c}`."""
    columns = re.sub(r'\*\{(\d)\}\{([lcr|]+)\}', lambda it: int(it[1]) * it[2], columns)
    columns = re.sub(r'[pmb]\{[^{}]*\}', 'l', columns)
    return re.sub(r'[@!><]\{[^{}]*\}|[^lcr|]', '', columns) or 'c'


def with_commands(source: str) -> str:
    r"""Replace what is wrong only in its form: `\gamma*`, `\hspace7ex`, `\left<`, `\color{#00F}`."""
    source = STAR.sub(lambda it: it[0] if it[1] in STARRED_COMMANDS else f'\\{it[1]} *', source)
    source = OVERLAP.sub(r'\\math\1', source)
    source = SHORT_LENGTH.sub(r'\\hspace{\2\3}', source)
    source = COLOR.sub(lambda it: rf'\{it[1]}[HTML]{{{full_color(it[2])}}}', source)
    source = source.replace(r'\left<', r'\left\langle ').replace(r'\right>', r'\right\rangle ')
    return source.replace(r'\left{', r'\left\{').replace(r'\right}', r'\right\}').replace(r'\cr', r'\\ ')


def full_color(digits: str) -> str:
    """Return a colour in six digits."""
    return digits if len(digits) == 6 else ''.join(digit * 2 for digit in digits)


REWRITES = (with_packages, with_symbols, with_environments, with_commands)


def with_number(source: str, *, display: bool) -> str:
    """Put a formula with a number, or with columns of its own, into the environment that these need."""
    if NUMBERED.search(source):
        return source
    bare = LABEL.sub('', source)
    if numbers := TAG.findall(bare):
        body = TAG.sub('', bare)
        star, number = numbers[0]
        if not display:
            return rf'{body}\qquad\text{{{number if star else f"({number})"}}}'
        if r'\\' in body and r'\begin' not in body:
            return rf'\begin{{align*}}{bare}\end{{align*}}'
        return rf'\begin{{equation*}}{body}\tag{star}{{{number}}}\end{{equation*}}'
    if '&' in bare and r'\begin' not in bare:
        return rf'\begin{{aligned}}{bare}\end{{aligned}}'
    return bare
