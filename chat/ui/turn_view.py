"""One turn on the page: the prompt, the answer, and how it ended."""

from itertools import takewhile

from nicegui.element import Element
from pydantic_ai import ModelResponsePart, TextPart, ThinkingPart

from chat.conversation.live import LiveConversation
from chat.conversation.turns import Turn
from chat.errors import ChatError
from chat.rendering.blocks import BlockStream
from chat.ui.growing_markdown import GrowingMarkdown
from chat.ui.markup import Tag, Text
from chat.ui.notices import notify
from chat.ui.renderings import Renderings


class TurnView:
    """Shows one turn; built once, then brought up to date by `show`."""

    def __init__(self, live: LiveConversation, turn: Turn, renderings: Renderings) -> None:
        self._live = live
        self._renderings = renderings
        self._turn: Turn | None = None
        self._parts: list[PartView] = []
        self._ending: list[Element] = []
        with Tag(
            'article', 'turn user', data_testid='turn', data_role='user', aria_label='You'
        ) as self._prompt:
            Text('div', turn.question, 'bubble')
        with Tag(
            'article', 'turn assistant', data_testid='turn', data_role='assistant', aria_label='Answer'
        ) as self._article:
            with Tag('p', 'waiting-line'):
                Tag('span', 'diamond', aria_hidden='true')
                Text('span', 'Thinking')
            self._thoughts = Tag('div', 'thoughts')
            self._answer = Tag('div', 'answer', data_testid='answer')
        self.show(turn)

    def show(self, turn: Turn) -> None:
        """Bring the page up to date with the turn as it is now."""
        if turn is self._turn:
            return
        before = self._turn
        self._turn = turn
        self._show_parts(turn)
        if before is None or before.state != turn.state or before.failure != turn.failure:
            self._article.props['data-state'] = turn.state
            self._article.props['aria-busy'] = 'true' if turn.is_running else 'false'
            self._show_ending(turn)

    def delete(self) -> None:
        self._prompt.delete()
        self._article.delete()

    def _show_parts(self, turn: Turn) -> None:
        parts = [part for part in turn.parts if isinstance(part, TextPart | ThinkingPart)]
        fitting = sum(1 for _ in takewhile(fits, zip(self._parts, parts, strict=False)))
        for view in self._parts[fitting:]:
            view.delete()
        del self._parts[fitting:]
        for place, part in enumerate(parts):
            if place == len(self._parts):
                self._parts.append(self._part_view(part))
            self._parts[place].show(part.content, self._stream(turn, place))

    def _part_view(self, part: ModelResponsePart) -> 'PartView':
        if isinstance(part, ThinkingPart):
            with self._thoughts:
                return ThinkingView()
        with self._answer:
            return PartView()

    def _stream(self, turn: Turn, place: int) -> BlockStream | None:
        """The shared rendering of a part that grows; a turn that is over has none."""
        return self._renderings.stream(self._live, turn.id, place) if turn.is_running else None

    def _show_ending(self, turn: Turn) -> None:
        for element in self._ending:
            element.delete()
        self._ending = []
        if turn.state not in ('stopped', 'failed'):
            return
        with self._article:
            sentence = Text('p', turn.failure or 'Stopped', 'ending')
            button = Text('button', 'Try again', 'text-button', type='button', data_testid='retry')
        button.on('click', self._retry, args=[])
        self._ending = [sentence, button]

    def _retry(self) -> None:
        try:
            self._live.retry()
        except ChatError as error:
            notify(str(error))


class PartView:
    """One text of an answer."""

    def __init__(self) -> None:
        self._markdown = GrowingMarkdown()
        self._grew = False

    def show(self, text: str, stream: BlockStream | None) -> None:
        """Show the text; with a stream it may still grow, without one it is whole."""
        if stream:
            self._markdown.grow(text, stream)
            self._grew = True
        elif self._grew:  # before these eyes, and has ended now
            self._markdown.settle(text)
            self._grew = False
        elif self._markdown.content != text:
            self._markdown.content = text

    def delete(self) -> None:
        self._markdown.delete()


class ThinkingView(PartView):
    """What the model thought before it answered, folded away."""

    def __init__(self) -> None:
        with Tag('details', 'thinking', data_testid='thinking') as self._details:
            Text('summary', 'Thinking')
            super().__init__()

    def delete(self) -> None:
        self._details.delete()


def fits(pair: tuple[PartView, TextPart | ThinkingPart]) -> bool:
    """Whether a view can show a part; a second answer to the same question may have other parts."""
    view, part = pair
    return isinstance(view, ThinkingView) == isinstance(part, ThinkingPart)
