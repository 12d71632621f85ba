"""The list in the sidebar: its order and headings, and its rows, of which a page holds only those in view."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from nicegui import ui
from pydantic import StrictStr, TypeAdapter

from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.storage import ConversationCatalog, ConversationSummary
from chat.conversation.temporary_chats import TemporaryChats
from chat.ui.conversation_actions import ConversationActions
from chat.ui.follow_changes import follow
from chat.ui.formatting import title_of
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import INDEX_RANGE, parse_event
from chat.ui.page_messages import send_props

TEMPORARY_HEADING = 'Temporary'
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

    def __init__(self, catalog: ConversationCatalog, temporary: TemporaryChats) -> None:
        self._catalog = catalog
        self._temporary = temporary
        self.changed = catalog.changed
        self._listings: dict[tzinfo | None, tuple[tuple[int, date], Listing]] = {}
        """By time zone: the lists, and what each was made of."""

    def current(self, zone: tzinfo | None = None) -> Listing:
        """Return the list, by the days of a time zone, that of this computer if there is no other."""
        now = datetime.now(zone)
        made_of = self.changed.count + self._temporary.changed.count, now.date()
        if self._listings.get(zone, (None,))[0] != made_of:
            if any(count != made_of[0] for (count, _), _ in self._listings.values()):
                self._listings.clear()  # they are of before
            self._listings[zone] = made_of, listing(self._catalog.summaries, now, self._temporary.summaries)
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
) -> Listing:
    """Temporary chats, then pinned ones, then the others by day; the archive has a page of its own.

    Args:
        summaries: The newest first.
        temporary: Those that are not stored.
        now: In the time zone whose days count; without one, in that of this computer.
    """
    listed = [summary for summary in summaries if not summary.is_archived]
    listed.sort(key=lambda summary: not summary.is_pinned)  # leaves the order among equals as it is
    headings: list[tuple[int, str]] = [(0, TEMPORARY_HEADING)] if temporary else []
    for index, heading in enumerate(_headings(listed, now), start=len(temporary)):
        if not headings or headings[-1][1] != heading:
            headings.append((index, heading))
    return Listing([*temporary, *listed], headings)


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


INITIAL_ROWS = 60
"""Rows that are sent before the browser has said which are in view."""

MAX_ROWS = 200
"""Rows that are sent at once, whatever the browser asks for."""


ROW_ACTION = TypeAdapter(tuple[StrictStr, StrictStr] | tuple[Literal['rename'], StrictStr, StrictStr])
"""The name of an action and an id; with a new name, that."""

TIME_ZONE = TypeAdapter(StrictStr | None)


class ConversationList(ui.element, component=COMPONENTS / 'conversation_list.js'):
    """The list of one page: one element, which draws its rows itself and leaves those that stay alone."""

    def __init__(
        self,
        registry: ConversationRegistry,
        listings: ListingCache,
        conversation_actions: ConversationActions,
    ) -> None:
        super().__init__()
        self._registry = registry
        self._listings = listings
        self._actions = conversation_actions
        self._window = (0, INITIAL_ROWS)
        self._zone: tzinfo | None = None
        """Where the person is; `None` for where this computer is."""
        self._active = ''
        self.mark('conversations')
        self.on('visible-range', parse_event(INDEX_RANGE, self._on_visible_range))
        self.on('day', parse_event(TIME_ZONE, self._on_new_day))
        self.on('action', parse_event(ROW_ACTION, self._on_action))
        with self:
            follow(listings.changed, self.show)
            follow(registry.activity, self.show)
            follow(registry.temporary.changed, self.show)

    def mark_active(self, conversation_id: str) -> None:
        """Show which conversation the page is about; '' for none of them."""
        self._active = conversation_id
        self.show()

    def show(self) -> None:
        """Bring the rows in view up to date."""
        listing = self._listings.current(self._zone)
        start, end = self._window
        start = max(0, min(start, len(listing.summaries) - 1))
        state = {
            'start': start,
            'rows': [self._row(summary) for summary in listing.summaries[start:end]],
            'total': len(listing.summaries),
            'headings': [list(heading) for heading in listing.headings],
            'active': self._active,
        }
        send_props(self, **state)

    def _row(self, summary: ConversationSummary) -> dict[str, Any]:
        """Return what a row shows; flags that are not set are left out."""
        flags = {
            'running': summary.conversation_id in self._registry.running,
            'unread': summary.is_unread,
            'waiting': summary.is_waiting,
            'pinned': summary.is_pinned,
            'temporary': self._registry.temporary.has(summary.conversation_id),
        }
        row = {'id': summary.conversation_id, 'title': title_of(summary)}
        return row | {name: True for name, holds in flags.items() if holds}

    def _on_visible_range(self, rows: tuple[int, int]) -> None:
        """Another part of the list has come into view."""
        start, end = rows
        if 0 <= start < end:
            self._window = (start, min(end, start + MAX_ROWS))
            self.show()

    def _on_new_day(self, zone: str | None) -> None:
        """Show the days of the time zone of a page that was opened, or where another day has begun."""
        self._zone = zone_named(zone)
        self.show()

    async def _on_action(self, action: tuple[str, str] | tuple[str, str, str]) -> None:
        match action:
            case (_, conversation_id, title):
                await self._actions.rename(conversation_id, title)
            case (name, conversation_id):
                if act := self._actions.menu_actions.get(name):
                    await act(conversation_id)
