"""The few elements of HTML that models write in Markdown; all other HTML stays text.

They have no attributes. An element within a line needs its end there; `<details>` may lack it.
"""

import re
from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from chat.rendering.math_rules import line_of, mark_unsettled

ELEMENT = re.compile(r'<(sub|sup|kbd|mark|u|s)>', re.IGNORECASE)
LINE_BREAK = re.compile(r'<br\s*/?>', re.IGNORECASE)
COMMENT_START, COMMENT_END = '<!--', '-->'
DETAILS = re.compile(r'<details>[ \t]*(?:<summary>(.*)</summary>)?[ \t]*\Z', re.IGNORECASE)
DETAILS_END = re.compile(r'</details>[ \t]*\Z', re.IGNORECASE)
SUMMARY = re.compile(r'<summary>(.*)</summary>[ \t]*\Z', re.IGNORECASE)

BOLD_TAG = re.compile(r'</?(?:b|strong)>', re.IGNORECASE)
"""Models write it in summaries, where they avoid Markdown."""

MAX_ELEMENT_LENGTH = 3_000
"""Characters of an element within a line, and of a comment; so many tags without an end cost little."""


def use_html_elements(parser: MarkdownIt) -> None:
    """Add the rules for elements and comments."""
    parser.inline.ruler.before('autolink', 'html_element', element)
    interrupted = ['paragraph', 'reference', 'blockquote', 'list']
    parser.block.ruler.before('fence', 'details', details, {'alt': interrupted})
    parser.block.ruler.before('fence', 'comment', comment, {'alt': interrupted})


def element(state: StateInline, silent: bool) -> bool:
    """Parse an element within a line, a line break or a comment."""
    if state.src[state.pos] != '<':
        return False
    if match := LINE_BREAK.match(state.src, state.pos):
        if not silent:
            state.push('hardbreak', 'br', 0)
        state.pos = match.end()
        return True
    if (end := comment_end(state.src, state.pos)) > 0:
        state.pos = end
        return True
    return pair(state, silent)


def comment_end(text: str, start: int) -> int:
    """Return where the comment ends that begins here; 0 if there is none."""
    if not text.startswith(COMMENT_START, start):
        return 0
    end = text.find(COMMENT_END, start + len(COMMENT_START), start + MAX_ELEMENT_LENGTH)
    return end + len(COMMENT_END) if end >= 0 else 0


def pair(state: StateInline, silent: bool) -> bool:
    """Parse an element with what is in it."""
    opening = ELEMENT.match(state.src, state.pos)
    if not opening:
        return False
    name = opening[1].lower()
    closing = re.compile(f'</{name}>', re.IGNORECASE).search(
        state.src, opening.end(), min(state.posMax, opening.end() + MAX_ELEMENT_LENGTH)
    )
    if not closing:
        return False
    if not silent:
        end = state.posMax
        state.push(f'html_{name}_open', name, 1)
        state.pos, state.posMax = opening.end(), closing.start()
        state.md.inline.tokenize(state)
        state.push(f'html_{name}_close', name, -1)
        state.posMax = end
    state.pos = closing.end()
    return True


def comment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a comment that has its lines for itself; it leaves a token without HTML."""
    if not line_of(state, start).startswith(COMMENT_START) or state.is_code_block(start):
        return False
    begin, line = state.bMarks[start], start
    if state.src.find(COMMENT_END, begin, begin + MAX_ELEMENT_LENGTH) < 0:
        if len(state.src) < begin + MAX_ELEMENT_LENGTH:
            mark_unsettled(state, start, len(state.bMarks))
        return False
    while COMMENT_END not in (text := line_of(state, line)):
        line += 1
        if line >= end or state.eMarks[line] - state.bMarks[start] > MAX_ELEMENT_LENGTH:
            mark_unsettled(state, start, line)
            return False
    if text[text.index(COMMENT_END) + len(COMMENT_END) :].strip():
        return False
    if not silent:
        state.line = line + 1
        state.push('comment', '', 0).map = [start, state.line]
    return True


def details(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a block that can be unfolded; without an end it reaches to the end of what it stands in."""
    opening = DETAILS.match(line_of(state, start))
    if not opening or state.is_code_block(start):
        return False
    if silent:
        return True
    summary, body = opening[1], start + 1
    if summary is None and body < end and (match := SUMMARY.match(line_of(state, body))):
        summary, body = match[1], body + 1
    last = details_end(state, body, end)
    token = state.push('details_open', 'details', 1)
    token.block, token.meta = True, {'head': body - start}
    if summary is not None:
        add_summary(state, summary, start)
    line_max, parent = state.lineMax, state.parentType
    state.lineMax = last
    state.md.block.tokenize(state, body, last)
    state.lineMax, state.parentType = line_max, parent
    state.push('details_close', 'details', -1).block = True
    state.line = min(last + 1, end) if last < end and DETAILS_END.match(line_of(state, last)) else last
    token.map = [start, state.line]
    return True


def add_summary(state: StateBlock, summary: str, line: int) -> None:
    """Add the words that stay in sight."""
    state.push('summary_open', 'summary', 1)
    token = state.push('inline', '', 0)
    words = BOLD_TAG.sub('**', summary.strip())
    token.content, token.map, token.children = words, [line, line + 1], []
    state.push('summary_close', 'summary', -1).block = True


def details_end(state: StateBlock, body: int, end: int) -> int:
    """Return the line with the end of an element, or the line after all that can be in it."""
    depth = 1
    for line in range(body, end):
        if state.isEmpty(line):
            continue
        if state.sCount[line] < state.blkIndent:
            return line
        depth += depth_after([line_of(state, line)])
        if depth == 0:
            return line
    return end


def depth_after(lines: Iterable[str]) -> int:
    """Return how many `<details>` begin in some lines that do not end there."""
    texts = [line.lstrip() for line in lines]
    return sum(bool(DETAILS.match(text)) - bool(DETAILS_END.match(text)) for text in texts)
