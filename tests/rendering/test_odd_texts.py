"""Texts that nobody writes cost about what plain words of their length cost, whole and while they stream."""

import pytest

from chat.rendering import IncrementalMarkdown
from chat.rendering.markdown import PARSER, normalized, render
from tests.benchmarks.rendering import ODD_TEXTS, plain_words
from tests.support.calls import calls_of

LENGTH = 2_000
PIECES = 10


def stream(text: str, pieces: int) -> None:
    growing = IncrementalMarkdown()
    for end in range(len(text) // pieces, len(text), len(text) // pieces):
        growing.update(text[:end])
    growing.finish()


@pytest.mark.parametrize('name', ODD_TEXTS)
def test_odd_texts_cost_a_few_times_plain_words_at_most(name: str) -> None:
    """A text of 2,000 characters has no room for what is bounded only in long ones, hence ten times."""
    text = ODD_TEXTS[name](LENGTH)
    words = calls_of(lambda: PARSER.render(plain_words(text), {})) + LENGTH
    assert calls_of(lambda: PARSER.render(normalized(text), {})) < 10 * words


@pytest.mark.parametrize('name', ODD_TEXTS)
def test_the_cost_of_odd_texts_grows_with_their_length(name: str) -> None:
    """In four times as many pieces, four times the text costs about four times as much, not sixteen times."""
    short, long = ODD_TEXTS[name](LENGTH), ODD_TEXTS[name](4 * LENGTH)
    once = calls_of(lambda: stream(short, PIECES))
    assert calls_of(lambda: stream(long, 4 * PIECES)) < 7 * once


@pytest.mark.parametrize('name', ODD_TEXTS)
def test_odd_texts_are_the_same_once_they_have_streamed(name: str) -> None:
    text = ODD_TEXTS[name](LENGTH)
    growing = IncrementalMarkdown()
    for end in range(97, len(text), 97):
        growing.update(text[:end])
    growing.update(text)
    growing.finish()
    assert growing.html == render(text)


def test_what_is_nested_too_deep_is_shown_as_it_was_written() -> None:
    """The parser would drop it."""
    html = render(''.join('  ' * depth + f'- item {depth}\n' for depth in range(300)))
    assert all(f'item {depth}' in html for depth in range(300))
    assert render('> ' * 300 + 'the end').count('the end') == 1


def test_a_paragraph_with_thousands_of_formulas_shows_the_last_as_they_were_written() -> None:
    html = render(''.join(f'$x_{{{number}}}$ ' for number in range(5_000)))
    assert html.count('<math') == 2_001
    assert '$x_{4999}$' in html


def test_a_table_of_hundreds_of_columns_is_shown_as_it_was_written() -> None:
    text = ODD_TEXTS['wide table'](1)
    assert '<table' not in render(text)
    assert 'a|a|a' in render(text)


def test_a_row_of_a_wide_table_that_lacks_nearly_all_cells_ends_it() -> None:
    wide = '|'.join('a' * 60) + '\n' + '|'.join('-' * 60) + '\n' + '|'.join('b' * 60) + '\n'
    html = render(wide + 'c|d\n')
    assert html.count('<td') == 60
    assert 'c|d' in html


def test_what_is_new_in_a_block_that_cannot_be_split_is_shown_as_it_was_written() -> None:
    """It is parsed once there is more of it, and at the end."""
    growing = IncrementalMarkdown()
    text = '*' + 'a\\\n' * 1_000
    for end in range(50, len(text), 50):
        growing.update(text[:end])
        assert growing.html.count('a') == text[:end].count('a')
    growing.update(text)
    growing.finish()
    assert growing.html == render(text)
