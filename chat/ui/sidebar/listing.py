"""Which conversations stand in the list, in which order and under which headings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from chat.conversation.storage import ConversationCatalog, ConversationSummary

PINNED_HEADING = 'Pinned'
OLDER_HEADING = 'Older'
PERIOD_HEADINGS = ((0, 'Today'), (1, 'Yesterday'), (7, 'Previous 7 days'), (30, 'Previous 30 days'))
"""By the days that have begun since, at most."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The whole list, of which a page shows a part."""

    summaries: Sequence[ConversationSummary]
    headings: Sequence[tuple[int, str]]
    """Where each group begins among them, and what stands above it."""


class ListingCache:
    """The list as it is now, made once for all pages that show it."""

    def __init__(self, catalog: ConversationCatalog) -> None:
        self._catalog = catalog
        self.changed = catalog.changed
        self._listings: dict[tzinfo | None, tuple[tuple[int, date], Listing]] = {}
        """By time zone: the lists, and what each was made of."""

    def current(self, zone: tzinfo | None = None) -> Listing:
        """Return the list, by the days of a time zone, that of this computer if there is no other."""
        now = datetime.now(zone)
        made_of = self.changed.count, now.date()
        if self._listings.get(zone, (None,))[0] != made_of:
            if any(count != made_of[0] for (count, _), _ in self._listings.values()):
                self._listings.clear()  # they are of before
            self._listings[zone] = made_of, listing(self._catalog.summaries, now)
        return self._listings[zone][1]


def zone_named(name: str | None) -> tzinfo | None:
    """Return the time zone of a browser, or `None` if this computer does not know it."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, LookupError):  # as odd names and Windows without `tzdata` have it
        return None


def listing(summaries: Iterable[ConversationSummary], now: datetime) -> Listing:
    """Pinned conversations, then the others by day; those in the archive have a page of their own.

    Args:
        summaries: The newest first.
        now: In the time zone whose days count; without one, in that of this computer.
    """
    listed = [summary for summary in summaries if not summary.is_archived]
    listed.sort(key=lambda summary: not summary.is_pinned)  # leaves the order among equals as it is
    headings: list[tuple[int, str]] = []
    for index, heading in enumerate(_headings(listed, now)):
        if not headings or headings[-1][1] != heading:
            headings.append((index, heading))
    return Listing(listed, headings)


def _headings(summaries: Iterable[ConversationSummary], now: datetime) -> Iterator[str]:
    """Yield what stands above each of them; walk through the periods once, as there may be thousands."""
    periods = [(_midnight(now, days), name) for days, name in PERIOD_HEADINGS]
    for summary in summaries:
        if summary.is_pinned:
            yield PINNED_HEADING
            continue
        while periods and summary.updated_at < periods[0][0]:
            del periods[0]
        yield periods[0][1] if periods else OLDER_HEADING


def _midnight(now: datetime, days: int) -> datetime:
    """When the day began, so many days ago: by the calendar, since not all days have 24 hours."""
    return datetime.combine(now.date() - timedelta(days=days), time.min, now.tzinfo).astimezone(UTC)
