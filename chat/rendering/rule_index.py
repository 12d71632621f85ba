"""Ask only the rules of the parser that can apply to a character, instead of one after the other.

Nearly every rule of Markdown begins with a mark. markdown-it asks all rules at each line and at each mark;
most of the time is spent on those that look at one character and say no.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.rules_block import StateBlock, paragraph
from markdown_it.rules_block import lheading as underlined_heading
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

BLOCK_MARKS = {
    'formula_block': '$\\', 'details': '<', 'comment': '<', 'fence': '`~', 'blockquote': '>', 'hr': '*-_',
    'list': '*-+0123456789', 'footnote_def': '[', 'reference': '[', 'heading': '#',
}  # fmt: skip
"""The first characters of the blocks by rule; blocks of the other rules begin with any character."""

INLINE_MARKS = {
    'mark_run': '$[\\', 'linkify': ':', 'newline': '\n', 'formula': '$\\', 'escape': '\\', 'backticks': '`',
    'strikethrough': '~', 'emphasis': '*_', 'link': '[', 'image': '!', 'footnote_ref': '[',
    'html_element': '<', 'autolink': '<', 'entity': '&',
}  # fmt: skip
"""The same for what is within a text; plain text is all the rest."""

INLINE_MARK = re.compile(
    r"""
    [\n$\\`*_\[\]~:!<&]    # looking for one class of characters is the fastest
    (?: (?<![\\~:!<&])
      | (?<=\\)(?=[!-/:-@\[-`{-~\nb]|[A-Za-z]+:|www)
      | (?<=~)(?=~) | (?<=:)(?=//) | (?<=!)(?=\[) | (?<=<)(?=[A-Za-z/!]) | (?<=&)(?=[\#A-Za-z])
    )
    """,
    re.VERBOSE,
)
"""Where plain text ends, also at the `]` of a link; some marks are none without what follows them."""

LINE_END = re.compile('\n')
MAX_TOKENS = 4_000
"""Tokens of a paragraph; what follows is shown as it was written, at the cost of plain text.

No paragraph that somebody reads has so many: they are 2,000 formulas.
"""

SHORT_PARAGRAPH = 8
"""Lines in which a line under a heading is looked for at no cost."""

MAX_LEVEL = 80
"""Levels of blocks within blocks, two for each list; what is deeper is shown as it was written."""

INTERRUPTED = ('paragraph', 'reference', 'blockquote', 'list')
"""The blocks that another block may end."""


def use_rule_index(parser: MarkdownIt) -> None:
    """Put one rule in the place of all that there are; no others can be added later."""
    parser.disable(['html_block', 'html_inline'])
    parser.block.ruler.at('lheading', heading_with_line)
    index_blocks(parser)
    index_inline(parser)


def index_blocks(parser: MarkdownIt) -> None:
    """Do so for blocks."""
    ruler = parser.block.ruler
    names = dict(zip(ruler.getRules(), ruler.get_active_rules(), strict=True))
    rules = {
        chain: block_rule(ruler.getRules(chain), names, is_interrupting=bool(chain))
        for chain in ('', *INTERRUPTED)
    }
    ruler.enableOnly([])
    # The first always finds a block: a paragraph. Code is only looked for if a rule has this very name.
    for chain, rule in rules.items():
        ruler.push(chain or 'code', rule, {'alt': [chain] if chain else []})


def block_rule(
    rules: list[RuleFuncBlockType], names: dict[RuleFuncBlockType, str], *, is_interrupting: bool
) -> RuleFuncBlockType:
    """Return a rule that is all these, in their order."""
    marks = {mark for every in BLOCK_MARKS.values() for mark in every}
    by_mark = {
        mark: [rule for rule in rules if mark in BLOCK_MARKS.get(names[rule], mark)] for mark in ('', *marks)
    }
    without_mark = [rule for rule in rules if names[rule] not in BLOCK_MARKS]

    def rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if state.level >= MAX_LEVEL:
            return not is_interrupting and paragraph(state, start, end, silent)
        at = state.bMarks[start] + state.tShift[start]
        for candidate in by_mark.get(state.src[at : at + 1], without_mark):
            if candidate(state, start, end, silent):
                return True
        return False

    return rule


def index_inline(parser: MarkdownIt) -> None:
    """Do so within texts."""
    ruler = parser.inline.ruler
    rules = dict(zip(ruler.get_active_rules(), ruler.getRules(), strict=True))
    del rules['text']
    by_mark: dict[str, list[RuleFuncInlineType]] = {']': []}
    for name, rule in rules.items():
        for mark in INLINE_MARKS[name]:
            by_mark.setdefault(mark, []).append(rule)

    def any_rule(state: StateInline, silent: bool) -> bool:
        candidates = by_mark.get(state.src[state.pos])
        if candidates is None:
            return plain_text(state, silent, INLINE_MARK)
        if len(state.tokens) > MAX_TOKENS and not state.src.startswith('\n', state.pos):
            return plain_text(state, silent, LINE_END)
        for candidate in candidates:  # noqa: SIM110  # a generator is dearer than most rules
            if candidate(state, silent):
                return True
        return False

    ruler.enableOnly([])
    ruler.push('any', any_rule)
    parser.core.ruler.at('inline', parse_texts)


def parse_texts(state: StateCore) -> None:
    """Parse all that is within blocks; most cells and items are plain text."""
    for token in state.tokens:
        if token.type != 'inline':
            continue
        if INLINE_MARK.search(token.content):
            token.children = state.md.inline.parse(token.content, state.md, state.env, [])
        else:
            token.children = [Token('text', '', 0, content=token.content)] if token.content else []


def plain_text(state: StateInline, silent: bool, until: re.Pattern[str]) -> bool:
    """Parse the characters up to the next mark; the first is none."""
    start, end = state.pos, state.posMax
    mark = until.search(state.src, start, end)
    state.pos = mark.start() if mark else end
    if not silent:
        state.append_pending(state.src[start : state.pos])
    return state.pos > start


def heading_with_line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a heading with a line under it; most texts have none, which is seen without the rules."""
    for line in range(start + 1, min(end, start + SHORT_PARAGRAPH)):
        at = state.bMarks[line] + state.tShift[line]
        if at >= state.eMarks[line]:
            return False
        if state.src[at] in '=-':
            break
    return underlined_heading(state, start, end, silent)
