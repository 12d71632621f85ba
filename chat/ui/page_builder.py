"""What each browser page is built of, for the owner and for guests."""

from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, cast

from nicegui import app, ui

from chat import __version__
from chat.change_signal import ChangeSignal
from chat.conversation.error_messages import error_message
from chat.conversation.live_conversation import LiveConversation
from chat.errors import ChatError
from chat.sharing.access import Guest, Owner, Visitor
from chat.sharing.sharing import ENDED_PATH
from chat.ui.app_context import AppContext
from chat.ui.chat.chat_page import CHECK_MESSAGE, ChatPage
from chat.ui.chat.chat_parts import AppShell
from chat.ui.chat.composer import Composer
from chat.ui.chat.permissions import permissions_of
from chat.ui.conversation_actions import ConversationActions
from chat.ui.conversation_list import ConversationList
from chat.ui.early_page import early_page_html
from chat.ui.folder_actions import FolderActions
from chat.ui.html import HtmlElement, HtmlText, address_prefix
from chat.ui.javascript import COMPONENTS
from chat.ui.lock import LockWatch
from chat.ui.notifications import UndoToasts
from chat.ui.page_events import TEXT, parse_event
from chat.ui.page_tasks import start_when_connected
from chat.ui.router import PageRouter
from chat.ui.search import SearchDialog
from chat.ui.sidebar import Sidebar
from chat.ui.theme import HOME_SCREEN_HEAD, head_html

if TYPE_CHECKING:
    from chat.ui.exchange.export_dialog import ExportDialog
    from chat.ui.exchange.import_dialog import ImportDialog
    from chat.ui.settings.folder_dialog import FolderDialog
    from chat.ui.share_dialog.share_dialog import ShareDialog

PHONE_MAX_WIDTH = 767
"""Pixels up to which the sidebar lies over the page instead of beside it."""

LINK_CLICKED_ON_PHONE_SCRIPT = (
    f'innerWidth <= {PHONE_MAX_WIDTH} && event.target.closest("a, .sidebar-action")'
)
"""In the browser: whether a click in the sidebar led to something that it now hides."""

MAX_VERSION_LENGTH = 40


class PageBuilder:
    """Builds a page for each browser tab; all of them show the same conversations."""

    def __init__(self, context: AppContext) -> None:
        self._context = context

    def show(self, visitor: Visitor) -> None:
        """Build the page that is being asked for, whatever its address, with what this visitor may do."""
        ui.add_head_html(head_html(address_prefix()))
        match visitor:
            case Owner():
                AppLayout(self._context, visitor)
                self._add_early_page()
                if visitor.user:
                    SignInWatch()
                else:
                    LockWatch(self._context.lock)
                if visitor.is_remote:
                    ShareWatchdog(hides_when_offline=False)
            case Guest():
                GuestEntry(self._context, visitor)

    def _add_early_page(self) -> None:
        """Let one write before the page runs, if it has a box."""
        elements = ui.context.client.elements.values()
        if composer := next((one for one in elements if isinstance(one, Composer)), None):
            draft = cast(dict[str, str], composer.props['draft'])
            ui.add_body_html(
                early_page_html(
                    draft['text'],
                    send_key=self._context.preferences.current.send_key,
                    fine_print=CHECK_MESSAGE,
                )
            )

    def follow_connections(self, first_page: ChangeSignal) -> None:
        """Tell those who look that a browser has come, or is away; to be called once.

        Args:
            first_page: Told as soon as a page is connected.
        """
        app.on_connect(lambda: first_page.notify())  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
        changed = self._context.presence.changed
        app.on_connect(lambda: changed.notify_soon())  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed
        app.on_disconnect(lambda: changed.notify_soon())  # pyright: ignore[reportUnknownMemberType]  # as above


class AppLayout:
    """One browser page, and the addresses it can go to without being loaded again."""

    def __init__(self, context: AppContext, visitor: Owner) -> None:
        ui.add_head_html(HOME_SCREEN_HEAD.format(prefix=escape(address_prefix())))
        notices = UndoToasts()
        UpdateNotice(notices)
        dialogs = Dialogs(context)
        conversation_actions = ConversationActions(
            context.conversations,
            context.storage,
            context.sharing,
            notices,
            lambda chats: dialogs.export.open(chats),
            context.preferences.folders,
            context.retention.is_old,
        )
        search = SearchDialog(context.catalog, context.storage.search)
        drawer = SidebarDrawer()
        shell = AppShell(
            actions=conversation_actions,
            open_sidebar=f'() => getElement({drawer.id}).show()',
            share=None if context.user else lambda: dialogs.share.open(),
            export_all=lambda: dialogs.export.open(),
            import_chats=lambda: dialogs.imports.open(),
        )
        folder_actions = FolderActions(
            context.preferences.folders, notices, lambda folder_id: dialogs.folder.open(folder_id)
        )
        with drawer:
            sidebar = _build_sidebar(context, shell, folder_actions, search, drawer)
        PageRouter(context, visitor, sidebar, shell)


