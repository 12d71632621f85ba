r"""Chemistry: the argument of `\ce{…}` as LaTeX, in the forms that answers use.

The notation is that of the LaTeX package mhchem (https://ctan.org/pkg/mhchem): formulas, charges, isotopes,
amounts, bonds, states and arrows with words.
"""

import re
from collections.abc import Callable

ARROWS = {
    '<=>>': r'\xrightleftharpoons',
    '<<=>': r'\xrightleftharpoons',
    '<=>': r'\xrightleftharpoons',
    '<-->': r'\xleftrightarrow',
    '<->': r'\xleftrightarrow',
    '-->': r'\xrightarrow',
    '->': r'\xrightarrow',
    '<-': r'\xleftarrow',
}
BONDS = {'-': '{-}', '=': '{=}', '#': r'{\equiv}'}

TOKEN = re.compile(
    r"""
    (?P<arrow><=>>|<<=>|<=>|<-->|<->|-->|->|<-)(?:\[(?P<above>[^]]*)\])?(?:\[(?P<below>[^]]*)\])?
  | (?P<math>\$[^$]*\$|\\[A-Za-z]+(?:\{[^{}]*\})*|\\.)
  | (?P<script>[\^_])(?P<index>\{[^{}]*\}|[0-9.]*[+-]+(?![A-Za-z0-9])|[0-9]+|[A-Za-z]|\*|\\[A-Za-z]+)
  | (?P<gap>\s*(?P<sign>\s[\^v](?=\s|$)|\s[+=-]\s+|\s+))
  | (?P<state>\((?:aq|s|l|g|solid|liquid|gas|cr|conc\.?|dil\.?)\))
  | (?P<charge>[+-]+(?=[\s\])},]|$|(?<=\+)[(\[])|\+)
  | (?P<count>(?<=[A-Za-z)\]}])\d+)
  | (?P<number>\d+(?:[./]\d+)?)
  | (?P<letters>[A-Za-z]+)
  | (?P<words>\{[^{}]*\})
  | (?P<dot>[*.·•])
  | (?P<bond>[-=\#])
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def chemistry(source: str) -> str:
    r"""Return LaTeX for the argument of `\ce`."""
    writer = _Writer()
    for token in TOKEN.finditer(source.strip()):
        writer.add(token)
    return ''.join(writer.parts)


class _Writer:
    """The LaTeX so far, and whether its end is a base for an index."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._has_base = False
        self._scripts = ''
        """The indices that the base has already."""

    def add(self, token: re.Match[str]) -> None:
        """Write one token."""
        kind = next(name for name in KINDS if token[name] is not None)
        KINDS[kind](self, token)

    def _write(self, latex: str, *, is_base: bool = False) -> None:
        self.parts.append(latex)
        self._has_base, self._scripts = is_base, ''

    def _index(self, mark: str, latex: str) -> None:
        if mark in self._scripts or not (self._has_base or self._scripts):
            self._write('{}')
        self.parts.append(f'{mark}{{{latex}}}')
        self._scripts += mark
        self._has_base = False

    def arrow(self, token: re.Match[str]) -> None:
        above, below = (chemistry(token[side] or '') for side in ('above', 'below'))
        self._write(f'{ARROWS[token["arrow"]]}{f"[{below}]" if below else ""}{{{above}}}')

    def math(self, token: re.Match[str]) -> None:
        self._write(f'{token["math"].strip("$")} ', is_base=True)

    def script(self, token: re.Match[str]) -> None:
        index = token['index'].removeprefix('{').removesuffix('}')
        self._index(token['script'], rf'\mathrm{{{index}}}' if index[:1].isalpha() else index)

    def gap(self, token: re.Match[str]) -> None:
        sign = token['sign'].strip()
        self._write({'^': r'\uparrow ', 'v': r'\downarrow ', '': r'\ '}.get(sign, f' {sign} '))

    def state(self, token: re.Match[str]) -> None:
        self._write(rf'\text{{{token["state"]}}}')

    def charge(self, token: re.Match[str]) -> None:
        if self._has_base or self._scripts:
            self._index('^', token['charge'])
        else:
            self._write(token['charge'])

    def count(self, token: re.Match[str]) -> None:
        self._index('_', token['count'])

    def number(self, token: re.Match[str]) -> None:
        number = token['number']
        if '/' in number:
            self._write(r'\tfrac{{{}}}{{{}}}\,'.format(*number.split('/')))
        else:
            self._write(rf'{number}\,')

    def letters(self, token: re.Match[str]) -> None:
        self._write(rf'\mathrm{{{token["letters"]}}}', is_base=True)

    def words(self, token: re.Match[str]) -> None:
        self._write(rf'\text{{{token["words"][1:-1]}}}', is_base=True)

    def dot(self, _token: re.Match[str]) -> None:
        self._write(r'\cdot ')

    def bond(self, token: re.Match[str]) -> None:
        self._write(BONDS[token['bond']])

    def other(self, token: re.Match[str]) -> None:
        self._write(token['other'], is_base=token['other'] in ')]')


KINDS: dict[str, Callable[[_Writer, re.Match[str]], None]] = {
    'arrow': _Writer.arrow,
    'math': _Writer.math,
    'script': _Writer.script,
    'gap': _Writer.gap,
    'state': _Writer.state,
    'charge': _Writer.charge,
    'count': _Writer.count,
    'number': _Writer.number,
    'letters': _Writer.letters,
    'words': _Writer.words,
    'dot': _Writer.dot,
    'bond': _Writer.bond,
    'other': _Writer.other,
}
