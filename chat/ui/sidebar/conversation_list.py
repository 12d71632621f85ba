"""The rows of the sidebar, of which a page holds only those in view, however many there are."""

from datetime import tzinfo
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.conversation.storage import ConversationSummary
from chat.ui.app_context import AppContext
from chat.ui.conversation_actions import ConversationActions
from chat.ui.follow import follow
from chat.ui.formatting import title_of
from chat.ui.javascript import COMPONENTS
from chat.ui.sidebar.listing import zone_named

INITIAL_ROWS = 60
"""TrashIndex that are sent before the browser has said which are in view."""

MAX_ROWS = 200
"""TrashIndex that are sent at once, whatever the browser asks for."""


class ConversationList(ui.element, component=COMPONENTS / 'conversation_list.js'):
    """The list of one page: one element, which draws its rows itself and leaves those that stay alone."""

    def __init__(self, context: AppContext, conversation_actions: ConversationActions) -> None:
        super().__init__()
        self._house = context
        self._housekeeping = conversation_actions
        self._window = (0, INITIAL_ROWS)
        self._zone: tzinfo | None = None
        """Where the person is; `None` for where this computer is."""
        self._shown: dict[str, Any] = {}
        self._active = ''
        self.mark('conversations')
        self.on('visible-range', self._on_visible_range)
        self.on('day', self._on_new_day)
        self.on('action', self._on_action)
        with self:
            follow(context.catalog.changed, self.show)
            follow(context.conversations.activity, self.show)

    def mark_active(self, conversation_id: str) -> None:
        """Show which conversation the page is about; '' for none of them."""
        self._active = conversation_id
        self.show()

    def show(self) -> None:
        """Bring the rows in view up to date."""
        listing = self._house.listings.current(self._zone)
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
        """What a row shows; flags that are not set are left out."""
        flags = {
            'running': summary.conversation_id in self._house.conversations.running,
            'unread': summary.is_unread,
            'pinned': summary.is_pinned,
        }
        row = {'id': summary.conversation_id, 'title': title_of(summary)}
        return row | {name: True for name, holds in flags.items() if holds}

    def _on_visible_range(self, event: GenericEventArguments) -> None:
        """Another part of the list has come into view."""
        match event.args:
            case [int(start), int(end)] if 0 <= start < end:
                self._window = (start, min(end, start + MAX_ROWS))
                self.show()
            case _:
                pass  # nothing that our page sends

    def _on_new_day(self, event: GenericEventArguments) -> None:
        """A page was opened, or it is another day where it is: in the time zone that it names."""
        self._zone = zone_named(event.args)
        self.show()

    async def _on_action(self, event: GenericEventArguments) -> None:
        match event.args:
            case ['rename', str(conversation_id), str(title)]:
                await self._housekeeping.rename(conversation_id, title)
            case [str(name), str(conversation_id)] if act := self._housekeeping.menu_actions.get(name):
                await act(conversation_id)
            case _:
                pass  # nothing that our page sends
