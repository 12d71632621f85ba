"""Emphasis beside Chinese, Japanese and Korean, where there are no spaces between words.

CommonMark asks for a space or punctuation around marks that stand beside punctuation: `**結論：**明日`
would keep its asterisks. As in https://github.com/tats-u/markdown-cjk-friendly, letters and punctuation of
these languages count as neither.
"""

from collections.abc import Callable
from unicodedata import category, east_asian_width

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis, strikethrough

EMOJI = ('\U0001f000', '\U0001ffff')
"""They are wide too, but stand in any language."""

MARKS = '*_~'

Rule = Callable[[StateInline, bool], bool]


def use_cjk_emphasis(parser: MarkdownIt) -> None:
    """Let marks of emphasis stand beside Chinese, Japanese and Korean."""
    parser.inline.ruler.at('emphasis', beside_cjk(emphasis.tokenize))
    parser.inline.ruler.at('strikethrough', beside_cjk(strikethrough.tokenize))


def beside_cjk(tokenize: Rule) -> Rule:
    """Make a rule that decides anew whether marks beside these languages open or close."""

    def rule(state: StateInline, silent: bool) -> bool:
        known, start = len(state.delimiters), state.pos
        if state.src[start] not in MARKS:
            return False
        found = tokenize(state, silent)
        if len(state.delimiters) == known or state.src[start] == '_':
            return found
        before, after = state.src[start - 1 : start] or ' ', state.src[state.pos : state.pos + 1] or ' '
        if state.src[start] == '*' and multiplies(before, after, state.pos - start):
            for delimiter in state.delimiters[known:]:
                delimiter.open = False
                delimiter.close &= not (before + after).isdigit()
        elif is_cjk(before) or is_cjk(after):
            for delimiter in state.delimiters[known:]:
                delimiter.open = flanks(before, after)
                delimiter.close = flanks(after, before)
        return found

    return rule


def multiplies(before: str, after: str, length: int) -> bool:
    """Return whether so many asterisks between these characters are an operator: `2*x*y`, `2**10`.

    They open nothing then; between letters they may close what was opened before a word: `*item*s`.
    """
    if length == 1:
        return (before + after).isascii() and before.isalnum() and after.isalnum()
    return before.isdigit() and after.isdigit()


def flanks(outside: str, inside: str) -> bool:
    """Return whether a mark between these two characters belongs to the text `inside`."""
    if inside.isspace():
        return False
    return not is_mark(inside) or outside.isspace() or is_mark(outside) or is_cjk(outside)


def is_cjk(character: str) -> bool:
    """Return whether a letter or sign belongs to Chinese, Japanese or Korean."""
    if character.isascii():
        return False
    return east_asian_width(character) in 'WFH' and not EMOJI[0] <= character <= EMOJI[1]


def is_mark(character: str) -> bool:
    """Return whether a character is punctuation or a symbol of other languages."""
    return category(character)[0] in 'PS' and not is_cjk(character)
