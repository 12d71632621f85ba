r"""Rules for markdown-it that find formulas: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`.

Single dollars follow Pandoc's rule, so that prices stay prices: no space inside the dollars, no digit after
them (https://pandoc.org/MANUAL.html#extension-tex_math_dollars). Stricter: no digit before them, and nothing
that reads like `$10 for …`.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

SINGLE_DOLLAR_FORMULA = re.compile(r'\$(?!\s)((?:\\.|[^\\$])++)(?<!\s)\$(?!\d)', re.DOTALL)
PRICE_PATTERN = re.compile(r'\d[\d.,]*\w?\s(?=.*[A-Za-z]{2})[^\\{}^_=]*', re.DOTALL)
DISPLAY_DELIMITERS = {'$$': '$$', r'\[': r'\]'}
DELIMITERS = {**DISPLAY_DELIMITERS, r'\(': r'\)'}

UNSETTLED_KEY = 'unsettled'
"""In the environment of a parse: the first line with a `$$` or `\\[` whose end may come in the next lines."""


def use_formulas(parser: MarkdownIt) -> None:
    """Add the rules; the tokens are `formula`, `formula_display` (inside a paragraph) and `formula_block`."""
    parser.inline.ruler.before('escape', 'formula', inline_formula)
    interrupted = ['paragraph', 'reference', 'blockquote', 'list']
    parser.block.ruler.before('fence', 'formula_block', block_formula, {'alt': interrupted})


def inline_formula(state: StateInline, silent: bool) -> bool:
    """Parse formulas within a text, in all four spellings."""
    found = formula_at(state.src, state.pos)
    if found is None:
        return False
    source, end = found
    if not silent:
        is_display = state.src[state.pos : state.pos + 2] in DISPLAY_DELIMITERS
        token = state.push('formula_display' if is_display else 'formula', 'math', 0)
        token.content = source
    state.pos = end
    return True


def formula_at(text: str, start: int) -> tuple[str, int] | None:
    """Return the source of the formula that begins at `start`, and where it ends; `None` if there is none."""
    closing = DELIMITERS.get(text[start : start + 2])
    if closing is None:
        return dollars_at(text, start) if text[start] == '$' else None
    if closing == '$$' and '$' in (text[start + 2 : start + 3], text[max(0, start - 1) : start]):
        return None  # a price range: $$ to $$$
    end = text.find(closing, start + 2)
    source = text[start + 2 : end].strip()
    if end < 0 or not source or (closing == '$$' and '$' in source):
        return None
    return source, end + 2


def dollars_at(text: str, start: int) -> tuple[str, int] | None:
    """Return the same for a formula in single dollars."""
    if start and text[start - 1].isdigit():
        return None
    match = SINGLE_DOLLAR_FORMULA.match(text, start)
    return (match[1], match.end()) if match and not PRICE_PATTERN.fullmatch(match[1]) else None


def block_formula(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse formulas that begin and end with a line; they also end a paragraph before them."""
    if state.is_code_block(start) or state.sCount[start] < 0:
        return False
    closing = DISPLAY_DELIMITERS.get(line_of(state, start)[:2])
    last = last_line(state, start, end, closing) if closing else None
    if last is None:
        return False
    source = state.getLines(start, last + 1, state.blkIndent, False).strip()[2:-2].strip()
    if source and not silent:
        state.line = last + 1
        token = state.push('formula_block', 'math', 0)
        token.content = source
        token.map = [start, state.line]
    return bool(source)


def last_line(state: StateBlock, start: int, end: int, closing: str) -> int | None:
    """Find the line that ends with the closing mark; `None` if a blank line or other text comes first."""
    indent = min(state.blkIndent, state.sCount[start])
    line, text = start, line_of(state, start)[2:]
    while closing not in text:
        line += 1
        if line >= end or state.isEmpty(line) or state.sCount[line] < indent:
            mark_unsettled(state, start, line)
            return None
        text = line_of(state, line)
    return line if text.rstrip(' \t').find(closing) == len(text.rstrip(' \t')) - len(closing) else None


def mark_unsettled(state: StateBlock, start: int, line: int) -> None:
    """Remember that a formula may begin at `start`, if it was the end of the text that ended the search."""
    lines = len(state.bMarks) - 1  # markdown-it adds one that is none
    if line >= lines:
        state.env[UNSETTLED_KEY] = min(start, state.env.get(UNSETTLED_KEY, start))


def line_of(state: StateBlock, line: int) -> str:
    """Return a line without its indentation and the markers of the quotes and lists around it."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
