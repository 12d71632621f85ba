"""The page of a guest: the conversation they were invited to, and only what they may do there."""

from functools import partial

from nicegui import ui

from chat.conversation.failures import error_message
from chat.conversation.live import LiveConversation
from chat.errors import ChatError
from chat.sharing.access import Guest
from chat.ui.app_context import AppContext
from chat.ui.chat.live_region import LiveRegion
from chat.ui.chat.message_list import JumpButton, MessageList
from chat.ui.chat.prompt_queue import PromptQueueView
from chat.ui.chat.prompt_sender import PromptSender
from chat.ui.chat.turn_actions import TurnViewer
from chat.ui.chat.typing_indicator import TypingIndicator
from chat.ui.chat.viewer_list import ViewerList
from chat.ui.follow import follow
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.notifications import UndoToasts
from chat.ui.plain_page import theme_toggle
from chat.ui.share_watchdog import ShareWatchdog

READ_ONLY_MESSAGE = 'View only. New messages appear as they are written.'


class GuestEntry:
    """Leads to the room, or says why there is none."""

    def __init__(self, context: AppContext, guest: Guest) -> None:
        self._house = context
        self._guest = guest
        ShareWatchdog(hide_when_offline=False)
        UndoToasts()
        self._place = HtmlElement('div', 'guest-page')
        with self._place:
            if live := context.conversations.get(guest.conversation_id):
                GuestChatPage(live, context, guest)
            else:
                ui.timer(0, self._show_chat, once=True)

    async def _show_chat(self) -> None:
        try:
            live = await self._house.conversations.open(self._guest.conversation_id)
        except (ChatError, OSError) as error:
            with self._place:
                HtmlText('p', error_message(error), 'missing-page', data_testid='dead-end')
        else:
            with self._place:
                GuestChatPage(live, self._house, self._guest)


class GuestChatPage(HtmlElement):
    """Follows one conversation; who may not write has no element to write with, and no handler behind one."""

    def __init__(self, live: LiveConversation, context: AppContext, guest: Guest) -> None:
        super().__init__('div', 'page')
        self._live = live
        self._composer = None
        with self:
            with HtmlElement('header', 'topbar guest-bar'):
                self._title = HtmlText('h1', '', 'page-title', data_testid='title')
                HtmlElement('span', 'spacer')
                attendance = ViewerList(live, context.presence, guest)
                theme_toggle()
            self._transcript = MessageList(live, TurnViewer(guest), context.stream_cache)
            with HtmlElement('div', 'dock'):
                JumpButton()
                self._queue = PromptQueueView(live)
                TypingIndicator(live, context.presence, attendance)
                if guest.can_write(live.id):
                    draft = context.guest_drafts[guest.session_id]
                    sent = partial(context.presence.stopped_typing, attendance)
                    self._composer = PromptSender(live, context, draft, guest, on_sent=sent).composer
                    HtmlText('p', f"You're chatting as {guest.name}.", 'fine-print')
                else:
                    HtmlText('p', READ_ONLY_MESSAGE, 'fine-print')
            self._status = LiveRegion()
            follow(live.changed, self._show)

    def _show(self) -> None:
        turns = self._live.turns
        self._transcript.show(turns)
        self._status.show(turns)
        self._queue.show()
        if self._composer:
            self._composer.show()
        title = self._live.metadata.title or 'Parlour'
        if title != self._title.text:
            self._title.set_text(title)
            ui.page_title(title)
