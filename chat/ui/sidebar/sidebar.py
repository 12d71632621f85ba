"""What stands at the side of every page: ways to begin, to find, and all conversations."""

from collections.abc import Callable

from nicegui import ui

from chat.ui.following import follow
from chat.ui.house import House
from chat.ui.housekeeping import Housekeeping
from chat.ui.markup import IconButton, Tag, Text
from chat.ui.sidebar.conversation_list import ConversationList

MOST_NOTES = 5
"""Sentences about damaged files that are shown."""

MORE_NOTES = 'There are more of this kind; `python main.py chats verify` names them all.'


class Sidebar(Tag):
    """New chat, search, the list, and the way to what is not in it any more."""

    def __init__(
        self,
        house: House,
        housekeeping: Housekeeping,
        *,
        close: str,
        search: str,
        share: Callable[[], None],
    ) -> None:
        """`close` and `search` are what runs in the browser to put the sidebar away, and to search."""
        super().__init__('nav', 'sidebar', data_testid='sidebar', aria_label='Chats')
        self._house = house
        self._shown: object = None
        with self:
            self._head(close, search)
            self._list = ConversationList(house, housekeeping)
            with self._list:
                self._notes = Tag('div', 'sidebar-notes')
            with Tag('div', 'sidebar-more') as self._more:
                self._archive = aside('archive', 'Archive', '/archive')
                self._trash = aside('delete', 'Trash', '/trash')
            with Tag('div', 'sidebar-foot'):
                self._kept = Tag('span', 'foot-note')
                with self._kept:
                    ui.icon('sym_o_lock').props('aria-hidden=true')
                    Text('span', 'Kept on your computer')
                self._shared = Tag('button', 'foot-note', type='button', data_testid='shared')
                with self._shared.on('click', share, args=[]):
                    ui.icon('sym_o_lan').props('aria-hidden=true')
                    Text('span', 'Shared on this network')
                Tag('span', 'spacer')
                settings = settings_link()
            self._pages = {'/archive': self._archive, '/trash': self._trash, '/settings': settings}
            follow(house.sharing.changed, self._show_sharing)
            follow(house.catalog.changed, self._show)

    def mark_active(self, conversation_id: str, page: str = '') -> None:
        """Show which conversation the page is about, '' for none of them, or which other `page` it is."""
        self._list.mark_active(conversation_id)
        for address, link in self._pages.items():
            link.props.update({'aria-current': 'page'} if address == page else {'aria-current': 'false'})

    def _head(self, close: str, search: str) -> None:
        with Tag('div', 'sidebar-head'):
            with Tag('span', 'brand'):
                Tag('span', 'diamond', aria_hidden='true')
                Text('span', 'Parlour')
            IconButton('sym_o_left_panel_close', 'Close sidebar', 'sidebar-close').on(
                'click', js_handler=close
            )
        with ui.link(target='/').classes('sidebar-way new-chat').props('data-testid=new-chat'):
            ui.icon('sym_o_edit_square').props('aria-hidden=true')
            Text('span', 'New chat')
        with Tag(
            'button', 'sidebar-way search-way', type='button', data_testid='search', aria_haspopup='dialog'
        ) as button:
            ui.icon('sym_o_search').props('aria-hidden=true')
            Text('span', 'Search')
            Tag('span', 'way-keys', aria_hidden='true')
        button.on('click', js_handler=search)

    def _show_sharing(self) -> None:
        self._kept.set_visibility(not self._house.sharing.is_on)
        self._shared.set_visibility(self._house.sharing.is_on)

    def _show(self) -> None:
        """The notes, and the ways aside where there is something."""
        has_archive = any(summary.is_archived for summary in self._house.catalog.summaries)
        has_trash = bool(self._house.folder.conversations.trashed)
        notes = self._house.catalog.problems
        if (state := (has_archive, has_trash, len(notes))) == self._shown:
            return
        self._shown = state
        self._archive.set_visibility(has_archive)
        self._trash.set_visibility(has_trash)
        self._more.set_visibility(has_archive or has_trash)
        self._notes.clear()
        with self._notes:
            for note in [*notes[:MOST_NOTES], *([MORE_NOTES] if len(notes) > MOST_NOTES else [])]:
                Text('p', note, 'sidebar-note')


def aside(icon: str, label: str, address: str) -> ui.link:
    """A quiet link to what is not in the list."""
    with ui.link(target=address).classes('sidebar-aside') as link:
        ui.icon(f'sym_o_{icon}').props('aria-hidden=true')
        Text('span', label)
    return link


def settings_link() -> ui.link:
    """The way to the settings."""
    with ui.link(target='/settings').classes('icon-button').props('data-testid=settings') as link:
        ui.icon('sym_o_settings').props('aria-hidden=true')
    link.props('title=Settings aria-label=Settings')
    return link
