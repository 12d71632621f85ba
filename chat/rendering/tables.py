r"""Tables whose bars in code and formulas belong to the cell, and in which no cell is lost.

GFM splits a row at each bar that has no backslash, also in code and formulas, takes the backslash from `\|`
(in a formula a norm becomes an absolute value), and drops the cells that a row has more than the header.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as gfm_table

from chat.rendering.math_rules import formula_at, line_of

DELIMITER_ROW = re.compile(r'[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z')
SPECIAL = re.compile(r'[\\`$](?:(?<=\\).|(?<=`)`+)?', re.DOTALL)
BACKTICKS = re.compile('`+')
DASHES = re.compile('-+')
MAX_COLUMNS = 100
"""A table with more is shown as it was written: each cell costs as much as a line of text."""

MAX_MISSING_CELLS = 30
"""A row that lacks more ends the table: two letters must not become a hundred cells."""

BAR = '\ufdd0'
"""Stands for a bar that separates no cells; no text has this character."""


def use_tables(parser: MarkdownIt) -> None:
    """Replace the rule for tables."""
    parser.block.ruler.at('table', table, {'alt': ['paragraph', 'reference']})


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a table as GFM does, but with its inner bars hidden meanwhile."""
    if start + 2 > end or not DELIMITER_ROW.match(row := line_of(state, start + 1)):
        return False
    if '|' not in line_of(state, start):
        return False
    columns = len(DASHES.findall(row))
    if columns > MAX_COLUMNS:
        return False
    if columns > MAX_MISSING_CELLS:
        end = end_of_full_rows(state, start + 2, end, columns)
    if BAR in state.src:
        return gfm_table(state, start, end, silent)
    source, known = state.src, len(state.tokens)
    state.src = hidden = with_hidden_bars(state, start, end, columns)
    try:
        found = gfm_table(state, start, end, silent)
    finally:
        state.src = source
    if hidden is not source:
        for token in state.tokens[known:]:
            token.content = token.content.replace(BAR, '|')
    return found


def end_of_full_rows(state: StateBlock, line: int, end: int, columns: int) -> int:
    """Return the first line from this one on that lacks too many cells, or the end."""
    while line < end and line_of(state, line).count('|') + MAX_MISSING_CELLS >= columns:
        line += 1
    return line


def with_hidden_bars(state: StateBlock, start: int, end: int, columns: int) -> str:
    """Return the source with the inner bars of a table replaced; every character stays where it is."""
    written, at = list[str](), 0
    for line in range(start, end):
        row = line_of(state, line)
        if not row or row.isspace():
            break
        hidden = hide_inner_bars(row)
        if line > start + 1:
            hidden = hide_surplus_bars(hidden, columns)
        if hidden != row:
            begin = state.eMarks[line] - len(row)
            written += [state.src[at:begin], hidden]
            at = state.eMarks[line]
    return ''.join([*written, state.src[at:]]) if written else state.src


def hide_inner_bars(row: str) -> str:
    """Replace the bars in code and formulas; in code a backslash before one is part of the table."""
    if row.count('|') < 2 or not ('`' in row or '$' in row or r'\(' in row):
        return row
    written, at = list[str](), 0
    while mark := SPECIAL.search(row, at):
        end = mark.end()
        written.append(row[at : mark.start()])
        if mark[0][0] == '`':
            closing = (run.end() for run in BACKTICKS.finditer(row, end) if run[0] == mark[0])
            end = next(closing, end)
            written.append(re.sub(r'(?<!\\)\|', BAR, row[mark.start() : end]))
        else:
            formula = formula_at(row, mark.start()) if mark[0] in ('$', r'\(') else None
            end = formula[1] if formula else end
            written.append(row[mark.start() : end].replace('|', BAR) if formula else mark[0])
        at = end
    return ''.join([*written, row[at:]])


def hide_surplus_bars(row: str, columns: int) -> str:
    """Replace the bars before cells that the header does not have: what is in them joins the last cell."""
    if row.count('|') < columns or (row[0] == row[-1] == '|' and row.count('|') == columns + 1):
        return row
    bars = [mark.start() for mark in re.finditer(r'\\.|\|', row) if mark[0] == '|']
    inner = bars[row.lstrip().startswith('|') :]
    if inner and not row[inner[-1] + 1 :].strip():
        inner = inner[:-1]
    if len(inner) < columns:
        return row
    letters = list(row)
    for place in inner[columns - 1 :]:
        letters[place] = BAR
    return ''.join(letters)
