"""Normalized text: what is the same to somebody who searches, whatever its case, accents and white space."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from itertools import accumulate

_CHANGING_PATTERN = re.compile(r'[^ -@\[-~]{1,50000}')
"""Runs of characters that normalization may change; in short pieces, since they block other threads."""

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
"""Letters with a stroke, which Unicode does not decompose, and which people type without it."""

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
    """Return the text in lower case, without accents, ligatures and wide forms; all white space is a space.

    Each character is normalized by itself, so the normalized parts of a text add up to the whole. Normalizing
    again changes nothing; case and Unicode composition do not matter.
    """
    return _CHANGING_PATTERN.sub(lambda run: run[0].translate(_NORMALIZED), text)


def changed_characters(text: str) -> frozenset[str]:
    """Return the characters of a text that normalization changes."""
    return frozenset(character for character in set(text) if _NORMALIZED[ord(character)] != character)


def original_range(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the smallest range of the text whose normalized form covers this range of the normalized text.

    The range is not empty. Accents that follow the last character belong to it.
    """
    return (start, end) if text.isascii() else _original_range(_normalized_ends(text), start, end)


def occurrences(text: str, words: str) -> list[str]:
    """Return the places of a text where normalized words occur, as they are written there."""
    searched, width = normalized(text), len(words)
    starts = [match.start() for match in re.finditer(re.escape(words), searched)] if words else []
    if not starts or text.isascii():
        return [text[start : start + width] for start in starts]
    ends = _normalized_ends(text)
    return [text[slice(*_original_range(ends, start, start + width))] for start in starts]


def _normalized_ends(text: str) -> list[int]:
    """Return where each character ends in the normalized text."""
    return list(accumulate(len(_NORMALIZED[ord(character)]) for character in text))


def _original_range(ends: list[int], start: int, end: int) -> tuple[int, int]:
    first, after = bisect_right(ends, start), bisect_left(ends, end) + 1
    while after < len(ends) and ends[after] == end:
        after += 1
    return first, after


class _NormalizedCharacters(dict[int, str]):
    """The normalized form of each character, by code point; filled on demand."""

    def __missing__(self, number: int) -> str:
        text = self[number] = _normalized_character(chr(number))
        return text


_NORMALIZED = _NormalizedCharacters()


def _normalized_character(character: str) -> str:
    if character.isspace():
        return ' '
    decomposed = unicodedata.normalize('NFKD', character)
    if decomposed.startswith(' '):  # a spacing accent: its space would separate words
        return character
    letters = unicodedata.normalize('NFKD', decomposed.casefold()).translate(_LETTER_TABLE)
    return ''.join(
        each for each in letters if each not in _IGNORED_CHARACTERS and not unicodedata.combining(each)
    )
