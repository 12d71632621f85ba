"""A prefilter on the bytes of a file, which avoids parsing what cannot match.

It may pass what does not match, but never drops what does. Files hold UTF-8 and hardly any
escapes, so a normalized word is there as bytes, once two things are undone: capitals, as `bytes.lower` does
for ASCII, and other characters whose normalized form has letters of the query in it, or nothing at all.
Only those that the file contains are replaced, mostly none or a few.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chat.store.search.query import Query
from chat.store.search.text_normalization import changed_characters, normalized

_ESCAPED = re.compile(r'[\x00-\x1f"/\\]+')
"""Characters for which JSON has, or may have, an escape: the text between them is searched for."""

_ESCAPE_OF_ANY = re.compile(rb'\\u(?!00[01])')
"""An escape that may stand for a letter. Our files escape only control characters, stock TinyDB more."""

_WHITE_SPACE = rb'(?: |\\[nrtf]|\\u00..|[\x80-\xff])+'
"""Bytes that may separate the words of a phrase: all white space, and more."""

_ASCII = bytes(range(128))


@dataclass(frozen=True, slots=True)
class ByteDifferences:
    """How the bytes of a file differ from its normalized text, apart from capitals."""

    changing: frozenset[str]
    """Its non-ASCII characters that normalization changes."""
    has_escapes: bool
    """Whether letters may be escaped."""


def byte_differences(data: bytes) -> ByteDifferences:
    """Find the differences in bytes of JSON; slower than searching for a word."""
    beyond_ascii = '' if data.isascii() else data.translate(None, _ASCII).decode(errors='ignore')
    return ByteDifferences(changed_characters(beyond_ascii), _ESCAPE_OF_ANY.search(data) is not None)


def combined_differences(parts: Iterable[ByteDifferences]) -> ByteDifferences:
    """Combine the differences of all parts of a file."""
    parts = list(parts)
    changing = frozenset[str]().union(*(part.changing for part in parts))
    return ByteDifferences(changing, any(part.has_escapes for part in parts))


class Prefilter:
    """Drops bytes of JSON that cannot match a query."""

    def __init__(self, query: Query) -> None:
        words = [word for term in query.terms for word in term]
        pieces = {piece for word in words for piece in _ESCAPED.split(word) if piece}
        self._letters = frozenset('').union(*pieces)
        self._pieces = sorted(map(_encoded, pieces), key=len, reverse=True)
        phrases = [term for term in query.terms if len(term) > 1 and not any(map(_ESCAPED.search, term))]
        self._phrases = [
            re.compile(_WHITE_SPACE.join(re.escape(_encoded(word)) for word in phrase)) for phrase in phrases
        ]
        self._replacements: dict[frozenset[str], list[tuple[bytes, bytes]]] = {}
        """Replacements of the changing characters that concern the query."""

    def may_match(self, data: bytes, peculiar: ByteDifferences) -> bool:
        """Return whether all terms of the query may occur in the data."""
        return peculiar.has_escapes or self._may_match(self._normalized_bytes(data, peculiar))

    def matching_lines(self, data: bytes, peculiar: ByteDifferences) -> list[bytes]:
        """Return the lines in which all terms of the query may occur."""
        sieved = self._normalized_bytes(data, peculiar)
        if not peculiar.has_escapes and not self._may_match(sieved):
            return []
        lines = zip(data.split(b'\n'), sieved.split(b'\n'), strict=True)
        return [
            line
            for line, sieved_line in lines
            if self._may_match(sieved_line) or (peculiar.has_escapes and _ESCAPE_OF_ANY.search(line))
        ]

    def _may_match(self, sieved: bytes) -> bool:
        if not all(piece in sieved for piece in self._pieces):
            return False
        return all(phrase.search(sieved) for phrase in self._phrases)

    def _normalized_bytes(self, data: bytes, peculiar: ByteDifferences) -> bytes:
        """Return the data in normalized form, as far as it concerns the query, apart from escapes."""
        replacements = self._replacements.get(peculiar.changing)
        if replacements is None:
            replacements = self._replacements[peculiar.changing] = list(self._relevant(peculiar.changing))
        sieved = data.lower()
        for character, text in replacements:
            sieved = sieved.replace(character, text)
        return sieved

    def _relevant(self, changing: Iterable[str]) -> Iterator[tuple[bytes, bytes]]:
        for character in changing:
            text = normalized(character)
            if not text or not self._letters.isdisjoint(text):
                yield character.encode(), text.encode()


def _encoded(text: str) -> bytes:
    return text.encode('utf-8', 'surrogatepass')
