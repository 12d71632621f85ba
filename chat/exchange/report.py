"""What an import finds and does, in numbers and in sentences."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from chat.exchange.prepared import EPOCH, PreparedChat
from chat.exchange.settings_file import joined

ChatState: TypeAlias = Literal['new', 'changed', 'same', 'in trash', 'open', 'failed', 'left out']
"""What an import has to do with a chat, or why it does nothing."""

MAX_SENTENCES = 200
"""How many problems are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class FoundChat:
    """A chat that can be imported, as a person chooses it."""

    title: str
    updated_at: datetime
    """`EPOCH` if nothing says when."""
    state: ChatState
    is_pinned: bool = False
    folder: str = ''
    """The name of the one that it is to be in."""


@dataclass(eq=False, kw_only=True)
class ImportReport:
    """What was found in some files, and what became of it."""

    formats: Counter[str] = field(default_factory=Counter[str])
    """The chats by the name of their format."""
    states: Counter[ChatState] = field(default_factory=Counter[ChatState])
    messages: int = 0
    branches: int = 0
    """Ends of branches that are not shown."""
    files: int = 0
    missing_files: int = 0
    first: datetime | None = None
    last: datetime | None = None
    """Between these the chats were last changed."""
    problems: list[str] = field(default_factory=list[str])
    """What could not be taken over, a sentence each."""
    settings: list[str] = field(default_factory=list[str])
    """What there is besides chats, a line for each kind of thing."""
    folders: list[str] = field(default_factory=list[str])
    """The names of those that the chats are in there."""
    refused: int = 0
    """Files and chats of which nothing could be taken over."""
    unnamed_problems: int = 0
    """Problems beyond `MAX_SENTENCES`."""

    @property
    def chats(self) -> int:
        """How many chats were found, whatever becomes of them."""
        return self.states.total()

    @property
    def is_complete(self) -> bool:
        """Whether everything is here now, or was before."""
        is_something = self.chats > 0 or bool(self.settings)
        is_left = self.refused or self.states['failed'] or self.states['open']
        return is_something and not is_left

    def count(self, chat: PreparedChat) -> None:
        """Count what is in a chat, and name what is not."""
        self.formats[chat.format] += 1
        self.messages += len(chat.tables['entries'])
        self.branches += len(chat.record['branches'])
        self.files += len(chat.files)
        self.missing_files += len(chat.missing_files)
        if chat.updated_at > EPOCH:
            self.first = min(self.first or chat.updated_at, chat.updated_at)
            self.last = max(self.last or chat.updated_at, chat.updated_at)
        for name in chat.missing_files:
            self.add_problem(f'“{chat.title}”: the file {name} is not in the export.')
        for problem in chat.problems:
            self.add_problem(f'“{chat.title}”: {problem}')

    def add_problem(self, sentence: str) -> None:
        """Name what could not be taken over."""
        if sentence in self.problems:
            return
        if len(self.problems) < MAX_SENTENCES:
            self.problems.append(sentence)
        else:
            self.unnamed_problems += 1

    def add_refused(self, sentence: str) -> None:
        """Name a file or a chat of which nothing could be taken over."""
        self.refused += 1
        self.add_problem(sentence)


def summary_lines(report: ImportReport) -> list[str]:
    """Return what was found, a sentence each."""
    if not report.chats:
        return report.settings or ['No chats were found.']
    formats = ', '.join(f'{_count(number, "chat")} from {name}' for name, number in report.formats.items())
    return [
        f'{formats}: {", ".join(_contents(report))}{_period(report)}.',
        *_found_states(report),
        *_folders(report),
        *report.settings,
    ]


def result_lines(report: ImportReport) -> list[str]:
    """Return what was done, a sentence each."""
    taken = [f'Taken over: {line}' for line in report.settings]
    if not report.chats:
        return taken or ['No chats were found. Nothing was imported.']
    states = report.states
    done = [
        f'{_count(states["new"], "chat")} imported' if states['new'] else '',
        f'{states["changed"]:,} updated' if states['changed'] else '',
        f'{states["same"]:,} here already' if states['same'] else '',
    ]
    said = ', '.join(filter(None, done))
    return [*([f'{said}.'] if said else ['Nothing was imported.']), *_left_alone(report), *taken]


def problem_lines(report: ImportReport) -> list[str]:
    """Return what could not be taken over, a sentence each."""
    more = [f'And {report.unnamed_problems:,} more.'] if report.unnamed_problems else []
    return [*report.problems, *more]


def _contents(report: ImportReport) -> Iterator[str]:
    yield _count(report.messages, 'message')
    if report.branches:
        yield f'{_count(report.branches, "other version")}'
    if report.files:
        yield _count(report.files, 'file')
    if report.missing_files:
        yield f'{_count(report.missing_files, "file")} missing'


def _period(report: ImportReport) -> str:
    if report.first is None or report.last is None:
        return ''
    days = (each.astimezone() for each in (report.first, report.last))
    first, last = (f'{each.day} {each:%b %Y}' for each in days)
    return f' ({first})' if first == last else f' ({first} to {last})'


def _found_states(report: ImportReport) -> Iterator[str]:
    words: dict[ChatState, str] = {
        'new': 'new',
        'changed': 'with more than is here',
        'same': 'here already',
    }
    said = [f'{report.states[state]:,} {text}' for state, text in words.items() if report.states[state]]
    if said:
        yield f'{", ".join(said)}.'
    yield from _left_alone(report)


def _folders(report: ImportReport) -> Iterator[str]:
    if report.folders:
        yield f'In {_count(len(report.folders), "folder")}: {joined(report.folders)}.'


def _left_alone(report: ImportReport) -> Iterator[str]:
    states = report.states
    if number := states['in trash']:
        yield f'{_count(number, "chat")} in the trash here: left there. Restore what you want to have again.'
    if number := states['open']:
        yield f'{_count(number, "chat")} open in a page: left alone. Close the page, then import again.'
    if number := states['left out']:
        yield f'{_count(number, "chat")} not chosen.'
    if number := states['failed']:
        yield f'{_count(number, "chat")} could not be stored.'


def _count(number: int, thing: str) -> str:
    return f'{number:,} {thing}{"s" * (number != 1)}'
