"""The page of a guest: the conversation they were invited to, and only what they may do there."""

from functools import partial

from nicegui import ui

from chat.conversation.failure import error_message
from chat.conversation.live import LiveConversation
from chat.errors import ChatError
from chat.share.visitor import Guest
from chat.ui.following import follow
from chat.ui.house import House
from chat.ui.markup import Tag, Text
from chat.ui.notices import Notices
from chat.ui.plain_page import theme_toggle
from chat.ui.room.acts import Looker
from chat.ui.room.attendance import Attendance
from chat.ui.room.delivery import Delivery
from chat.ui.room.queue_view import QueueView
from chat.ui.room.status_line import StatusLine
from chat.ui.room.transcript import JumpButton, Transcript
from chat.ui.room.typing_note import TypingNote
from chat.ui.tether import Tether

READ_ONLY = 'You can read here. What is said appears as it is written.'


class GuestPage:
    """Leads to the room, or says why there is none."""

    def __init__(self, house: House, guest: Guest) -> None:
        self._house = house
        self._guest = guest
        Tether(stays=False)
        Notices()
        self._place = Tag('div', 'guest-page')
        with self._place:
            if live := house.opened.get(guest.conversation_id):
                GuestRoom(live, house, guest)
            else:
                ui.timer(0, self._enter, once=True)

    async def _enter(self) -> None:
        try:
            live = await self._house.opened.open(self._guest.conversation_id)
        except (ChatError, OSError) as error:
            with self._place:
                Text('p', error_message(error), 'missing-page', data_testid='dead-end')
        else:
            with self._place:
                GuestRoom(live, self._house, self._guest)


class GuestRoom(Tag):
    """Follows one conversation; who may not write has no element to write with, and no handler behind one."""

    def __init__(self, live: LiveConversation, house: House, guest: Guest) -> None:
        super().__init__('div', 'room')
        self._live = live
        self._composer = None
        with self:
            with Tag('header', 'topbar guest-bar'):
                self._title = Text('h1', '', 'page-title', data_testid='title')
                Tag('span', 'spacer')
                attendance = Attendance(live, house.presence, guest)
                theme_toggle()
            self._transcript = Transcript(live, Looker(guest), house.renderings)
            with Tag('div', 'dock'):
                JumpButton()
                self._queue = QueueView(live)
                TypingNote(live, house.presence, attendance)
                if guest.can_write(live.id):
                    unsent = house.unsent_of_guests[guest.session_id]
                    sent = partial(house.presence.stopped_typing, attendance)
                    self._composer = Delivery(live, house, unsent, guest, sent=sent).composer
                    Text('p', f'You write as {guest.name}.', 'fine-print')
                else:
                    Text('p', READ_ONLY, 'fine-print')
            self._status = StatusLine()
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
