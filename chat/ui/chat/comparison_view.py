"""The answers of several models to one question, side by side, each with the way to go on with it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from nicegui import ui

from chat.agent.model_choice import label_of
from chat.conversation.content.turns import Turn
from chat.conversation.live_conversation import LiveConversation
from chat.ui.chat.assistant_message import AssistantMessage
from chat.ui.chat.stream_cache import StreamCache
from chat.ui.chat.turn_actions import TurnActions, TurnViewer
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.javascript import COMPONENTS
from chat.ui.page_messages import send_props

WAITING_NOTE = 'It waits for a decision. Go on with this one to decide.'


class ComparisonView(ui.element, component=COMPONENTS / 'comparison.js'):
    """Columns where there is room for them; elsewhere one of them, and the way to the others."""

    def __init__(self, live: LiveConversation, turn: Turn, viewer: TurnViewer, streams: StreamCache) -> None:
        super().__init__()
        self.props['count'] = len(turn.compared)
        models = [column.model for column in turn.compared]
        with self:
            self._columns = [
                _Column(live, column, place, viewer, streams, models)
                for place, column in enumerate(turn.compared)
            ]

    def show(self, turn: Turn, *, is_last: bool) -> None:
        """Bring the columns up to date; only those of the last turn are there at all."""
        send_props(self, entry=turn.answer_entry_id)
        has_failed = not any(column.is_running or column.answer for column in turn.compared)
        for view, column in zip(self._columns, turn.compared, strict=True):
            view.show(column, is_last=is_last, may_retry=has_failed)

    def fits(self, turn: Turn) -> bool:
        """Whether the answers of a turn can be shown here."""
        return [view.model for view in self._columns] == [column.model for column in turn.compared]


class _Column(HtmlElement):
    """One of the answers; nothing can be done with it until one has gone on with it."""

    def __init__(
        self,
        live: LiveConversation,
        turn: Turn,
        place: int,
        viewer: TurnViewer,
        streams: StreamCache,
        models: Sequence[str],
    ) -> None:
        """`models` are those of all columns."""
        super().__init__(
            'section', 'compared', aria_label=label_of(turn.model), data_testid='compared-answer'
        )
        self.model = turn.model
        self._shown: Turn | None = None
        self._state: object = None
        reader = replace(viewer, actions=None, call_actions=None)
        with self:
            with HtmlElement('div', 'compared-head'):
                HtmlText('span', label_of(turn.model), 'compared-model')
                self._buttons = _Buttons(viewer.actions, turn, place, models) if viewer.actions else None
            self._note = HtmlText('p', WAITING_NOTE, 'compared-note')
            self._answer = AssistantMessage(live, turn, reader, streams)

    def show(self, turn: Turn, *, is_last: bool, may_retry: bool) -> None:
        """Bring it up to date."""
        if turn is not self._shown:
            self._shown = turn
            self._answer.show(turn, is_last=is_last)
        state = turn.state, bool(turn.answer), may_retry
        if state != self._state:
            self._state = state
            self._note.set_visibility(turn.state == 'needs-approval' and self._buttons is not None)
            if self._buttons:
                self._buttons.show(turn, may_retry=may_retry)


class _Buttons(HtmlElement):
    """What can be done with one of the answers; by the model, for the page may be late."""

    def __init__(self, actions: TurnActions, turn: Turn, place: int, models: Sequence[str]) -> None:
        super().__init__('span', 'compared-buttons')
        label = label_of(turn.model)
        with self:
            self._stop = IconButton('stop', f'Stop this answer: {label}', data_testid='compare-stop')
            self._keep = _button('Go on with this one', 'compare-keep', f'Go on with this one: {label}')
            self._retry = _button('Try again', 'retry', 'Try again with all of them')
        self._stop.on('click', partial(actions.stop_compared, turn.id, place, turn.model), args=[])
        self._keep.on('click', partial(actions.keep_compared, turn.id, place, turn.model), args=[])
        self._retry.on('click', partial(actions.compare, turn.id, models), args=[])

    def show(self, turn: Turn, *, may_retry: bool) -> None:
        """Show what is possible now."""
        self._stop.set_visibility(turn.is_running)
        self._keep.set_visibility(not turn.is_running and bool(turn.answer))
        self._retry.set_visibility(may_retry)


def _button(label: str, testid: str, spoken: str) -> HtmlText:
    return HtmlText('button', label, 'text-button', type='button', data_testid=testid, aria_label=spoken)
