r"""Long runs of marks, parsed at once: `$$$$`, `[[[[`, `\(\(\(`, `\]\]\]`.

Nearly all of them are plain text. Mark by mark, every rule would look on to the end of the text.
"""

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as any_image
from markdown_it.rules_inline import link as any_link

TEXT_RUN = re.compile(r'\$(?=\$\$)\$*(?=\$)|\[+(?=\[{8})')
"""Dollars of which only the last may begin a formula, and brackets of which only the last may begin links."""

ESCAPED_RUN = re.compile(r'(?:\\[(\[])+(?=\\[(\[])|(?:\\[!-\')-/:-@\\-`{-~]){2,}')
"""Marks of which only the last may begin a formula, or signs that are none because of their backslash."""


def use_mark_runs(parser: MarkdownIt) -> None:
    """Add the rule; links come after it, and are looked for only where there can be one."""
    parser.inline.ruler.before('formula', 'mark_run', mark_run)
    parser.inline.ruler.at('link', link)
    parser.inline.ruler.at('image', image)


def mark_run(state: StateInline, silent: bool) -> bool:
    """Parse a run."""
    mark = state.src[state.pos]
    following = state.pos + (2 if mark == '\\' else 1)
    if state.src[following : following + 1] != mark:
        return False
    if run := TEXT_RUN.match(state.src, state.pos, state.posMax):
        if not silent:
            state.append_pending(run[0])
    elif run := ESCAPED_RUN.match(state.src, state.pos, state.posMax):
        if not silent:
            token = state.push('text_special', '', 0)
            token.content, token.markup, token.info = run[0][1::2], run[0], 'escape'
    else:
        return False
    state.pos = run.end()
    return True


def link(state: StateInline, silent: bool) -> bool:
    """Parse a link if the text has the middle of one, or definitions."""
    return can_be_link(state) and any_link(state, silent)


def image(state: StateInline, silent: bool) -> bool:
    """Parse an image likewise."""
    return can_be_link(state) and any_image(state, silent)


def can_be_link(state: StateInline) -> bool:
    """Return whether there may be a link at the current place."""
    return 'references' in state.env or next_place(state.src, '](', state.pos) >= 0


def next_place(text: str, mark: str, start: int) -> int:
    """Return the next place of a mark, or -1. Asking at each place of a text costs as much as one search."""
    known = places_in(text)
    begin, found = known.get(mark, (0, -2))
    if found == -2 or not (begin <= start and (found < 0 or start <= found)):
        found = text.find(mark, start)
        known[mark] = start, found
    return found


@lru_cache(maxsize=4)
def places_in(_text: str) -> dict[str, tuple[int, int]]:
    """Return the memory of the last answer for each mark in a text: from where on, and where it was found."""
    return {}
