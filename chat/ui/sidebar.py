"""What stands at the side of every page: ways to begin, to find, and all conversations."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from chat.sharing.lock import Lock
from chat.sharing.sharing import Sharing
from chat.storage import Storage
from chat.ui.conversation_list import ConversationList
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.javascript import module_script
from chat.ui.lock import LockButton
from chat.ui.page_events import TEXT, parse_event
from chat.ui.page_messages import send_props

MAX_PROBLEMS = 5
"""Sentences about damaged files that are shown."""

MORE_PROBLEMS_MESSAGE = 'More files have problems; `python main.py chats verify` lists them all.'


NEW_FOLDER_SCRIPT = f"""async () => {{
    const name = await {module_script('folder_menu.js')}.askForFolderName();
    if (name) emit(name);
}}"""


class Sidebar(HtmlElement):
    """New chat, search, the list, and the way to what is not in it any more."""

    def __init__(
        self,
        storage: Storage,
        sharing: Sharing,
        lock: Lock,
        *,
        make_list: Callable[[], ConversationList],
        add_folder: Callable[[str], Awaitable[None]],
        close: str,
        search: str,
        share: Callable[[], None],
    ) -> None:
        """`add_folder` makes one; the browser runs `close` to put the sidebar away, `search` to search."""
        super().__init__('nav', 'sidebar', data_testid='sidebar', aria_label='Chats')
        self._storage = storage
        self._add_folder = add_folder
        self._sharing = sharing
        self._shown: object = None
        with self:
            self._head(close, search)
            self._list = make_list()
            with self._list:
                self._notes = HtmlElement('div', 'sidebar-notes')
            with HtmlElement('div', 'sidebar-more') as self._more:
                self._archive = sidebar_link('archive', 'Archive', '/archive')
                self._trash = sidebar_link('delete', 'Trash', '/trash')
            with HtmlElement('div', 'sidebar-foot'):
                self._kept = HtmlElement('span', 'sidebar-status')
                with self._kept:
                    ui.icon('sym_o_lock').props('aria-hidden=true')
                    HtmlText('span', 'Stored on your computer')
                self._shared = HtmlElement('button', 'sidebar-status', type='button', data_testid='shared')
                with self._shared.on('click', share, args=[]):
                    ui.icon('sym_o_lan').props('aria-hidden=true')
                    HtmlText('span', 'Shared on this network')
                HtmlElement('span', 'spacer')
                LockButton(lock)
                settings = settings_link()
            self._pages = {'/archive': self._archive, '/trash': self._trash, '/settings': settings}
            follow(sharing.changed, self._show_sharing)
            follow(storage.catalog.changed, self._show)
            follow(storage.trash.changed, self._show)

    def mark_active(self, conversation_id: str, page: str = '') -> None:
        """Show which conversation the page is about, '' for none of them, or which other `page` it is."""
        self._list.mark_active(conversation_id)
        for address, link in self._pages.items():
            send_props(link, **{'aria-current': 'page' if address == page else 'false'})

    def _head(self, close: str, search: str) -> None:
        with HtmlElement('div', 'sidebar-head'):
            with HtmlElement('span', 'brand'):
                HtmlElement('span', 'diamond', aria_hidden='true')
                HtmlText('span', 'Parlour')
            IconButton('sym_o_left_panel_close', 'Close sidebar', 'sidebar-close').on(
                'click', js_handler=close
            )
        with HtmlElement('div', 'sidebar-new'):
            with ui.link(target='/').classes('sidebar-action new-chat') as link:
                link.props('data-testid=new-chat data-action=new-chat')
                ui.icon('sym_o_edit_square').props('aria-hidden=true')
                HtmlText('span', 'New chat')
            new_folder = IconButton('sym_o_folder', 'New folder', 'new-folder', data_testid='new-folder')
            new_folder.on('click', parse_event(TEXT, self._add_folder), js_handler=NEW_FOLDER_SCRIPT)
        with HtmlElement(
            'button',
            'sidebar-action sidebar-search',
            type='button',
            data_testid='search',
            data_action='search',
            aria_haspopup='dialog',
        ) as button:
            ui.icon('sym_o_search').props('aria-hidden=true')
            HtmlText('span', 'Search')
            HtmlElement('span', 'shortcut-hint', aria_hidden='true')
        button.on('click', js_handler=search)

    def _show_sharing(self) -> None:
        self._kept.set_visibility(not self._sharing.is_on)
        self._shared.set_visibility(self._sharing.is_on)

    def _show(self) -> None:
        """Show the notes, and the ways aside where there is something."""
        has_archive = any(summary.is_archived for summary in self._storage.catalog.summaries)
        has_trash = bool(self._storage.trash.conversations)
        problems = (problem.sentence for problem in self._storage.catalog.problems)
        notes = [*self._storage.warnings, *problems]
        if (state := (has_archive, has_trash, len(notes))) == self._shown:
            return
        self._shown = state
        self._archive.set_visibility(has_archive)
        self._trash.set_visibility(has_trash)
        self._more.set_visibility(has_archive or has_trash)
        self._notes.clear()
        with self._notes:
            for note in [
                *notes[:MAX_PROBLEMS],
                *([MORE_PROBLEMS_MESSAGE] if len(notes) > MAX_PROBLEMS else []),
            ]:
                HtmlText('p', note, 'sidebar-note')


def sidebar_link(icon: str, label: str, address: str) -> ui.link:
    """Build a quiet link to what is not in the list."""
    with ui.link(target=address).classes('sidebar-aside') as link:
        ui.icon(f'sym_o_{icon}').props('aria-hidden=true')
        HtmlText('span', label)
    return link


def settings_link() -> ui.link:
    """Build the way to the settings."""
    with ui.link(target='/settings').classes('icon-button') as link:
        ui.icon('sym_o_settings').props('aria-hidden=true')
    link.props('title=Settings aria-label=Settings data-testid=settings data-action=settings')
    return link
