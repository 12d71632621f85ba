r"""Rules for markdown-it that find formulas, in the spellings that models use.

Within a text `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, `` $`…`$ ``, `\begin{align}…\end{align}` and a bare
`\boxed{…}`; by themselves `$$`, `\[` and environments over several lines, also with blank lines between them.

Single dollars follow Pandoc's rule, so that prices stay prices: no space inside the dollars, no digit after
them (https://pandoc.org/MANUAL.html#extension-tex_math_dollars). Stricter: no digit before them, and nothing
that reads like `$10 for …`, like a shell command or like a regular expression. Looser: spaces on both sides
are allowed around what can only be a formula.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from chat.rendering.latex import group_end
from chat.rendering.mark_runs import next_place
from chat.rendering.math import MAX_FORMULA_LENGTH

WORDS_GROUP = r'\\(?:text[a-z]{0,6}|[mh]box)\s*\{[^{}]*\}'
CONTENT = rf'(?:{WORDS_GROUP}|\\.|[^\\$])++'
SINGLE_DOLLAR_FORMULA = re.compile(rf'\$(?!\s)({CONTENT})(?<!\s)\$(?!\d)', re.DOTALL)
SPACED_FORMULA = re.compile(rf'\$[ \t]+((?:{WORDS_GROUP}|\\.|[^\\$\n])++)(?<=[ \t])\$(?!\d)')
BACKTICK_FORMULA = re.compile(r'\$`([^`]+)`\$')

PRICE_PATTERN = re.compile(r'\d[\d.,]*\w?\s(?=.*[A-Za-z]{2})[^\\{}^_=]*', re.DOTALL)
FORMULA_SIGN = re.compile(r'\\[A-Za-z]|[=^_]|\A\s*[^\W\d_]\s*\Z')
"""What only a formula has: a command, an equation, an index, or one letter alone."""

NOT_WORDS = re.compile(r'\\(?:text[a-z]{0,6}|[mh]box|operatorname|math[a-z]+)\s*\{[^{}]*\}?|\\[A-Za-z]+')
SENTENCE = re.compile(r'(?:[^\W\d_]{2,}[,;:.]?[ \t]+){2}[^\W\d_]{2,}')
CODE_START = re.compile(r'[/,;?!)](?=.)|:(?!=).')
QUOTE_OR_COMMENT = re.compile('["\'`#\n]')
CODE_JOINT = re.compile(r'[-/:.=,+;&|(\[]\Z')

DISPLAY_DELIMITERS = {'$$': '$$', r'\[': r'\]'}
DELIMITERS = {**DISPLAY_DELIMITERS, r'\(': r'\)'}
ENVIRONMENT_START = re.compile(
    r'\\begin\{((?:equation|align|gather|multline|alignat|flalign|eqnarray|aligned|gathered|split|cases|array'
    r'|[pbBvV]?matrix)\*?)\}'
)
BOX = r'\boxed{'
MAX_BOX_LENGTH = 1_000
"""Characters of a bare box; so many without an end cost little."""

UNSETTLED_KEY = 'unsettled'
"""In the environment of a parse: the first line with a formula whose end may come in the next lines."""


def use_formulas(parser: MarkdownIt) -> None:
    """Add the rules; the tokens are `formula`, `formula_display` (inside a paragraph) and `formula_block`.

    The content of a token is the LaTeX, its info what was written: the same with the marks around it.
    """
    parser.inline.ruler.before('escape', 'formula', inline_formula)
    interrupted = ['paragraph', 'reference', 'blockquote', 'list']
    parser.block.ruler.before('fence', 'formula_block', block_formula, {'alt': interrupted})


def inline_formula(state: StateInline, silent: bool) -> bool:
    """Parse formulas within a text, in all spellings."""
    found = formula_at(state.src, state.pos)
    if found is None:
        return False
    source, end = found
    if not silent:
        is_display = state.src[state.pos : state.pos + 2] in (*DISPLAY_DELIMITERS, r'\b')
        is_display = is_display and not state.src.startswith(BOX, state.pos)
        token = state.push('formula_display' if is_display else 'formula', 'math', 0)
        token.content, token.info = source, state.src[state.pos : end]
    state.pos = end
    return True


def formula_at(text: str, start: int) -> tuple[str, int] | None:
    """Return the source of the formula that begins at `start`, and where it ends; `None` if there is none."""
    mark = text[start : start + 2]
    if mark in DELIMITERS:
        return delimited(text, start, DELIMITERS[mark])
    if mark == r'\b':
        return bare_at(text, start)
    return dollars_at(text, start) if mark[0] == '$' else None


def delimited(text: str, start: int, closing: str) -> tuple[str, int] | None:
    """Return the same for a formula between marks of two characters."""
    if closing == '$$' and '$' in (text[start + 2 : start + 3], text[max(0, start - 1) : start]):
        return None  # a price range: $$ to $$$
    end = next_place(text, closing, start + 2)
    if not 0 <= end <= start + MAX_FORMULA_LENGTH:
        return None
    source = text[start + 2 : end].strip()
    if not source or (closing == '$$' and '$' in without_words(source)):
        return None
    return source, end + 2


def bare_at(text: str, start: int) -> tuple[str, int] | None:
    r"""Return the same for a formula without marks: an environment, or `\boxed{…}`."""
    limit = start + MAX_FORMULA_LENGTH
    if text.startswith(BOX, start):
        end = group_end(text, start + len(BOX) - 1, start + MAX_BOX_LENGTH)
        return (text[start:end], end) if end > start + len(BOX) + 1 else None
    opening = ENVIRONMENT_START.match(text, start)
    if opening is None:
        return None
    closing = rf'\end{{{opening[1]}}}'
    end = text.find(closing, opening.end(), limit)
    if end < 0 or text.find(opening[0], opening.end(), end) >= 0:
        return None
    end += len(closing)
    return text[start:end], end


def dollars_at(text: str, start: int) -> tuple[str, int] | None:
    """Return the same for a formula in single dollars."""
    if start and text[start - 1].isdigit():
        return None
    if match := BACKTICK_FORMULA.match(text, start):
        return match[1], match.end()
    if match := SINGLE_DOLLAR_FORMULA.match(text, start):
        is_other = PRICE_PATTERN.fullmatch(match[1])
    elif match := SPACED_FORMULA.match(text, start):
        is_other = not FORMULA_SIGN.search(match[1]) or is_text(match[1])
    else:
        return None
    return None if is_other or is_code(text, match) else (match[1].strip(), match.end())


def without_words(source: str) -> str:
    r"""Return a formula without the words in it: what stands in `\text{…}`."""
    return re.sub(WORDS_GROUP, '', source) if '\\' in source else source


def is_code(text: str, formula: re.Match[str]) -> bool:
    """Return whether dollars stand in a shell command, a program or a regular expression."""
    source = formula[1]
    before, after = (
        text[max(0, formula.start() - 1) : formula.start()],
        text[formula.end() : formula.end() + 1],
    )
    if source[0].isdigit() and before.isascii() and before.isalpha():
        return True
    if CODE_START.match(source) or (source[0] == '|' and before and (before.isalnum() or before in ')]}*+?')):
        return True
    if after and (after in '_{(' or (after.isascii() and after.isalpha())) and CODE_JOINT.search(source):
        return True
    if not QUOTE_OR_COMMENT.search(source):
        return False
    return has_quotes(without_words(source), before)


def has_quotes(source: str, before: str) -> bool:
    """Return whether a text has quotes or comments as programs have them; primes are none."""
    if '"' in source or '`' in source or (before == "'" and "'" in source):
        return True
    return '\n' in source and bool(re.search(r"(?<![\\&])#|(?<![\w)\]}'])'", source))


def is_text(source: str) -> bool:
    """Return whether a text between spaced dollars is words; `a = b` may also stand between two prices."""
    return is_sentence(source) or ('\\' not in source and bool(re.search('[A-Za-z]{4}', source)))


def is_sentence(source: str) -> bool:
    """Return whether a text reads like words of a language; more of it can only make it more so."""
    return bool(SENTENCE.search(NOT_WORDS.sub('', source)))


def block_formula(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse formulas that begin and end with a line; they also end a paragraph before them."""
    text = line_of(state, start)
    if text[:1] not in ('$', '\\') or state.is_code_block(start) or state.sCount[start] < 0:
        return False
    opening, closing = delimiters_of(text)
    last = last_line(state, start, end, opening, closing) if closing else None
    if last is None:
        return False
    written = state.getLines(start, last + 1, state.blkIndent, False).strip()
    source = written[len(opening) : -len(closing)].strip()
    if source and not silent:
        state.line = last + 1
        token = state.push('formula_block', 'math', 0)
        token.content, token.info = source if opening in DISPLAY_DELIMITERS else written, written
        token.map = [start, state.line]
    return bool(source)


