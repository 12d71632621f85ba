"""The page of a guest: the conversation they were invited to, and only what they may do there."""

from functools import partial

from nicegui import ui

from chat.conversation.live import LiveConversation
from chat.errors import ChatError, ConversationNotFound
from chat.share.visitor import Guest
from chat.ui.following import follow
from chat.ui.house import House
from chat.ui.markup import Tag, Text
from chat.ui.notices import notify
from chat.ui.room.growing_markdown import GrowingMarkdown


class GuestRoom:
    """Follows one conversation; who may not write has no element to write with, and no handler behind one."""

    def __init__(self, house: House, guest: Guest) -> None:
        self._house = house
        self._guest = guest
        ui.timer(0, self._enter, once=True)

    async def _enter(self) -> None:
        try:
            live = await self._house.opened.open(self._guest.conversation_id)
        except ConversationNotFound as error:
            Text('p', str(error), 'missing-page')
            return
        with Tag('div', 'room'):
            with Tag('div', 'scroller', tabindex='0'):
                thread = Tag('div', 'thread', data_testid='transcript')
            if self._guest.may_write(live.id):
                with Tag('div', 'dock'):
                    self._build_box(live)
            follow(live.changed, partial(self._show, live, thread))

    def _build_box(self, live: LiveConversation) -> None:
        box = ui.textarea(placeholder='Ask anything').props('data-testid=composer aria-label=Message')
        send = Text('button', 'Send', 'text-button', type='button', data_testid='send')
        send.on('click', lambda: self._send(live, box), args=[])
        stop = Text('button', 'Stop', 'text-button', type='button', data_testid='stop')
        stop.on('click', live.stop, args=[])

    def _send(self, live: LiveConversation, box: ui.textarea) -> None:
        try:
            live.send(box.value or '')
        except ChatError as error:
            notify(str(error))
        else:
            box.value = ''

    def _show(self, live: LiveConversation, thread: Tag) -> None:
        thread.clear()
        with thread:
            for turn in live.turns:
                with Tag('article', 'turn user', data_testid='turn', data_role='user'):
                    Text('div', turn.question, 'bubble')
                with (
                    Tag('article', 'turn assistant', data_testid='turn', data_role='assistant'),
                    Tag('div', 'answer', data_testid='answer'),
                ):
                    GrowingMarkdown().content = turn.text
