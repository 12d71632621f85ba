"""An answer on the page: what was thought, done and said, how it ended, and what can be done with it."""

from collections.abc import Callable
from functools import partial
from itertools import takewhile

from nicegui import ui
from nicegui.element import Element

from chat.conversation.live import LiveConversation
from chat.conversation.passages import AnswerPart
from chat.conversation.turns import Turn
from chat.rendering.blocks import BlockStream
from chat.ui.markup import Tag, Text
from chat.ui.room.acts import Acts, Looker
from chat.ui.room.answer_actions import AnswerActions
from chat.ui.room.context_view import ContextFull, ContextLine, answered_without
from chat.ui.room.passage_view import PassageView, TextView, ThinkingView
from chat.ui.room.renderings import Renderings
from chat.ui.room.tool_view import ToolView
from chat.ui.room.way_out import way_out

THINKING = 'Thinking'


class AnswerView(Tag):
    """Shows one answer; built once, then brought up to date by `show`."""

    def __init__(self, live: LiveConversation, turn: Turn, looker: Looker, renderings: Renderings) -> None:
        super().__init__(
            'article', 'turn assistant', data_testid='turn', data_role='assistant', aria_label='Answer'
        )
        self.props['data-turn'] = turn.id
        self._live = live
        self._acts = looker if isinstance(looker, Acts) else None
        self._renderings = renderings
        self._passages: list[PassageView] = []
        self._ending: list[Element] = []
        self._shown: object = None
        with self:
            with Tag('p', 'waiting-line'):
                Tag('span', 'diamond', aria_hidden='true')
                self._waiting = Text('span', THINKING)
            self._steps = Tag('div', 'steps')
            self._answer = Tag('div', 'answer', data_testid='answer')
            self._actions = AnswerActions(turn, looker)
            self._origin = Tag('p', 'origin')

    def show(self, turn: Turn, *, is_last: bool) -> None:
        """Bring the page up to date with the turn as it is now; only the last one can go on."""
        self._show_passages(turn)
        self._actions.show(turn)
        if self._waiting.text != (words := turn.notice or THINKING):
            self._waiting.set_text(words)
        shown = (turn.state, turn.failure, turn.answer_entry_id, is_last, turn.is_excluded)
        if shown != self._shown:
            self._shown = shown
            self.props['data-state'] = turn.state
            self.props['data-entry'] = turn.answer_entry_id
            self.props['aria-busy'] = 'true' if turn.is_running else 'false'
            self._show_ending(turn, is_last=is_last)
            self._show_origin(turn)

    def _show_passages(self, turn: Turn) -> None:
        passages = turn.answer_parts
        pairs = zip(self._passages, passages, strict=False)
        fitting = sum(1 for _ in takewhile(lambda pair: pair[0].fits(pair[1]), pairs))
        for view in self._passages[fitting:]:
            view.delete()
        del self._passages[fitting:]
        for place, passage in enumerate(passages):
            if place == len(self._passages):
                self._passages.append(self._view_of(passage))
            stream = self._stream(turn, place)
            self._passages[place].show(passage, stream, is_last=place == len(passages) - 1)

    def _view_of(self, passage: AnswerPart) -> PassageView:
        """What comes before the first text stands above the answer, what comes after it stands in it."""
        is_answer = passage.kind == 'text' or any(isinstance(view, TextView) for view in self._passages)
        with self._answer if is_answer else self._steps:
            match passage.kind:
                case 'text':
                    return TextView()
                case 'thinking':
                    return ThinkingView()
                case 'tool':
                    return ToolView(tells=self._acts is not None)

    def _stream(self, turn: Turn, place: int) -> BlockStream | None:
        """The shared rendering of a passage that grows; a turn that is over has none."""
        return self._renderings.stream(self._live, turn.id, place) if turn.is_running else None

    def _show_ending(self, turn: Turn, *, is_last: bool) -> None:
        for element in self._ending:
            element.delete()
        self._ending = []
        with self:
            if turn.refused_files and not turn.is_running:
                self._ending.append(Text('p', answered_without(turn), 'ending', data_testid='without-files'))
            if turn.outcome and turn.outcome.full:
                self._ending.append(ContextFull(turn, self._acts if is_last else None))
            elif turn.state in ('stopped', 'failed'):
                self._show_early_end(turn, is_last=is_last)
            if turn.is_excluded:
                self._ending.append(ContextLine(self._acts))

    def _show_early_end(self, turn: Turn, *, is_last: bool) -> None:
        row = Tag('div', 'ending-row')
        self._ending.append(row)
        with row:
            Text('p', turn.failure or 'Stopped', 'ending')
            if self._acts and is_last and turn.can_continue:
                self._button('Continue', 'continue', self._acts.go_on)
            if self._acts and is_last and turn.outcome:
                way_out(turn.outcome.way)
            if self._acts and turn.state == 'failed':
                self._button('Try again', 'retry', partial(self._acts.retry, turn.id))

    def _show_origin(self, turn: Turn) -> None:
        self._origin.clear()
        if self._acts and (origin := self._acts.origin_of(turn)):
            self.classes('forked')
            title, address = origin
            with self._origin:
                Text('span', 'Forked from ')
                ui.link(title, address) if address else Text('span', title)

    def _button(self, label: str, testid: str, act: Callable[[], object]) -> Element:
        button = Text('button', label, 'text-button', type='button', data_testid=testid)
        return button.on('click', lambda: act(), args=[])
