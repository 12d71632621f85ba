"""What stands at the side of every page: ways to begin, to find, and all conversations."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from chat.sharing.lock import Lock
from chat.sharing.sharing import Sharing
from chat.storage import Storage
from chat.ui.conversation_list import ConversationList
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement, HtmlText, Icon, IconButton
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
        user: str,
        is_admin: bool,
        make_list: Callable[[], ConversationList],
        add_folder: Callable[[str], Awaitable[None]],
        close: str,
        search: str,
        share: Callable[[], None] | None,
    ) -> None:
        """Build it.

        Args:
            storage: Has what is listed.
            sharing: Says whether something is shared.
            lock: That of the pages.
            user: Who of a team it is; '' in a Parlour of one's own.
            is_admin: Whether they are an administrator of it.
            make_list: Builds the list.
            add_folder: Makes a folder.
            close: What the browser runs to put the sidebar away.
            search: What it runs to search.
            share: Opens the dialog for that; `None` where nothing can be shared.
        """
        super().__init__('nav', 'sidebar', data_testid='sidebar', aria_label='Chats')
        self._storage = storage
        self._add_folder = add_folder
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
                if share:
                    SharingStatus(sharing, share)
                else:
                    user_sign(user)
                HtmlElement('span', 'spacer')
                if share:
                    LockButton(lock)
                links = {'/admin': team_link()} if is_admin else {}
                links['/settings'] = settings_link()
            self._pages = {'/archive': self._archive, '/trash': self._trash, **links}
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
            IconButton('left_panel_close', 'Close sidebar', 'sidebar-close').on('click', js_handler=close)
        with HtmlElement('div', 'sidebar-new'):
            with ui.link(target='/').classes('sidebar-action new-chat') as link:
                link.props('data-testid=new-chat data-action=new-chat')
                Icon('edit_square')
                HtmlText('span', 'New chat')
            new_folder = IconButton('folder', 'New folder', 'new-folder', data_testid='new-folder')
            new_folder.on('click', parse_event(TEXT, self._add_folder), js_handler=NEW_FOLDER_SCRIPT)
        with HtmlElement(
            'button',
            'sidebar-action sidebar-search',
            type='button',
            data_testid='search',
            data_action='search',
            aria_haspopup='dialog',
        ) as button:
            Icon('search')
            HtmlText('span', 'Search')
            HtmlElement('span', 'shortcut-hint', aria_hidden='true')
        button.on('click', js_handler=search)

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


class SharingStatus(HtmlElement):
    """Where the chats are, and whether others see some of them."""

    def __init__(self, sharing: Sharing, share: Callable[[], None]) -> None:
        super().__init__('span', 'sidebar-statuses')
        self._sharing = sharing
        with self:
            self._kept = HtmlElement('span', 'sidebar-status')
            with self._kept:
                Icon('lock')
                HtmlText('span', 'Stored on your computer')
            self._shared = HtmlElement('button', 'sidebar-status', type='button', data_testid='shared')
            with self._shared.on('click', share, args=[]):
                Icon('lan')
                HtmlText('span', 'Shared on this network')
            follow(sharing.changed, self._show)

    def _show(self) -> None:
        self._kept.set_visibility(not self._sharing.is_on)
        self._shared.set_visibility(self._sharing.is_on)


def user_sign(user: str) -> None:
    """Say who has signed in."""
    with HtmlElement('span', 'sidebar-status sidebar-user', title=f'Signed in as {user}'):
        Icon('person')
        HtmlText('span', user, data_testid='user')


def team_link() -> ui.link:
    """Build the way to what administrators see."""
    with ui.link(target='/admin').classes('icon-button') as link:
        Icon('group')
    link.props('title=Team aria-label=Team data-testid=admin')
    return link


def sidebar_link(icon: str, label: str, address: str) -> ui.link:
    """Build a quiet link to what is not in the list."""
    with ui.link(target=address).classes('sidebar-aside') as link:
        Icon(icon)
        HtmlText('span', label)
    return link


def settings_link() -> ui.link:
    """Build the way to the settings."""
    with ui.link(target='/settings').classes('icon-button') as link:
        Icon('settings')
    link.props('title=Settings aria-label=Settings data-testid=settings data-action=settings')
    return link
