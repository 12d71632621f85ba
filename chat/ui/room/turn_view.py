"""One turn on the page: the prompt, the answer, and how it ended."""

from collections.abc import Callable
from functools import partial
from itertools import takewhile

from nicegui.element import Element

from chat.conversation.live import LiveConversation
from chat.conversation.messages import Passage
from chat.conversation.turns import Turn
from chat.errors import ChatError
from chat.rendering.blocks import BlockStream
from chat.ui.markup import Tag, Text
from chat.ui.notices import notify
from chat.ui.room.attached_view import show_attached
from chat.ui.room.passage_view import PassageView, ThinkingView, fits
from chat.ui.room.renderings import Renderings


class TurnView:
    """Shows one turn; built once, then brought up to date by `show`."""

    def __init__(self, live: LiveConversation, turn: Turn, renderings: Renderings) -> None:
        self._live = live
        self._renderings = renderings
        self._turn: Turn | None = None
        self._is_last = False
        self._passages: list[PassageView] = []
        self._ending: list[Element] = []
        with Tag(
            'article', 'turn user', data_testid='turn', data_role='user', aria_label='You'
        ) as self._prompt:
            show_attached(turn.attached)
            if turn.question.strip():
                Text('div', turn.question, 'bubble')
        with Tag(
            'article', 'turn assistant', data_testid='turn', data_role='assistant', aria_label='Answer'
        ) as self._article:
            with Tag('p', 'waiting-line'):
                Tag('span', 'diamond', aria_hidden='true')
                Text('span', 'Thinking')
            self._thoughts = Tag('div', 'thoughts')
            self._answer = Tag('div', 'answer', data_testid='answer')
        self.show(turn, is_last=False)

    def show(self, turn: Turn, *, is_last: bool) -> None:
        """Bring the page up to date with the turn as it is now; only the last one can be tried again."""
        if turn is self._turn and is_last == self._is_last:
            return
        before, was_last = self._turn, self._is_last
        self._turn, self._is_last = turn, is_last
        self._show_passages(turn)
        if before is None or (before.state, before.failure, was_last) != (turn.state, turn.failure, is_last):
            self._article.props['data-state'] = turn.state
            self._article.props['aria-busy'] = 'true' if turn.is_running else 'false'
            self._show_ending(turn)

    def move(self, index: int) -> None:
        """Take this place, and the one after it, among the children of the parent."""
        self._prompt.move(target_index=index)
        self._article.move(target_index=index + 1)

    def delete(self) -> None:
        self._prompt.delete()
        self._article.delete()

    def _show_passages(self, turn: Turn) -> None:
        passages = turn.passages
        fitting = sum(1 for _ in takewhile(fits, zip(self._passages, passages, strict=False)))
        for view in self._passages[fitting:]:
            view.delete()
        del self._passages[fitting:]
        for place, passage in enumerate(passages):
            if place == len(self._passages):
                self._passages.append(self._view_of(passage))
            self._passages[place].show(passage.text, self._stream(turn, place))

    def _view_of(self, passage: Passage) -> PassageView:
        with self._thoughts if passage.kind == 'thinking' else self._answer:
            return ThinkingView() if passage.kind == 'thinking' else PassageView()

    def _stream(self, turn: Turn, place: int) -> BlockStream | None:
        """The shared rendering of a passage that grows; a turn that is over has none."""
        return self._renderings.stream(self._live, turn.id, place) if turn.is_running else None

    def _show_ending(self, turn: Turn) -> None:
        for element in self._ending:
            element.delete()
        self._ending = []
        if turn.state not in ('stopped', 'failed'):
            return
        with self._article:
            self._ending.append(Text('p', turn.failure or 'Stopped', 'ending'))
            if not self._is_last:
                return
            if turn.can_go_on:
                self._ending.append(self._button('Continue', 'continue', self._live.go_on))
            again = ('Try again', 'retry') if turn.state == 'failed' else ('Regenerate', 'regenerate')
            self._ending.append(self._button(*again, self._live.retry))

    def _button(self, label: str, testid: str, act: Callable[[], None]) -> Element:
        button = Text('button', label, 'text-button', type='button', data_testid=testid)
        return button.on('click', partial(attempt, act), args=[])


def attempt(act: Callable[[], None]) -> None:
    """Do it, or say why it cannot be done."""
    try:
        act()
    except ChatError as error:
        notify(str(error))
