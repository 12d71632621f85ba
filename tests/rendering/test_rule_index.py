"""Asking only the rules that a character may start finds what asking all of them finds."""

from hypothesis import given
from hypothesis import strategies as st

from chat.rendering.markdown import build_parser
from tests.support.profile import examples

WITHOUT_INDEX = build_parser(is_indexed=False)
WITH_INDEX = build_parser()

PIECES = (
    ['a', 'word ', '\n', '\n\n', '    ', '\t', '   ', '。', '結', '"', "'", '{', '}', '%', '='],
    [
        '*',
        '**',
        '_',
        '~',
        '~~',
        '`',
        '``',
        '\\*',
        '\\_',
        '\\\n',
        '\\(',
        '&',
        '&amp;',
        '&#35;',
        '^',
        ':',
        '://',
    ],
    ['[', '](', '](http://x.y/z)', ']', '!', '![', '[^1]', '[^1]: ', '[x]: ', '[x]', '> [!NOTE]\n'],
    ['<', '<br>', '<b>', '<sub>', '</sub>', '<!--', '-->', '<details>\n', '</details>\n'],
    ['$', '$$', '\\(', '\\)', '\\[', '\\]', 'x^2', '\\begin{align}', '\\end{align}', '\\boxed{1}'],
    ['- ', '+ ', '* ', '1. ', '12) ', '> ', '# ', '---', '===', '|', '| a | b |\n|---|---|\n', '```\n'],
    ['http://e.org/a', 'https://', 'www.e.org ', 'me@x.de '],
)


@given(text=st.lists(st.sampled_from([piece for kind in PIECES for piece in kind]), max_size=40).map(''.join))
@examples(short=300, long=20_000)
def test_the_index_of_rules_changes_nothing(text: str) -> None:
    assert WITH_INDEX.render(text) == WITHOUT_INDEX.render(text)


def test_marks_of_code_are_found_after_any_indentation() -> None:
    """The first character of a line decides, but four spaces before it make it code."""
    for text in ('    # x', '\t* x', '- a\n\n      > x', 'a\n    - b'):
        assert WITH_INDEX.render(text) == WITHOUT_INDEX.render(text)
