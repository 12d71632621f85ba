"""The page of one conversation: top bar, transcript, composer."""

from collections.abc import Callable

from nicegui import ui

from chat.conversation.live import LiveConversation
from chat.conversation.messages import attachments_of, prompt_text, turn_id_of
from chat.conversation.storage import Draft
from chat.sharing.access import Owner
from chat.ui.app_context import AppContext
from chat.ui.chat.chat_header import ChatHeader
from chat.ui.chat.chat_settings_dialog import ChatSettingsButton, ChatSettingsDialog
from chat.ui.chat.getting_started import GettingStarted
from chat.ui.chat.live_region import LiveRegion
from chat.ui.chat.message_list import JumpButton, MessageList
from chat.ui.chat.model_picker import ModelNotice, ModelPicker
from chat.ui.chat.page_visibility import PageVisibility
from chat.ui.chat.prompt_queue import PromptQueueView
from chat.ui.chat.prompt_sender import PromptSender
from chat.ui.chat.turn_actions import TurnActions, notifying_errors
from chat.ui.chat.typing_indicator import TypingIndicator
from chat.ui.chat.viewer_list import ViewerList
from chat.ui.conversation_actions import ConversationActions
from chat.ui.follow import follow
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.plain_page import TopBar, theme_toggle


class ChatPage(HtmlElement):
    """Follows one conversation for as long as its page is open."""

    def __init__(
        self,
        live: LiveConversation,
        context: AppContext,
        conversation_actions: ConversationActions,
        *,
        open_sidebar: str,
        share: Callable[[], None],
    ) -> None:
        """`open_sidebar` is what the button for it runs in the browser; `share` opens the dialog for that."""
        super().__init__('div', 'page')
        self._live = live
        self._house = context
        self._title = ''
        with self:
            with TopBar(open_sidebar).classes('chat-bar'):
                self._head = ChatHeader(live, conversation_actions)
                HtmlElement('span', 'spacer')
                self._attendance = ViewerList(live, context.presence, Owner())
                self._picker = ModelPicker(live, context.models, context.preferences)
                self._manner_button = ChatSettingsButton(live)
                theme_toggle()
                share_button = IconButton(
                    'sym_o_ios_share', 'Share on this network', 'share-button', data_testid='share'
                )
                share_button.on('click', share, args=[])
            self._transcript = MessageList(live, TurnActions(live, context), context.stream_cache)
            with HtmlElement('div', 'dock'):
                JumpButton()
                self._notice = ModelNotice(live, context.models)
                self._queue = PromptQueueView(live, edit=self._edit)
                TypingIndicator(live, context.presence, self._attendance)
                self._composer = PromptSender(
                    live, context, context.storage.drafts, Owner(), on_sent=self._go_to_address
                ).composer
                HtmlText('p', 'Answers can be wrong. Check what matters.', 'fine-print')
            self._status = LiveRegion()
            self._manner = ChatSettingsDialog(live, context.preferences)
        with self._transcript.thread:
            self._empty = GettingStarted(live, context, send=self._send_first_prompt)
        with self:
            PageVisibility(live)
            follow(live.changed, self._show)
            follow(context.storage.drafts.changed, self._composer.show_draft)
            follow(context.preferences.changed, self._show_send_key)

    def _show(self) -> None:
        turns = self._live.turns
        if turns and self._empty:
            self._empty.delete()
            self._empty = None
        elif self._empty:
            self._empty.show()
        self._transcript.show(turns)
        self._status.show(turns)
        self._composer.show()
        self._queue.show()
        self._head.show()
        self._picker.show()
        self._manner_button.show()
        self._manner.show()
        self._notice.show()
        self._show_title(self._live.metadata.title or 'Parlour')

    def scroll_to_message(self, entry_id: str) -> None:
        """Lead the reader to a message, on whatever branch it is."""
        self._transcript.scroll_to_message(entry_id)

    def _show_send_key(self) -> None:
        self._composer.show_send_key(self._house.preferences.current.send_key)

    def _show_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            ui.page_title(title)

    async def _edit(self, turn_id: str) -> None:
        """Take a prompt out of the queue and put it into the box."""
        if prompt := next((one for one in self._live.queue if turn_id_of(one) == turn_id), None):
            draft = Draft(text=prompt_text(prompt), attachments=tuple(attachments_of(prompt)))
            await self._composer.return_to_box(draft)
            await self._live.remove_from_queue(turn_id)

    def _send_first_prompt(self, prompt: str) -> None:
        if self._live.is_running:
            return  # a second click, before the suggestions have gone
        with notifying_errors():
            self._live.send(prompt)
        self._go_to_address()

    def _go_to_address(self) -> None:
        if self.is_deleted:
            return  # the person has gone elsewhere while the prompt was being stored
        address = f'/c/{self._live.id}'
        if ui.context.client.sub_pages_router.current_path != address:
            ui.navigate.to(address)
