"""The rows of the sidebar, of which a page holds only those in view, however many there are."""

from datetime import tzinfo
from typing import Any, Literal

from nicegui import ui
from pydantic import StrictStr, TypeAdapter

from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.storage import ConversationSummary
from chat.ui.conversation_actions import ConversationActions
from chat.ui.follow_changes import follow
from chat.ui.formatting import title_of
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import INDEX_RANGE, parse_event
from chat.ui.sidebar.listing import ListingCache, zone_named

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
        self._shown: dict[str, Any] = {}
        self._active = ''
        self.mark('conversations')
        self.on('visible-range', parse_event(INDEX_RANGE, self._on_visible_range))
        self.on('day', parse_event(TIME_ZONE, self._on_new_day))
        self.on('action', parse_event(ROW_ACTION, self._on_action))
        with self:
            follow(listings.changed, self.show)
            follow(registry.activity, self.show)

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
        if state != self._shown:
            self._shown = state
            self.props.update(state)
            self.update()

    def _row(self, summary: ConversationSummary) -> dict[str, Any]:
        """Return what a row shows; flags that are not set are left out."""
        flags = {
            'running': summary.conversation_id in self._registry.running,
            'unread': summary.is_unread,
            'pinned': summary.is_pinned,
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
