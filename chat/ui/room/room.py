"""The page of one conversation: top bar, transcript, composer."""

from collections.abc import Callable

from nicegui import ui

from chat.conversation.live import LiveConversation
from chat.conversation.messages import attachments_of, prompt_text, turn_id_of
from chat.share.visitor import Owner
from chat.store.files.unsent import Draft
from chat.ui.following import follow
from chat.ui.house import House
from chat.ui.housekeeping import Housekeeping
from chat.ui.markup import IconButton, Tag, Text
from chat.ui.plain_page import TopBar, theme_toggle
from chat.ui.room.acts import Acts, saying_why_not
from chat.ui.room.attendance import Attendance
from chat.ui.room.chat_head import ChatHead
from chat.ui.room.delivery import Delivery
from chat.ui.room.empty_state import EmptyState
from chat.ui.room.manner_dialog import MannerButton, MannerDialog
from chat.ui.room.model_picker import ModelNotice, ModelPicker
from chat.ui.room.queue_view import QueueView
from chat.ui.room.status_line import StatusLine
from chat.ui.room.transcript import JumpButton, Transcript
from chat.ui.room.typing_note import TypingNote
from chat.ui.room.watching import Watching


class Room(Tag):
    """Follows one conversation for as long as its page is open."""

    def __init__(
        self,
        live: LiveConversation,
        house: House,
        housekeeping: Housekeeping,
        *,
        open_sidebar: str,
        share: Callable[[], None],
    ) -> None:
        """`open_sidebar` is what the button for it runs in the browser; `share` opens the dialog for that."""
        super().__init__('div', 'room')
        self._live = live
        self._house = house
        self._title = ''
        with self:
            with TopBar(open_sidebar).classes('chat-bar'):
                self._head = ChatHead(live, housekeeping)
                Tag('span', 'spacer')
                self._attendance = Attendance(live, house.presence, Owner())
                self._picker = ModelPicker(live, house.models, house.preferences)
                self._manner_button = MannerButton(live)
                theme_toggle()
                share_button = IconButton(
                    'sym_o_ios_share', 'Share on this network', 'share-button', data_testid='share'
                )
                share_button.on('click', share, args=[])
            self._transcript = Transcript(live, Acts(live, house), house.renderings)
            with Tag('div', 'dock'):
                JumpButton()
                self._notice = ModelNotice(live, house.models)
                self._queue = QueueView(live, edit=self._edit)
                TypingNote(live, house.presence, self._attendance)
                self._composer = Delivery(
                    live, house, house.folder.drafts, Owner(), sent=self._go_to_address
                ).composer
                Text('p', 'Answers can be wrong. Check what matters.', 'fine-print')
            self._status = StatusLine()
            self._manner = MannerDialog(live, house.preferences)
        with self._transcript.thread:
            self._empty = EmptyState(live, house, send=self._begin)
        with self:
            Watching(live)
            follow(live.changed, self._show)
            follow(house.folder.drafts.changed, self._composer.show_unsent)
            follow(house.preferences.changed, self._show_send_key)

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

    def reach(self, entry_id: str) -> None:
        """Lead the reader to a message, on whatever branch it is."""
        self._transcript.reach(entry_id)

    def _show_send_key(self) -> None:
        self._composer.show_send_key(self._house.preferences.current.send_key)

    def _show_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            ui.page_title(title)

    async def _edit(self, turn_id: str) -> None:
        """Take a prompt out of the queue and put it into the box."""
        if prompt := next((one for one in self._live.queue if turn_id_of(one) == turn_id), None):
            unsent = Draft(text=prompt_text(prompt), attachments=tuple(attachments_of(prompt)))
            await self._composer.give_back(unsent)
            await self._live.remove_from_queue(turn_id)

    def _begin(self, prompt: str) -> None:
        with saying_why_not():
            self._live.send(prompt)
        self._go_to_address()

    def _go_to_address(self) -> None:
        if self.is_deleted:
            return  # the person has gone elsewhere while the prompt was being stored
        address = f'/c/{self._live.id}'
        if ui.context.client.sub_pages_router.current_path != address:
            ui.navigate.to(address)
