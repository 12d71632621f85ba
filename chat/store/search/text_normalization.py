"""Text as search compares it: without case, accents, and other differences that nobody types."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from itertools import accumulate

_CHANGING_PATTERN = re.compile(r'[^ -@\[-~]{1,50000}')
"""Runs of characters that folding may change; a long one in pieces, for no other thread runs meanwhile."""

_LETTER_TABLE = str.maketrans(
    {
        '\N{LATIN SMALL LETTER DOTLESS I}': 'i',
        'ł': 'l',
        'ø': 'o',
        'đ': 'd',
        'ð': 'd',
        'ħ': 'h',
        'ŧ': 't',
        'æ': 'ae',
        'œ': 'oe',
    }
)
"""Letters that Unicode does not take apart, although their stroke is an accent for those who leave it out."""

_IGNORED_CHARACTERS = {
    '\u00ad',
    '\u200b',
    '\u200c',
    '\u200d',
    '\u2060',
    '\ufeff',
    *map(chr, range(0xFE00, 0xFE10)),
}
"""Soft hyphens, joiners and the like, and variation selectors."""


def normalized(text: str) -> str:
    """The text in lower case, without accents, ligatures and wide forms; each white space is a space.

    Each character is folded for itself, so that the folded parts of a text make up the folded text. Folding
    again changes nothing, nor does it matter if the text is upper or lower case, composed or decomposed.
    """
    return _CHANGING_PATTERN.sub(lambda run: run[0].translate(_NORMALIZED), text)


def changed_characters(text: str) -> frozenset[str]:
    """The characters of a text that folding changes."""
    return frozenset(character for character in set(text) if _NORMALIZED[ord(character)] != character)


def original_range(text: str, start: int, end: int) -> tuple[int, int]:
    """The smallest range of the text whose folded form covers this range of its folded form.

    The range is not empty. Accents that follow the last character belong to it.
    """
    if text.isascii():
        return start, end
    ends = list(accumulate(len(_NORMALIZED[ord(character)]) for character in text))
    first, after = bisect_right(ends, start), bisect_left(ends, end) + 1
    while after < len(ends) and ends[after] == end:
        after += 1
    return first, after


class _NormalizedCharacters(dict[int, str]):
    """What becomes of each character, by its number; filled as characters occur."""

    def __missing__(self, number: int) -> str:
        text = self[number] = _normalized_character(chr(number))
        return text


_NORMALIZED = _NormalizedCharacters()


def _normalized_character(character: str) -> str:
    if character.isspace():
        return ' '
    decomposed = unicodedata.normalize('NFKD', character)
    if decomposed.startswith(' '):  # an accent that stands alone: its space would separate words
        return character
    letters = unicodedata.normalize('NFKD', decomposed.casefold()).translate(_LETTER_TABLE)
    return ''.join(
        each for each in letters if each not in _IGNORED_CHARACTERS and not unicodedata.combining(each)
    )
