"""The texts of messages, read from conversation files without parsing more than a search needs.

A prefilter on the bytes of a file drops what cannot match; it may pass what does not match. Files hold UTF-8
and hardly any escapes, so a normalized word is there as bytes, once two things are undone: capitals, as
`bytes.lower` does for ASCII, and other characters whose normalized form has letters of the query in it, or
nothing at all. Only those that the file contains are replaced, mostly none or a few.
"""

import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat.store.filesystem.disk import Disk
from chat.store.search.query import Query
from chat.store.tinydb_storage.journal import Journal, journal_of
from chat.store.tinydb_storage.tables import Json, parsed, sanitized_text
from chat.text_normalization import changed_characters, normalized

BLOCK_BYTES = 1_000_000
"""Bytes that are searched in one step, during which no other thread runs: a few milliseconds."""

PART_SEPARATOR = ' … '
"""What separates the texts of one message: a phrase is in one of them, as it is in the file."""

_LAYOUT_PATTERN = re.compile(rb'\{\n"[^"\n]*": \{\n"[^"\n]*": \{.*\},?\n')
"""The beginning of a file with one document per line."""

_META_PATTERN = re.compile(rb'\n"_meta": \{\n"1": (\{.*\}),?\n')

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

    def may_match(self, data: bytes, differences: ByteDifferences) -> bool:
        """Return whether all terms of the query may occur in the data."""
        return differences.has_escapes or self._may_match(self._normalized_bytes(data, differences))

    def matching_lines(self, data: bytes, differences: ByteDifferences) -> list[bytes]:
        """Return the lines in which all terms of the query may occur."""
        searched = self._normalized_bytes(data, differences)
        if not differences.has_escapes and not self._may_match(searched):
            return []
        lines = zip(data.split(b'\n'), searched.split(b'\n'), strict=True)
        return [
            line
            for line, normalized_line in lines
            if self._may_match(normalized_line) or (differences.has_escapes and _ESCAPE_OF_ANY.search(line))
        ]

    def _may_match(self, searched: bytes) -> bool:
        if not all(piece in searched for piece in self._pieces):
            return False
        return all(phrase.search(searched) for phrase in self._phrases)

    def _normalized_bytes(self, data: bytes, differences: ByteDifferences) -> bytes:
        """Return the data in normalized form, as far as it concerns the query, apart from escapes."""
        replacements = self._replacements.get(differences.changing)
        if replacements is None:
            replacements = self._replacements[differences.changing] = list(
                self._relevant(differences.changing)
            )
        searched = data.lower()
        for character, text in replacements:
            searched = searched.replace(character, text)
        return searched

    def _relevant(self, changing: Iterable[str]) -> Iterator[tuple[bytes, bytes]]:
        for character in changing:
            text = normalized(character)
            if not text or not self._letters.isdisjoint(text):
                yield character.encode(), text.encode()


class MessageTextReader:
    """Reads the texts of messages, and caches what speeds up reading the same files again.

    Only prompts and the text of answers are included: no thinking,
    tools, instructions or attachments, and no checkpoints. Blocks; for one thread only.
    """

    def __init__(self, folder: Path) -> None:
        """Read the files in this folder."""
        self._folder = str(folder)
        self._versions: dict[str, str] = {}
        """By file name. Text, as the garbage collector has nothing to do with it: it stops all threads."""
        self._byte_differences: dict[str, ByteDifferences] = {}
        """By file name, of that version."""
        self._same: dict[ByteDifferences, ByteDifferences] = {}

    def candidates(
        self, name: str, prefilter: Prefilter, *, has_journal: bool = False
    ) -> Iterator[tuple[str, str]]:
        """Yield the ids and texts of the messages in a file that pass the prefilter, the newest first.

        Raises:
            OSError: If the file cannot be read.
            ValueError: If it holds no JSON.
        """
        path = f'{self._folder}{os.sep}{name}'
        version, data, added = _with_journal(path) if has_journal else (*_read(path), {})
        for entry_id, document in reversed(added.items()):
            yield entry_id, text_of_entry(document)
        for entry_id, document in _entries(data, prefilter, self._byte_differences_of(name, version, data)):
            if entry_id not in added:
                yield entry_id, text_of_entry(document)

    def prepare(self, names: Iterable[str], stop: threading.Event) -> None:
        """Scan files that are not in the cache yet, to speed up the next search."""
        for name in names:
            if stop.is_set():
                return
            if name not in self._versions:
                with suppress(OSError):  # it is gone meanwhile
                    self._byte_differences_of(name, *_read(f'{self._folder}{os.sep}{name}'))

    def _byte_differences_of(self, name: str, version: str, data: bytes) -> ByteDifferences:
        if self._versions.get(name) == version:
            return self._byte_differences[name]
        found = [byte_differences(block) for block in _blocks_from_the_end(data)]
        differences = found[0] if len(found) == 1 else combined_differences(found)
        self._versions[name] = version
        self._byte_differences[name] = self._same.setdefault(differences, differences)
        return differences


