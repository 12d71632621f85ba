"""What each address shows."""

from collections.abc import Awaitable
from functools import partial
from urllib.parse import parse_qs, urlsplit

from nicegui import PageArguments, ui

from chat.conversation.error_messages import error_message
from chat.conversation.live_conversation import LiveConversation
from chat.errors import ChatError, ConversationNotFound
from chat.nicegui_compat import move_sub_page
from chat.sharing.access import Owner
from chat.ui.app_context import AppContext
from chat.ui.chat.chat_page import ChatPage
from chat.ui.chat.chat_parts import AppShell
from chat.ui.chat.permissions import permissions_of
from chat.ui.follow_changes import follow
from chat.ui.layout import ErrorPage, PageNavigation, Skeleton
from chat.ui.sidebar import Sidebar

INCOMPLETE_ADDRESS_MESSAGE = (
    'It may have been deleted, or have been a temporary chat, or the address may be wrong.'
)


class PageRouter:
    """The part of a page that changes: with the address, and when its conversation is deleted or restored.

    What no chat shows is imported when somebody goes there.
    """

    def __init__(
        self,
        context: AppContext,
        visitor: Owner,
        sidebar: Sidebar,
        shell: AppShell,
    ) -> None:
        self._context = context
        self._visitor = visitor
        self._sidebar = sidebar
        self._shell = shell
        self._client = ui.context.client
        self._router = self._client.sub_pages_router
        self._router.on_path_changed(self._scroll_to_address)
        self._shown: ChatPage | None = None
        self._conversation_id = ''
        self._back = '/'
        """The address of the last chat that was shown here."""
        self._is_deleted = False
        """Whether the page says that its conversation is in the trash."""
        self._has_ended = False
        """Whether it says that it was a temporary one."""
        self._is_missing = False
        """Whether it says that there is none. It may come, from another node or an import."""
        self._pages = ui.sub_pages(
            {
                '/': self._home,
                '/c/{conversation_id}': self._conversation,
                '/archive': self._archive,
                '/trash': self._trash,
                '/settings': self._settings,
                '/usage': self._usage,
                '/settings/mcp': self._mcp,
                '/settings/library': self._library,
                '/admin': self._admin,
            },
            show_404=False,
        )
        for there in (context.catalog, context.storage.trash, context.conversations.temporary):
            follow(there.changed, self._follow_existence)

    def _home(self, arguments: PageArguments) -> None:
        self._show_active('')
        self._back = '/'
        if arguments.remaining_path:
            self._show_not_found('Page not found.')
        else:
            self._show_chat(self._context.new_chat(arguments.query_parameters.get('folder', '')))

    def _archive(self) -> None:
        from chat.ui.archive_and_trash import archive_page

        self._show_active('', page='/archive')
        archive_page(self._context.catalog, self._shell.actions, self._navigation)

    def _trash(self) -> None:
        from chat.ui.archive_and_trash import trash_page

        self._show_active('', page='/trash')
        trash_page(self._context.storage.trash, self._shell.actions, self._navigation)

    def _settings(self) -> None:
        from chat.ui.settings.page import settings_page

        self._show_active('', page='/settings')
        context = self._context
        settings_page(
            context.storage,
            context.models,
            context.preferences,
            context.keys,
            context.added,
            context.mcp_servers,
            context.library,
            context.lock,
            context.retention,
            self._navigation,
            self._shell,
            is_team=bool(context.user),
        )

    def _usage(self) -> None:
        from chat.ui.usage_page import usage_page

        self._show_active('', page='/usage')
        usage_page(self._context.conversations.ledger, self._navigation)

    def _mcp(self) -> None:
        from chat.ui.settings.mcp_page import mcp_page

        self._show_active('', page='/settings')
        navigation = PageNavigation(open_sidebar=self._shell.open_sidebar, back='/settings')
        context = self._context
        if context.user:  # servers of a team are set where it is started
            self._show_not_found('Page not found.')
            return
        mcp_page(context.mcp_servers, context.preferences, context.storage.path, navigation)

    def _admin(self) -> None:
        from chat.ui.admin_page import admin_page

        administration = self._context.administration
        self._show_active('', page='/admin')
        if administration is None:
            self._show_not_found('Page not found.')
        else:
            admin_page(administration, self._navigation)

    def _library(self) -> None:
        from chat.ui.settings.library_page import library_page

        self._show_active('', page='/settings')
        context = self._context
        library_page(
            context.library,
            context.models,
            context.preferences,
            context.conversations.agents.first.built_in_tools,
            PageNavigation(open_sidebar=self._shell.open_sidebar, back='/settings'),
        )

    @property
    def _navigation(self) -> PageNavigation:
        return PageNavigation(open_sidebar=self._shell.open_sidebar, back=self._back)

    def _conversation(self, conversation_id: str) -> Awaitable[None] | None:
        """Show a conversation at once if it is open, else as soon as it is read.

        It takes no `PageArguments`: with them it would be built anew to show another message of it.
        """
        self._show_active(conversation_id)
        self._back = f'/c/{conversation_id}'
        if urlsplit(self._router.current_path).path.rstrip('/') != f'/c/{conversation_id}':
            return self._show_not_found(ConversationNotFound.sentence)
        if self._is_deleted:
            return self._show_deleted(conversation_id)
        if live := self._context.conversations.get(conversation_id):
            return self._show_chat(live)
        if self._context.catalog.has(conversation_id):
            return self._load_and_show(conversation_id)
        if self._has_ended:
            return self._show_ended()
        if problem := self._context.catalog.problem_of(conversation_id):
            return self._show_unreadable(problem.sentence)
        self._is_missing = True
        return self._show_not_found(ConversationNotFound.sentence)

    async def _load_and_show(self, conversation_id: str) -> None:
        skeleton = Skeleton()
        try:
            live = await self._context.conversations.open(conversation_id)
        except (ChatError, OSError) as error:
            skeleton.delete()
            self._show_unreadable(error_message(error))
        else:
            skeleton.delete()
            self._show_chat(live)

    def _show_chat(self, live: LiveConversation) -> None:
        self._shown = ChatPage(
            live,
            self._context.chat_parts,
            visitor=self._visitor,
            permissions=permissions_of(self._visitor, live.id),
            drafts=self._context.drafts,
            shell=self._shell,
            on_begun=partial(self._move, live),
        )
        self._scroll_to_address(self._router.current_path)

    def _move(self, live: LiveConversation) -> None:
        """Give the page of a new chat its address, once it has begun; a temporary one has it before that."""
        has_address = live.turns or live.place.is_temporary
        shown, address = self._shown, f'/c/{live.id}' if has_address else '/'
        if self._router.current_path != address:
            self._show_active(live.id if has_address else '')
            self._shown, self._back = shown, address
            move_sub_page(self._pages, address)

    def _scroll_to_address(self, address: str) -> None:
        """Lead to the message that an address names, if it is in the conversation that is shown.

        The address of the page forgets it then: a reload must not lead there again.
        """
        parts = urlsplit(address)
        entry_ids = parse_qs(parts.query).get('at', [])
        if self._shown and entry_ids and parts.path.rstrip('/') == f'/c/{self._conversation_id}':
            self._router.current_path = parts.path
            self._shown.scroll_to_message(entry_ids[-1])

    def _show_not_found(self, sentence: str) -> None:
        self._client.status_code = 404
        ErrorPage(sentence, INCOMPLETE_ADDRESS_MESSAGE, open_sidebar=self._shell.open_sidebar)

    def _show_deleted(self, conversation_id: str) -> None:
        self._client.status_code = 404
        page = ErrorPage(
            'This chat is in the trash.',
            'You can restore it.',
            open_sidebar=self._shell.open_sidebar,
        )
        page.add_action('Restore', lambda: self._shell.actions.restore(conversation_id))

    def _show_ended(self) -> None:
        self._client.status_code = 404
        ErrorPage(
            'This temporary chat has ended.',
            'Nothing of it was kept.',
            open_sidebar=self._shell.open_sidebar,
        )

    def _show_unreadable(self, why: str) -> None:
        ErrorPage("This chat can't be shown.", why, open_sidebar=self._shell.open_sidebar)

    def _show_active(self, conversation_id: str, *, page: str = '') -> None:
        self._shown = None
        self._conversation_id = conversation_id
        self._is_missing = False
        self._is_deleted = self._context.is_deleted(conversation_id)
        self._has_ended = self._context.conversations.temporary.has_ended(conversation_id)
        self._sidebar.mark_active(conversation_id, page)

    def _follow_existence(self) -> None:
        """Show the page anew when its conversation goes to the trash, comes, comes back, or has ended."""
        has_come = self._is_missing and self._context.catalog.has(self._conversation_id)
        has_ended = self._context.conversations.temporary.has_ended(self._conversation_id)
        is_deleted = self._context.is_deleted(self._conversation_id)
        if has_come or (self._is_deleted, self._has_ended) != (is_deleted, has_ended):
            self._pages.refresh()
