r"""Limits of formulas: math-core has no limits of its own.

Found with math-core 0.9: each bracket that is opened and not closed doubles its time (`((((…`, 30 of them
take half a minute), and some thousand levels of nesting (`{{{{…`, `\hat\hat\hat…`) overflow the stack, which
ends the program. To be removed when the library refuses both by itself.
"""

import re
from unicodedata import category

MAX_FORMULA_LENGTH = 3_000
"""Characters of a formula; what nests without brackets (`\\hat\\hat…`) needs at most 1 MB of stack then."""

MAX_DEPTH = 40
"""Groups within groups."""

MAX_OPEN_GROUPS = 10
"""Brackets open at once in one group; ten cost a millisecond."""

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
TAKES_THE_NEXT = re.compile(r'[\^_]|\\[A-Za-z]+\s*')
"""After these a closing bracket may be an argument (`\\hat)`) and close nothing."""


def is_safe_formula(formula: str) -> bool:
    """Return whether a formula can be converted within the limits; every ordinary one can."""
    if len(formula) > MAX_FORMULA_LENGTH:
        return False
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
