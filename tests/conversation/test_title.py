"""The words of a title."""

import pytest

from chat.conversation.title import first_words, tidied


@pytest.mark.parametrize(
    ('said', 'title'),
    [
        ('Median of a stream', 'Median of a stream'),
        (' "Median of a stream."\n', 'Median of a stream'),
        ('**Title:** Median of a stream', 'Median of a stream'),
        ('# Titel: „Median“', 'Median'),
        ('<think>The user wants\na title.</think>\n\nMedian of a stream', 'Median of a stream'),
        ('<think>The user wants a ti', ''),
        ('one two three four five six seven', 'one two three four five six'),
        ('中位数的计算方法', '中位数的计算方法'),
        ('Is 1:2 a ratio?', 'Is 1:2 a ratio?'),
        (' \n', ''),
    ],
)
def test_what_a_model_says_is_made_a_title(said: str, title: str) -> None:
    assert tidied(said) == title


def test_no_title_is_longer_than_a_row() -> None:
    assert len(tidied('x' * 500)) <= 60
    assert len(first_words('word ' * 100)) <= 61
