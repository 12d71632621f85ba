"""What stands at the side of every page: ways to begin, to find, and all conversations."""

from collections.abc import Awaitable, Callable

from markupsafe import Markup

from chat.sharing.lock import Lock
from chat.sharing.sharing import Sharing
from chat.storage import Storage
from chat.ui.conversation_list import ConversationList
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlElement, HtmlText, Icon, IconButton, Link, icon_html, span_html
from chat.ui.javascript import module_script
from chat.ui.lock import LockButton
from chat.ui.page_events import TEXT, parse_event
from chat.ui.page_messages import send_props

MAX_PROBLEMS = 5
"""Sentences about damaged files that are shown."""

BRAND = Markup('<span class="diamond" aria-hidden="true"></span>') + span_html('Parlour')

SHORTCUT_HINT = Markup('<span class="shortcut-hint" aria-hidden="true"></span>')

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
                links = {'/admin': icon_link('group', 'Team', '/admin', 'admin')} if is_admin else {}
                links['/settings'] = icon_link('settings', 'Settings', '/settings', 'settings')
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
            HtmlElement('span', 'brand', BRAND)
            IconButton('left_panel_close', 'Close sidebar', 'sidebar-close').on('click', js_handler=close)
        with HtmlElement('div', 'sidebar-new'):
            new_chat = icon_html('edit_square') + span_html('New chat')
            Link('/', 'sidebar-action new-chat', new_chat, data_testid='new-chat', data_action='new-chat')
            new_folder = IconButton('folder', 'New folder', 'new-folder', data_testid='new-folder')
            new_folder.on('click', parse_event(TEXT, self._add_folder), js_handler=NEW_FOLDER_SCRIPT)
        HtmlElement(
            'button',
            'sidebar-action sidebar-search',
            icon_html('search') + span_html('Search') + SHORTCUT_HINT,
            type='button',
            data_testid='search',
            data_action='search',
            aria_haspopup='dialog',
        ).on('click', js_handler=search)

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
            kept = icon_html('lock') + span_html('Stored on your computer')
            self._kept = HtmlElement('span', 'sidebar-status', kept)
            shared = icon_html('lan') + span_html('Shared on this network')
            self._shared = HtmlElement(
                'button', 'sidebar-status', shared, type='button', data_testid='shared'
            ).on('click', share, args=[])
            follow(sharing.changed, self._show)

    def _show(self) -> None:
        self._kept.set_visibility(not self._sharing.is_on)
        self._shared.set_visibility(self._sharing.is_on)


def user_sign(user: str) -> None:
    """Say who has signed in."""
    with HtmlElement('span', 'sidebar-status sidebar-user', title=f'Signed in as {user}'):
        Icon('person')
        HtmlText('span', user, data_testid='user')


def sidebar_link(icon: str, label: str, address: str) -> Link:
    """Build a quiet link to what is not in the list."""
    return Link(address, 'sidebar-aside', icon_html(icon) + span_html(label))


def icon_link(icon: str, label: str, address: str, name: str) -> Link:
    """Build a round link with an icon, which shortcuts and tests know by its name."""
    content = icon_html(icon)
    return Link(
        address,
        'icon-button',
        content,
        title=label,
        aria_label=label,
        data_testid=name,
        data_action=name,
    )
