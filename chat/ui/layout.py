"""The shell around every page: the sidebar stays, what is beside it is swapped."""

from html import escape

from nicegui import ui

from chat.sharing.access import Owner
from chat.ui.addresses import address_prefix
from chat.ui.app_context import AppContext
from chat.ui.chat.chat_page import AppShell
from chat.ui.conversation_actions import ConversationActions
from chat.ui.notifications import UndoToasts
from chat.ui.router import PageRouter
from chat.ui.search.search_dialog import SearchDialog
from chat.ui.share_dialog.share_dialog import ShareDialog
from chat.ui.sidebar.conversation_list import ConversationList
from chat.ui.sidebar.sidebar import Sidebar
from chat.ui.theme import HOME_SCREEN_HEAD
from chat.ui.update_notice import UpdateNotice

PHONE_MAX_WIDTH = 767
"""Pixels up to which the sidebar lies over the page instead of beside it."""

LINK_CLICKED_ON_PHONE_SCRIPT = f'innerWidth <= {PHONE_MAX_WIDTH} && event.target.closest("a, .sidebar-way")'
"""In the browser: whether a click in the sidebar led to something that it now hides."""


class AppLayout:
    """One browser page, and the addresses it can go to without being loaded again."""

    def __init__(self, context: AppContext, visitor: Owner) -> None:
        ui.add_head_html(HOME_SCREEN_HEAD.format(prefix=escape(address_prefix())))
        notices = UndoToasts()
        UpdateNotice(notices)
        conversation_actions = ConversationActions(
            context.conversations, context.storage, context.sharing, notices
        )
        search = SearchDialog(context.catalog, context.storage.search)
        share = ShareDialog(context.conversations, context.sharing, context.presence, context.catalog)
        drawer = ui.left_drawer(value=False).props(f'show-if-above width=268 breakpoint={PHONE_MAX_WIDTH}')
        hide = f'getElement({drawer.id}).hide()'
        with drawer:
            sidebar = Sidebar(
                context.storage,
                context.sharing,
                make_list=lambda: ConversationList(
                    context.conversations, context.listings, conversation_actions
                ),
                close=f'() => {hide}',
                search=f'() => getElement({search.id}).open()',
                share=share.open,
            )
        sidebar.on('click', js_handler=f'(event) => {{ if ({LINK_CLICKED_ON_PHONE_SCRIPT}) {hide} }}')
        show_sidebar = f'() => getElement({drawer.id}).show()'
        shell = AppShell(actions=conversation_actions, open_sidebar=show_sidebar, share=share.open)
        PageRouter(context, visitor, sidebar, shell)
