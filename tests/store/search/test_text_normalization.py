"""Which texts are the same for search."""

# ruff: noqa: RUF001 - letters that look alike are the subject

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from chat.text_normalization import normalized, occurrences, original_range
from tests.support.profile import examples

TRICKY = (
    'aAßẞſİıŁøÆœǅŉΣςΐᾳὨйЁקּأ가각がガｶﾞＡ１①℃ﬁ㎏東🙂'
    'e\u0301e\u0308\u0345\u200d\u00ad\ufe0f \t\n\u00a0\u3000"\\/\x00\x1b'
)
TEXT = some.text(some.sampled_from(TRICKY) | some.characters(codec='utf-8'))


def decomposed(text: str) -> str:
    return unicodedata.normalize('NFD', text)


def composed(text: str) -> str:
    return unicodedata.normalize('NFC', text)


@pytest.mark.parametrize(
    ('text', 'same'),
    [
        ('Über', 'uber'),
        ('Straße', 'STRASSE'),
        ('Łódź', 'lodz'),
        ('smørrebrød', 'Smorrebrod'),
        ('İstanbul', 'istanbul'),
        ('ıspanak', 'ISPANAK'),
        ('ΌΣΟΣ', 'οσος'),
        ('Ёлка', 'елка'),
        ('ﬁnal', 'final'),
        ('Ｗｉｄｅ', 'wide'),
        ('ｶﾞ', 'カ'),
        ('x²', 'X2'),
        ('soft\u00adware', 'software'),
        ('a\u00a0b\nc', 'a b c'),
    ],
)
def test_these_are_the_same(text: str, same: str) -> None:
    assert normalized(text) == normalized(same)


@pytest.mark.parametrize(('text', 'other'), [('東京', '京東'), ('ab', 'a b'), ('´', ''), ('c++', 'c')])
def test_these_are_not_the_same(text: str, other: str) -> None:
    assert normalized(text) != normalized(other)


@pytest.mark.long
@examples(30, 300)
@given(TEXT)
def test_folding_again_changes_nothing(text: str) -> None:
    assert normalized(normalized(text)) == normalized(text)


@pytest.mark.long
@examples(30, 300)
@given(TEXT, TEXT)
def test_each_character_is_folded_for_itself(one: str, other: str) -> None:
    assert normalized(one) + normalized(other) == normalized(one + other)


@pytest.mark.long
@examples(30, 300)
@given(TEXT, some.sampled_from([str.upper, str.lower, str.casefold, str.swapcase, composed, decomposed]))
def test_case_and_composition_do_not_matter(text: str, change: Callable[[str], str]) -> None:
    assume(all(unicodedata.normalize('NFKD', character)[0] != ' ' for character in text if character != ' '))
    assert normalized(change(text)) == normalized(text)


def test_a_long_text_is_folded_whole() -> None:
    assert normalized('Äß' * 100_000) == 'ass' * 100_000


@pytest.mark.parametrize(
    ('text', 'found', 'covered'),
    [
        ('plain text', 'text', 'text'),
        ('die Straße', 'strasse', 'Straße'),
        ('die Straße', 'stras', 'Straß'),
        ('Straße', 'se', 'ße'),
        ('cafe\u0301 au lait', 'cafe', 'cafe\u0301'),
        ('\u0301e', 'e', 'e'),
        ('ﷺ', 'الله', 'ﷺ'),
        ('東京は首都', '首都', '首都'),
    ],
)
def test_where_something_was_before_folding(text: str, found: str, covered: str) -> None:
    start = normalized(text).index(found)
    first, after = original_range(text, start, start + len(found))
    assert text[first:after] == covered


@pytest.mark.long
@examples(30, 300)
@given(TEXT, some.data())
def test_the_range_covers_what_was_found_and_no_more(text: str, data: some.DataObject) -> None:
    whole = normalized(text)
    assume(whole)
    start = data.draw(some.integers(0, len(whole) - 1))
    end = data.draw(some.integers(start + 1, len(whole)))
    first, after = original_range(text, start, end)
    before, inside = len(normalized(text[:first])), len(normalized(text[first:after]))
    assert before <= start
    assert before + inside >= end
    assert len(normalized(text[: first + 1])) > start
    accents = len(text[first:after]) - len(text[first:after].rstrip(unseen_in(text)))
    assert before + len(normalized(text[first : after - accents - 1])) < end


def unseen_in(text: str) -> str:
    """The characters of which nothing is left; never none, which `rstrip` would take for white space."""
    return ''.join(character for character in text if not normalized(character)) or '\u0301'


def test_occurrences_are_as_they_are_written() -> None:
    assert occurrences('Straße, STRASSE und strasse', 'strasse') == ['Straße', 'STRASSE', 'strasse']
    assert occurrences('Cafe\u0301 im Café', 'cafe') == ['Cafe\u0301', 'Café']
    assert occurrences('aaa aa', 'aa') == ['aa', 'aa']
    assert occurrences('aaa', '') == []
