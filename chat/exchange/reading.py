"""Reads chats out of files, folders and archives, whatever program they are from. Blocks; for a thread."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from chat.errors import ImportRefused
from chat.exchange.formats import recognise
from chat.exchange.imported import DamagedChat, ReadChat
from chat.exchange.namesakes import Namesakes
from chat.exchange.own_format import OwnFormat
from chat.exchange.prepared import PreparedChat, prepared
from chat.exchange.settings_file import ExportedSettings, read_settings
from chat.exchange.sources import DAMAGE_ERRORS, Source, is_archive, open_archive, open_source

NO_CHATS = 'has no chats that Parlour can read. Choose what was downloaded there, as it is.'

OTHER_ENCODING = 'is not in UTF-8. Open it in a text editor, save it in that encoding, and import it again.'

MAX_ARCHIVE_DEPTH = 2
"""Archives inside of one another: one in another is read, one in that is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """What was left out of a file, or a file of which nothing could be taken over."""

    sentence: str
    is_refused: bool
    """Whether nothing of it, or not all of it, could be read."""


Found: TypeAlias = PreparedChat | DamagedChat | SourceProblem | ExportedSettings


def read_chats(paths: Sequence[Path]) -> Generator[Found]:
    """Yield what is in these files and folders, one chat in memory at a time."""
    namesakes = Namesakes()
    for path in paths:
        with ExitStack() as stack:
            try:
                source = open_source(path, stack)
            except ImportRefused as error:
                yield SourceProblem(sentence=str(error), is_refused=True)
                continue
            is_empty = True
            depth = 0 if path.is_dir() or source.is_single_file else 1
            for found in _read_source(source, stack, namesakes, depth=depth):
                is_empty = is_empty and isinstance(found, SourceProblem) and not found.is_refused
                yield found
            if is_empty:
                yield SourceProblem(sentence=f'{path.name} {_why_empty(source)}', is_refused=True)


def _why_empty(source: Source) -> str:
    """Return what is to be said of a source without chats."""
    head = next((each.head() for each in source.members.values() if source.is_single_file), b'')
    try:
        getincrementaldecoder('utf-8')().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE, b'{', b'[')):
            return OTHER_ENCODING
    return NO_CHATS


def _read_source(source: Source, stack: ExitStack, namesakes: Namesakes, *, depth: int) -> Iterator[Found]:
    yield from (SourceProblem(sentence=each, is_refused=False) for each in source.problems)
    yield from _whole(_settings(source), source.name)
    own = OwnFormat(source)
    yield from _whole(own.read(), source.name)
    for found in recognise(own.others):
        yield from _whole(_prepared(found.read(), found.name, namesakes), source.name)
    if depth < MAX_ARCHIVE_DEPTH:
        yield from _read_archives_in(own.others, stack, namesakes, depth)


def _settings(source: Source) -> Iterator[ExportedSettings]:
    if settings := read_settings(source):
        yield settings


def _read_archives_in(source: Source, stack: ExitStack, namesakes: Namesakes, depth: int) -> Iterator[Found]:
    for member in source.members.values():
        if not is_archive(member):
            continue
        try:
            archive = open_archive(member, stack)
        except ImportRefused as error:
            yield SourceProblem(sentence=str(error), is_refused=True)
        else:
            yield from _read_source(archive, stack, namesakes, depth=depth + 1)


def _prepared(chats: Iterable[ReadChat], name: str, namesakes: Namesakes) -> Iterator[Found]:
    for chat in chats:
        yield chat if isinstance(chat, DamagedChat) else prepared(chat, name, namesakes)


def _whole(chats: Iterator[Found], name: str) -> Iterator[Found]:
    """Yield the chats; what ends them early is a problem, and what came before counts."""
    try:
        yield from chats
    except ImportRefused as error:
        yield SourceProblem(sentence=str(error), is_refused=True)
    except DAMAGE_ERRORS:
        yield SourceProblem(
            sentence=f'{name} is damaged. What comes before was read. Download or copy it again.',
            is_refused=True,
        )
