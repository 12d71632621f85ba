"""The page of a guest: the conversation they were invited to, and only what they may do there."""

from nicegui import ui

from chat.conversation.failures import error_message
from chat.conversation.live import LiveConversation
from chat.errors import ChatError
from chat.sharing.access import Guest
from chat.ui.app_context import AppContext
from chat.ui.chat.chat_page import ChatPage
from chat.ui.chat.permissions import permissions_of
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.notifications import UndoToasts
from chat.ui.share_watchdog import ShareWatchdog


class GuestEntry:
    """Leads to the room, or says why there is none."""

    def __init__(self, context: AppContext, guest: Guest) -> None:
        self._context = context
        self._guest = guest
        ShareWatchdog(hide_when_offline=False)
        UndoToasts()
        self._place = HtmlElement('div', 'guest-page')
        with self._place:
            if live := context.conversations.get(guest.conversation_id):
                self._build_chat(live)
            else:
                ui.timer(0, self._show_chat, once=True)

    async def _show_chat(self) -> None:
        try:
            live = await self._context.conversations.open(self._guest.conversation_id)
        except (ChatError, OSError) as error:
            with self._place:
                HtmlText('p', error_message(error), 'missing-page', data_testid='dead-end')
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