def delimiters_of(line: str) -> tuple[str, str]:
    """Return the marks at the beginning of a line and at the end of its formula; empty if it has none."""
    if line[:2] in DISPLAY_DELIMITERS:
        return line[:2], DISPLAY_DELIMITERS[line[:2]]
    environment = ENVIRONMENT_START.match(line)
    return (environment[0], rf'\end{{{environment[1]}}}') if environment else ('', '')


def last_line(state: StateBlock, start: int, end: int, opening: str, closing: str) -> int | None:
    """Find the line that ends with the closing mark; `None` if text comes first that belongs to no formula.

    Blank lines belong to it if the opening mark has a line for itself and no sentence follows.
    """
    indent = min(state.blkIndent, state.sCount[start])
    line, text = start, line_of(state, start)[len(opening) :]
    may_have_gaps, has_gap = not text.strip(), False
    while closing not in text:
        line += 1
        has_gap = has_gap or (line < end and state.isEmpty(line))
        if line >= end or (has_gap and not may_have_gaps) or not fits(state, start, line, indent, opening):
            mark_unsettled(state, start, line)
            return None
        text = line_of(state, line)
        if has_gap and is_sentence(text):
            return None
    text = text.rstrip(' \t')
    return line if text.find(closing) == len(text) - len(closing) else None


def fits(state: StateBlock, start: int, line: int, indent: int, opening: str) -> bool:
    """Return whether a line may belong to a formula."""
    if state.isEmpty(line):
        return True
    is_too_long = state.eMarks[line] - state.bMarks[start] > MAX_FORMULA_LENGTH + 10
    return state.sCount[line] >= indent and not is_too_long and not reopens(line_of(state, line), opening)


def reopens(text: str, opening: str) -> bool:
    r"""Return whether another formula begins in a line; a line end with a gap, `\\[1ex]`, is none."""
    return opening != '$$' and opening in text and opening in text.replace(r'\\', '')


def mark_unsettled(state: StateBlock, start: int, line: int) -> None:
    """Remember that a formula may begin at `start`, if it was the end of the text that ended the search."""
    lines = len(state.bMarks) - 1  # markdown-it adds one that is none
    if line >= lines:
        state.env[UNSETTLED_KEY] = min(start, state.env.get(UNSETTLED_KEY, start))


def line_of(state: StateBlock, line: int) -> str:
    """Return a line without its indentation and the markers of the quotes and lists around it."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
