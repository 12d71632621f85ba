"""The page of one conversation: top bar, transcript, composer."""

from collections.abc import Callable
from functools import partial

from nicegui import ui

from chat.agent.demo import DEMO
from chat.agent.models import ModelChoices
from chat.conversation.live import LiveConversation
from chat.errors import ChatError, ModelMissing
from chat.ui.following import follow
from chat.ui.house import House
from chat.ui.markup import IconButton, Tag, Text
from chat.ui.notices import notify
from chat.ui.plain_page import TopBar
from chat.ui.room.composer import Composer
from chat.ui.room.model_picker import ModelNotice, ModelPicker
from chat.ui.room.transcript import JumpButton, Transcript
from chat.ui.room.watching import Watching

SUGGESTIONS = (
    'Explain how a rolling median works',
    'Review a Python function with me',
    'Plan a weekend in Lisbon',
    'Show what an answer can hold',
)


class Room(Tag):
    """Follows one conversation for as long as its page is open."""

    def __init__(self, live: LiveConversation, house: House, *, open_sidebar: str) -> None:
        """`open_sidebar` is what the button for it runs in the browser."""
        super().__init__('div', 'room')
        self._live = live
        self._title = ''
        with self:
            with TopBar(open_sidebar):
                self._picker = ModelPicker(live, house.models, house.preferences)
                Tag('span', 'spacer')
                IconButton(
                    'sym_o_contrast',
                    'Light, dark or as the system',
                    'theme-toggle',
                    data_testid='theme-toggle',
                ).on('click', js_handler='() => window.parlourTheme.next()')
            self._transcript = Transcript(live, house.renderings)
            with Tag('div', 'dock'):
                JumpButton()
                self._notice = ModelNotice(live, house.models)
                self._composer = Composer(send=self._send, stop=live.stop)
                Text('p', 'Answers can be wrong. Check what matters.', 'fine-print')
        with self._transcript.thread:
            self._empty = EmptyState(self._send, house.models)
        with self:
            Watching(live)
            follow(live.changed, self._show)

    def _show(self) -> None:
        turns = self._live.turns
        if turns and self._empty:
            self._empty.delete()
            self._empty = None
        self._transcript.show(turns)
        self._composer.show_running(self._live.is_running)
        self._picker.show()
        self._notice.show()
        self._show_title(self._live.details.title or 'Parlour')

    def _show_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            ui.page_title(title)

    def _send(self, prompt: str) -> None:
        try:
            self._live.send(prompt)
        except ChatError as error:
            self._composer.give_back(prompt)
            notify(str(error))
            return
        address = f'/c/{self._live.id}'
        if ui.context.client.sub_pages_router.current_path != address:
            ui.navigate.to(address)


class EmptyState(Tag):
    """What a new conversation shows: a question, and a few ways to begin."""

    def __init__(self, send: Callable[[str], None], models: ModelChoices) -> None:
        super().__init__('div', 'empty-state', data_testid='empty-state')
        self._models = models
        with self:
            Text('h1', 'What are we working on?')
            self._note = Text('p', '', 'empty-note')
            with Tag('div', 'suggestions'):
                for suggestion in SUGGESTIONS:
                    button = Text('button', suggestion, 'suggestion', type='button')
                    button.on('click', partial(send, suggestion), args=[])
            ui.timer(0, self._say_who_answers, once=True)

    async def _say_who_answers(self) -> None:
        try:
            if await self._models.default() == DEMO:
                self._note.set_text(
                    'No model is connected yet: a demo answers, and says how to connect a real one.'
                )
        except ModelMissing as error:
            self._note.set_text(str(error))
