"""The list in the sidebar: its rows, of which a page holds only those in view, and what is done to them."""

from datetime import tzinfo
from typing import Any, Literal

from nicegui import ui
from pydantic import StrictStr, TypeAdapter

from chat.conversation.conversation_registry import ConversationRegistry
from chat.ui.conversation_actions import ConversationActions
from chat.ui.folder_actions import FolderActions
from chat.ui.follow_changes import follow
from chat.ui.formatting import title_of
from chat.ui.javascript import COMPONENTS
from chat.ui.listing import FolderRow, ListingCache, ListRow, folder_choices, zone_named
from chat.ui.page_events import INDEX_RANGE, TEXT, parse_event
from chat.ui.page_messages import send_props
from chat.ui.selection import SELECTION, Selection, SelectionEvent

INITIAL_ROWS = 60
"""Rows that are sent before the browser has said which are in view."""

MAX_ROWS = 200
"""Rows that are sent at once, whatever the browser asks for."""


ROW_ACTION = TypeAdapter(tuple[StrictStr, StrictStr] | tuple[Literal['rename'], StrictStr, StrictStr])
"""The name of an action and an id; with a new name, that."""

MOVE = TypeAdapter(tuple[Literal['move', 'move-new'], StrictStr, StrictStr | None])
"""The id of a folder, or the name of a new one; and what is put there, `None` for all that is selected."""

TIME_ZONE = TypeAdapter(StrictStr | None)


class ConversationList(ui.element, component=COMPONENTS / 'conversation_list.js'):
    """The list of one page: one element, which draws its rows itself and leaves those that stay alone."""

    def __init__(
        self,
        registry: ConversationRegistry,
        listings: ListingCache,
        conversation_actions: ConversationActions,
        folder_actions: FolderActions,
    ) -> None:
        super().__init__()
        self._registry = registry
        self._listings = listings
        self._actions = conversation_actions
        self._folder_actions = folder_actions
        self._selection = Selection()
        self._window = (0, INITIAL_ROWS)
        self._zone: tzinfo | None = None
        """Where the person is; `None` for where this computer is."""
        self._active = ''
        self.mark('conversations')
        self.on('visible-range', parse_event(INDEX_RANGE, self._on_visible_range))
        self.on('day', parse_event(TIME_ZONE, self._on_new_day))
        self.on('action', parse_event(ROW_ACTION, self._on_action))
        self.on('folder', parse_event(ROW_ACTION, self._on_folder_action))
        self.on('select', parse_event(SELECTION, self._on_select))
        self.on('bulk', parse_event(TEXT, self._on_bulk))
        self.on('move', parse_event(MOVE, self._on_move))
        with self:
            follow(listings.changed, self.show)
            follow(listings.folders.changed, self.show)
            follow(registry.activity, self.show)
            follow(registry.temporary.changed, self.show)

    def mark_active(self, conversation_id: str) -> None:
        """Show which conversation the page is about; '' for none of them."""
        self._active = conversation_id
        self.show()

    def show(self) -> None:
        """Bring the rows in view up to date."""
        listing = self._listings.current(self._zone)
        self._selection.restrict(listing.chats)
        start, end = self._window
        start = max(0, min(start, len(listing.rows) - 1))
        state = {
            'start': start,
            'rows': [self._row(row) for row in listing.rows[start:end]],
            'total': len(listing.rows),
            'headings': [list(heading) for heading in listing.headings],
            'active': self._active,
            'selected': len(self._selection.ids),
            'folders': folder_choices(self._listings.folders),
        }
        send_props(self, **state)

    def _row(self, row: ListRow) -> dict[str, Any]:
        """Return what a row shows; what is not set is left out."""
        if isinstance(row, FolderRow):
            folder = row.folder
            return {
                'id': folder.id,
                'title': folder.name,
                'isFolder': True,
                'folded': folder.is_folded,
                'count': row.count,
            }
        values = {
            'running': row.conversation_id in self._registry.running,
            'unread': row.is_unread,
            'waiting': row.is_waiting,
            'pinned': row.is_pinned,
            'temporary': self._registry.temporary.has(row.conversation_id),
            'selected': row.conversation_id in self._selection.ids,
            'folder': row.folder if self._listings.folders.get(row.folder) else '',
        }
        shown = {'id': row.conversation_id, 'title': title_of(row)}
        return shown | {name: value for name, value in values.items() if value}

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

    async def _on_folder_action(self, action: tuple[str, str] | tuple[str, str, str]) -> None:
        match action:
            case (_, folder_id, name):
                await self._folder_actions.rename(folder_id, name)
            case ('new', name):
                await self._folder_actions.create(name)
            case (name, folder_id):
                await self._folder_actions.act(name, folder_id)

    def _on_select(self, event: SelectionEvent) -> None:
        listing = self._listings.current(self._zone)
        self._selection.change(event, listing.ids, listing.chats)
        self.show()

    async def _on_bulk(self, name: str) -> None:
        if (act := self._actions.bulk_actions.get(name)) and (chosen := self._take_selected()):
            await act(*chosen)

    async def _on_move(self, move: tuple[str, str, str | None]) -> None:
        kind, folder, conversation_id = move
        chosen = self._take_selected() if conversation_id is None else [conversation_id]
        if chosen:
            act = self._actions.move if kind == 'move' else self._actions.move_to_new
            await act(folder, *chosen)

    def _take_selected(self) -> list[str]:
        """Return what is selected, in the order of the list, and end the selection."""
        chosen = [each for each in self._listings.current(self._zone).chats if each in self._selection.ids]
        self._on_select(('none',))
        return chosen
