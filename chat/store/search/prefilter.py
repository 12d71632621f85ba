"""A quick look at the bytes of a file, which spares parsing what cannot match.

It may let through what does not match, but it never holds back what does. Files hold UTF-8 and hardly any
escapes, so a folded word is there as bytes, once two things are undone: capitals, which `bytes.lower` does
for ASCII, and the other characters whose folded form has letters of the query in it, or nothing at all.
Only those that the file contains are replaced, mostly none or a few.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chat.store.search.query import Query
from chat.store.search.text_normalization import changed_characters, normalized

_ESCAPED = re.compile(r'[\x00-\x1f"/\\]+')
"""Characters for which JSON has, or may have, an escape: what is between them is looked for."""

_ESCAPE_OF_ANY = re.compile(rb'\\u(?!00[01])')
"""An escape that may be a letter. Our files have them for control characters only, stock TinyDB for more."""

_WHITE_SPACE = rb'(?: |\\[nrtf]|\\u00..|[\x80-\xff])+'
"""What may be between the words of a phrase: all white space, and more."""

_ASCII = bytes(range(128))


@dataclass(frozen=True, slots=True)
class ByteDifferences:
    """Where the bytes of a file differ from its folded text, but for capitals."""

    changing: frozenset[str]
    """The characters in it, other than ASCII, that folding changes."""
    has_escapes: bool
    """Whether letters may be escaped."""


def byte_differences(data: bytes) -> ByteDifferences:
    """Those of some bytes of JSON; it takes longer than to look for a word."""
    beyond_ascii = '' if data.isascii() else data.translate(None, _ASCII).decode(errors='ignore')
    return ByteDifferences(changed_characters(beyond_ascii), _ESCAPE_OF_ANY.search(data) is not None)


def combined_differences(parts: Iterable[ByteDifferences]) -> ByteDifferences:
    """Those of all parts of a file."""
    parts = list(parts)
    changing = frozenset[str]().union(*(part.changing for part in parts))
    return ByteDifferences(changing, any(part.has_escapes for part in parts))


class Prefilter:
    """Holds back bytes of JSON that have no match of a query in them."""

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
        """What becomes of those changing characters that concern the query."""

    def may_match(self, data: bytes, peculiar: ByteDifferences) -> bool:
        """Whether all that the query asks for may be in a text of the data."""
        return peculiar.has_escapes or self._may_match(self._normalized_bytes(data, peculiar))

    def matching_lines(self, data: bytes, peculiar: ByteDifferences) -> list[bytes]:
        """The lines in which all that the query asks for may be."""
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
        """The data in its folded form, as far as it concerns the query, but for what is escaped."""
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