def _entries(data: bytes, prefilter: Prefilter, differences: ByteDifferences) -> Iterator[tuple[str, Any]]:
    if not _LAYOUT_PATTERN.match(data):
        if prefilter.may_match(data, differences):
            yield from reversed(_object(_object(parsed(data)).get('entries')).items())
        return
    for block in _blocks_from_the_end(data):
        for line in reversed(prefilter.matching_lines(block, differences)):
            if line.endswith((b'}', b'},')) and line.startswith(b'"'):
                yield from _object(parsed(b'{%b}' % line.rstrip(b','))).items()


def _blocks_from_the_end(data: bytes) -> Iterator[bytes]:
    """Yield blocks of whole lines, from the end of a file."""
    end = len(data)
    while end > 0:
        cut = max(0, data.rfind(b'\n', 0, max(0, end - BLOCK_BYTES)))
        yield data[cut:end]
        end = cut


def _read(path: str) -> tuple[str, bytes]:
    """Read the version stamp of a file and its content, with as few system calls as possible."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, 'O_BINARY', 0))
    try:
        stat = os.fstat(descriptor)
        data = os.read(descriptor, stat.st_size)
        while len(data) < stat.st_size and (more := os.read(descriptor, stat.st_size - len(data))):
            data += more
        return _version(stat), data
    finally:
        os.close(descriptor)


def _version(stat: os.stat_result) -> str:
    return f'{stat.st_ino} {stat.st_size} {stat.st_mtime_ns}'


def _with_journal(path: str) -> tuple[str, bytes, Json]:
    """Read a file as `_read`, with the entries of its journal."""
    while True:
        version, data = _read(path)
        added: Json = {}
        for line in Journal(journal_of(Path(path)), Disk()).read(_generation(data)):
            added.update(_object(_object(line.get('tables')).get('entries')))
        if _version(Path(path).stat()) == version:
            return version, data, added  # else the journal may be that of the next file


def _generation(data: bytes) -> str | None:
    meta = _META_PATTERN.search(data)
    generation = parsed(meta[1]).get('generation') if meta else None
    return generation if isinstance(generation, str) else None


def text_of_entry(document: Any) -> str:
    """Return what is searched of a document, or '' if it is not an entry."""
    parts = _list(_object(_object(document).get('message')).get('parts'))
    return PART_SEPARATOR.join(sanitized_text(text) for part in parts for text in _texts(part) if text)


def _texts(part: Any) -> Iterator[str]:
    match part:
        case {'part_kind': 'text' | 'user-prompt', 'content': str(text)}:
            yield text
        case {'part_kind': 'user-prompt', 'content': content}:
            yield from map(_item_text, _list(content))
        case _:
            return


def _item_text(item: Any) -> str:
    match item:
        case str(text) | {'kind': 'text-content', 'content': str(text)}:
            return text
        case _:
            return ''


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]  # from JSON


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]  # as above


def byte_differences(data: bytes) -> ByteDifferences:
    """Find the differences in bytes of JSON; slower than searching for a word."""
    beyond_ascii = '' if data.isascii() else data.translate(None, _ASCII).decode(errors='ignore')
    return ByteDifferences(changed_characters(beyond_ascii), _ESCAPE_OF_ANY.search(data) is not None)


def combined_differences(parts: Iterable[ByteDifferences]) -> ByteDifferences:
    """Combine the differences of all parts of a file."""
    parts = list(parts)
    changing = frozenset[str]().union(*(part.changing for part in parts))
    return ByteDifferences(changing, any(part.has_escapes for part in parts))


def _encoded(text: str) -> bytes:
    return text.encode('utf-8', 'surrogatepass')
