"""What readers of documents give: the text of one page, slide, sheet or chapter after the other."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Problem: TypeAlias = Literal['damaged', 'protected', 'bomb', 'memory', 'time', 'packages', 'empty']
"""Why a file cannot be read."""

MAX_TEXT_LENGTH = 400_000
"""Characters of a document that a model is given, some 100,000 tokens."""

MAX_UNPACKED_BYTES = 400_000_000
"""Bytes of all that is in an archive, by its directory."""

MAX_PACKING_RATIO = 200
"""By how much an archive of some size may grow; the XML of real documents grows by 5 to 50."""

RATIO_FREE_BYTES = 20_000_000
"""Bytes up to which it may grow by any factor."""

MAX_MEMBERS = 20_000
"""Files in an archive."""


class Unreadable(Exception):
    """A document cannot be read, for this reason."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


@dataclass(frozen=True, slots=True)
class Pieces:
    """The text of a document, piece by piece; each is read when it is asked for."""

    count: int
    """How many pieces there are; 1 for a document that has no parts."""
    texts: Iterable[tuple[str, str]]
    """Of each piece what it is called, such as "Page 2", or '', and its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentText:
    """The text of a document as a model is given it."""

    text: str
    count: int
    """Pages, slides, sheets or chapters of the whole document."""
    percent: int = 100
    """How much of the document this is; the beginning of it, if it is not all."""


def joined(pieces: Pieces, max_length: int = MAX_TEXT_LENGTH) -> DocumentText:
    """Return the text of a document with marks between its pieces, up to so many characters."""
    said: list[str] = []
    length, has_words = 0, False
    for number, (label, text) in enumerate(pieces.texts):
        text = text.strip()
        has_words = has_words or bool(text)
        room = max_length - length
        if len(text) > room:
            read = (number + room / len(text)) / max(pieces.count, number + 1)
            return _cut([*said, _marked(label, text[:room])], pieces.count, min(99, int(100 * read)))
        if text or label:
            said.append(_marked(label, text))
            length += len(said[-1])
    return DocumentText(text='\n\n'.join(said) if has_words else '', count=pieces.count)


def _cut(said: list[str], count: int, percent: int) -> DocumentText:
    note = f'[The rest of this file is left out: these are the first {percent} percent of it.]'
    return DocumentText(text='\n\n'.join([*said, note]), count=count, percent=percent)


def _marked(label: str, text: str) -> str:
    return f'[{label}]\n{text}'.strip() if label else text


def checked_archive(content: bytes) -> zipfile.ZipFile:
    """Return an archive whose directory says that it stays small.

    Raises:
        Unreadable: If it grows too large, or is none.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Unreadable('damaged') from None
    members = archive.infolist()
    size = sum(member.file_size for member in members)
    is_bomb = size > max(RATIO_FREE_BYTES, MAX_PACKING_RATIO * len(content)) or size > MAX_UNPACKED_BYTES
    if is_bomb or len(members) > MAX_MEMBERS:
        raise Unreadable('bomb')
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable('protected')
    return archive


def labelled(unit: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield texts with their numbers: "Page 1" and so on."""
    return ((f'{unit.capitalize()} {number}', text) for number, text in enumerate(texts, 1))