def _build_sidebar(
    context: AppContext,
    shell: AppShell,
    folder_actions: FolderActions,
    search: SearchDialog,
    drawer: 'SidebarDrawer',
) -> Sidebar:
    hide = f'getElement({drawer.id}).hide()'
    sidebar = Sidebar(
        context.storage,
        context.sharing,
        context.lock,
        user=context.user,
        is_admin=context.administration is not None,
        make_list=lambda: ConversationList(
            context.conversations, context.listings, shell.actions, folder_actions
        ),
        add_folder=folder_actions.create,
        close=f'() => {hide}',
        search=f'() => getElement({search.id}).open()',
        share=shell.share,
    )
    sidebar.on('click', js_handler=f'(event) => {{ if ({LINK_CLICKED_ON_PHONE_SCRIPT}) {hide} }}')
    return sidebar


class SidebarDrawer(HtmlElement):
    """Has the sidebar beside the page, or over it on a phone.

    That of NiceGUI has each page say whether it is open, and be told the same again: it draws itself anew.
    """

    def __init__(self) -> None:
        layout = ui.context.client.layout
        layout.props['view'] = 'hhh Lpr fff'  # it stays where it is while the page scrolls
        with layout:
            super().__init__('q-drawer', 'nicegui-drawer', width='268', breakpoint=str(PHONE_MAX_WIDTH))
        self.props['show-if-above'] = True
        self.move(target_index=0)


class Dialogs:
    """The dialogs of a page, each imported and built when it is asked for: most never are."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._place = HtmlElement('div')

    @cached_property
    def export(self) -> 'ExportDialog':
        from chat.ui.exchange.export_dialog import ExportDialog

        context = self._context
        with self._place:
            return ExportDialog(context.exports, context.catalog, context.own_settings)

    @cached_property
    def imports(self) -> 'ImportDialog':
        from chat.ui.exchange.import_dialog import ImportDialog

        with self._place:
            return ImportDialog(self._context.imports, self._context.import_uploads)

    @cached_property
    def folder(self) -> 'FolderDialog':
        from chat.ui.settings.folder_dialog import FolderDialog

        with self._place:
            return FolderDialog(self._context.models, self._context.preferences)

    @cached_property
    def share(self) -> 'ShareDialog':
        from chat.ui.share_dialog.share_dialog import ShareDialog

        context = self._context
        with self._place:
            return ShareDialog(context.conversations, context.sharing, context.presence, context.catalog)


class GuestEntry:
    """The page of a guest: the conversation they were invited to, or why it cannot be shown."""

    def __init__(self, context: AppContext, guest: Guest) -> None:
        self._context = context
        self._guest = guest
        ShareWatchdog(hides_when_offline=True)
        UndoToasts()
        self._place = HtmlElement('div', 'guest-page')
        with self._place:
            if live := context.conversations.get(guest.conversation_id):
                self._build_chat(live)
            else:
                start_when_connected(self._show_chat)

    async def _show_chat(self) -> None:
        try:
            live = await self._context.conversations.open(self._guest.conversation_id)
        except (ChatError, OSError) as error:
            with self._place:
                HtmlText('p', error_message(error), 'error-page', data_testid='dead-end')
        else:
            with self._place:
                self._build_chat(live)

    def _build_chat(self, live: LiveConversation) -> None:
        guest = self._guest
        ChatPage(
            live,
            self._context.chat_parts,
            visitor=guest,
            permissions=permissions_of(guest, live.id),
            drafts=self._context.guest_drafts[guest.session_id],
        )


class UpdateNotice(ui.element, component=COMPONENTS / 'update_notice.js'):
    """A page whose server was started anew loads itself anew; the browser knows what it was before."""

    def __init__(self, notices: UndoToasts) -> None:
        super().__init__()
        self._notices = notices
        self.on('updated', parse_event(TEXT, self._show_notice))

    def _show_notice(self, version: str) -> None:
        before = version[:MAX_VERSION_LENGTH]
        self._notices.show_until_closed(f'Parlour now runs version {__version__} (before: {before}).')


class SignInWatch(ui.element, component=COMPONENTS / 'sign_in_watch.js'):
    """Loads a page of a team anew when its person has to sign in again."""


class ShareWatchdog(ui.element, component=COMPONENTS / 'share_watchdog.js'):
    """Leads a page away that finds the door closed, also if it was offline when that happened."""

    def __init__(self, *, hides_when_offline: bool) -> None:
        """If it `hides_when_offline`, the page is put away too while the connection is lost for long."""
        super().__init__()
        self.props['hides-when-offline'] = hides_when_offline
        self.props['ended'] = ENDED_PATH
