"""The words of a title."""

import pytest

from chat.conversation.content.metadata import first_words
from chat.conversation.title_parsing import parse_title


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
        ('C++ vs C#', 'C++ vs C#'),
        ('C#', 'C#'),
        ('# Learning F#', 'Learning F#'),
        ('## Median ##', 'Median'),
        ('.NET and *args', '.NET and *args'),
        ('`__init__` in Python', '`__init__` in Python'),
        ('**C# and Java**', 'C# and Java'),
        ('{"title": "Trip to Rome"}', 'Trip to Rome'),
        ('{\n  "language": "en",\n  "title": "Trip to Rome"\n}', 'Trip to Rome'),
        ('["Trip to Rome"]', 'Trip to Rome'),
        ('{"title": "Trip to Ro', 'Trip to Ro'),
        ('{"a": 1}', ''),
        ('```json\n{"title": "Trip to Rome"}\n```', 'Trip to Rome'),
        ('```\nTrip to Rome\n```', 'Trip to Rome'),
        ('Here is a title:\n\n**Trip to Rome**', 'Trip to Rome'),
        ('The user asks about Rome.\n</think>\n\nTrip to Rome', 'Trip to Rome'),
        ('[THINK]Rome?[/THINK]Trip to Rome', 'Trip to Rome'),
        ('<|channel|>analysis<|message|>Rome?<|channel|>final<|message|>Trip to Rome', 'Trip to Rome'),
        ('Okay, the user wants a title for a chat about Rome.\n\nTrip to Rome', 'Trip to Rome'),
        ('Okay, the user wants a title for a chat about Rome, so I should think of one', ''),
        ("I'm sorry, I cannot do that.", ''),
        ('<title>Trip to Rome</title>', 'Trip to Rome'),
        ('1. Trip to Rome', 'Trip to Rome'),
        ("The Beatles' last album", "The Beatles' last album"),
        ('Half \ud83d a face', 'Half \ufffd a face'),
    ],
)
def test_what_a_model_says_is_made_a_title(said: str, title: str) -> None:
    assert parse_title(said) == title


def test_no_title_is_longer_than_a_row() -> None:
    assert len(parse_title('x' * 500)) <= 60
    assert len(first_words('word ' * 100)) <= 61


def test_an_answer_of_any_length_is_searched_at_once() -> None:
    """A model that goes on and on holds up nobody; a search from each character would take hours."""
    assert parse_title('on and ' * 1_000_000) != ''
    assert parse_title('# ' * 1_000_000) == ''
    assert parse_title('and on ' * 1_000_000 + '</think>\nA title') == 'A title'
