"""Which conversations stand in the list, in which order and under which headings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chat.store.catalog.catalog import Catalog
from chat.store.files.summary import Summary

PINNED = 'Pinned'
OLDER = 'Older'
PERIODS = ((0, 'Today'), (1, 'Yesterday'), (7, 'Previous 7 days'), (30, 'Previous 30 days'))
"""By the days that have begun since, at most."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The whole list, of which a page shows a part."""

    summaries: Sequence[Summary]
    headings: Sequence[tuple[int, str]]
    """Where each group begins among them, and what stands above it."""


class Listings:
    """The list as it is now, made once for all pages that show it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._made_of: tuple[int, date] | None = None
        self._listing = Listing((), ())

    def now(self) -> Listing:
        """The list, by the days of the time zone of this computer."""
        now = datetime.now().astimezone()
        if self._made_of != (made_of := (self._catalog.changed.count, now.date())):
            self._made_of = made_of
            self._listing = listing(self._catalog.summaries, now)
        return self._listing


def listing(summaries: Iterable[Summary], now: datetime) -> Listing:
    """Pinned conversations, then the others by day; those in the archive have a page of their own.

    Args:
        summaries: The newest first.
        now: In the time zone whose days count.
    """
    listed = [summary for summary in summaries if not summary.is_archived]
    listed.sort(key=lambda summary: not summary.is_pinned)  # leaves the order among equals as it is
    headings: list[tuple[int, str]] = []
    for index, heading in enumerate(_headings(listed, now)):
        if not headings or headings[-1][1] != heading:
            headings.append((index, heading))
    return Listing(listed, headings)


def _headings(summaries: Iterable[Summary], now: datetime) -> Iterator[str]:
    """What stands above each of them; walks through the periods once, as there may be thousands."""
    midnight = datetime.combine(now.date(), time.min, now.tzinfo)
    periods = [(midnight - timedelta(days=days), name) for days, name in PERIODS]
    for summary in summaries:
        if summary.is_pinned:
            yield PINNED
            continue
        while periods and summary.updated_at < periods[0][0]:
            del periods[0]
        yield periods[0][1] if periods else OLDER
