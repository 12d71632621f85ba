"""The order of the list of chats: pinned ones, folders with theirs, then the others by day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import EntryCollection
from chat.conversation.storage import ConversationCatalog, ConversationSummary
from chat.conversation.temporary.temporary_chats import TemporaryChats

TEMPORARY_HEADING = 'Temporary'
PINNED_HEADING = 'Pinned'
FOLDERS_HEADING = 'Folders'
OLDER_HEADING = 'Older'
PERIOD_HEADINGS = ((0, 'Today'), (1, 'Yesterday'), (7, 'Previous 7 days'), (30, 'Previous 30 days'))
"""By the days that have begun since, at most."""


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A folder in the list; below it stand its chats, unless it is folded."""

    folder: ChatFolder
    count: int
    """The chats in it."""


ListRow: TypeAlias = FolderRow | ConversationSummary


@dataclass(frozen=True)
class Listing:
    """The whole list, of which a page shows a part."""

    rows: Sequence[ListRow]
    headings: Sequence[tuple[int, str]]
    """Where each group begins among them, and what stands above it."""
    temporary_count: int = 0
    """How many of the first rows are temporary chats."""

    @cached_property
    def ids(self) -> list[str]:
        """Of all rows, in their order."""
        return [id_of(row) for row in self.rows]

    @cached_property
    def chats(self) -> list[str]:
        """The ids of the stored conversations among them."""
        stored = self.rows[self.temporary_count :]
        return [row.conversation_id for row in stored if isinstance(row, ConversationSummary)]


class ListingCache:
    """The list as it is now, made once for all pages that show it."""

    def __init__(
        self, catalog: ConversationCatalog, folders: EntryCollection[ChatFolder], temporary: TemporaryChats
    ) -> None:
        self._catalog = catalog
        self._temporary = temporary
        self.folders = folders
        self.changed = catalog.changed
        """Others tell of folders and temporary chats."""
        self._listings: dict[tzinfo | None, tuple[tuple[tuple[int, ...], date], Listing]] = {}
        """By time zone: the lists, and what each was made of."""

    def current(self, zone: tzinfo | None = None) -> Listing:
        """Return the list, by the days of a time zone, that of this computer if there is no other."""
        now = datetime.now(zone)
        changes = (self.changed, self.folders.changed, self._temporary.changed)
        made_of = (*(each.count for each in changes),), now.date()
        if self._listings.get(zone, (None,))[0] != made_of:
            if any(counts != made_of[0] for (counts, _), _ in self._listings.values()):
                self._listings.clear()  # they are of before
            made = listing(self._catalog.summaries, now, self._temporary.summaries, self.folders.entries)
            self._listings[zone] = made_of, made
        return self._listings[zone][1]


def zone_named(name: str | None) -> tzinfo | None:
    """Return the time zone of a browser, or `None` if this computer does not know it."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, LookupError):  # as odd names and Windows without `tzdata` have it
        return None


def listing(
    summaries: Iterable[ConversationSummary],
    now: datetime,
    temporary: Sequence[ConversationSummary] = (),
    folders: Sequence[ChatFolder] = (),
) -> Listing:
    """Temporary chats, then pinned ones, folders by name with theirs, then the others by day.

    In a folder, too, the pinned ones come first. The archive has a page of its own.

    Args:
        summaries: The newest first.
        now: In the time zone whose days count; without one, in that of this computer.
        temporary: Those that are not stored; one that is about to be kept may be among the summaries as well.
        folders: In any order.
    """
    inside: dict[str, list[ConversationSummary]] = {folder.id: [] for folder in folders}
    loose: list[ConversationSummary] = []
    other_ids = {summary.conversation_id for summary in temporary}
    listed = [each for each in summaries if not (each.is_archived or each.conversation_id in other_ids)]
    listed.sort(key=lambda summary: not summary.is_pinned)  # leaves the order among equals as it is
    for summary in listed:
        inside.get(summary.folder, loose).append(summary)
    pinned = [summary for summary in loose if summary.is_pinned]
    others = loose[len(pinned) :]
    rows: list[ListRow] = []
    headings: list[tuple[int, str]] = []
    for heading, group in (
        (TEMPORARY_HEADING, temporary),
        (PINNED_HEADING, pinned),
        (FOLDERS_HEADING, [*_folder_rows(folders, inside)]),
    ):
        headings += [(len(rows), heading)] if group else []
        rows += group
    for index, heading in enumerate(_headings(others, now), len(rows)):
        if not headings or headings[-1][1] != heading:
            headings.append((index, heading))
    return Listing([*rows, *others], headings, len(temporary))


def _folder_rows(
    folders: Iterable[ChatFolder], inside: Mapping[str, Sequence[ConversationSummary]]
) -> Iterator[ListRow]:
    for folder in by_name(folders):
        yield FolderRow(folder, len(inside[folder.id]))
        if not folder.is_folded:
            yield from inside[folder.id]


def _headings(summaries: Iterable[ConversationSummary], now: datetime) -> Iterator[str]:
    """Yield what stands above each of them; walk through the periods once, as there may be thousands."""
    periods = [(_midnight(now, days), name) for days, name in PERIOD_HEADINGS]
    for summary in summaries:
        while periods and summary.updated_at < periods[0][0]:
            del periods[0]
        yield periods[0][1] if periods else OLDER_HEADING


def _midnight(now: datetime, days: int) -> datetime:
    """When the day began, so many days ago: by the calendar, since not all days have 24 hours."""
    return datetime.combine(now.date() - timedelta(days=days), time.min, now.tzinfo).astimezone(UTC)


def id_of(row: ListRow) -> str:
    """Return the id of what stands in a row."""
    return row.folder.id if isinstance(row, FolderRow) else row.conversation_id


def folder_choices(folders: EntryCollection[ChatFolder]) -> list[dict[str, str]]:
    """Return the folders by name, as menus offer them."""
    return [{'id': folder.id, 'name': folder.name} for folder in by_name(folders.entries)]


def by_name(folders: Iterable[ChatFolder]) -> list[ChatFolder]:
    """Return folders in the order in which they stand in a list."""
    return sorted(folders, key=lambda folder: folder.name.casefold())
