"""The turns of one conversation on one page, and where the reader is in them."""

import asyncio
from dataclasses import replace
from functools import partial
from operator import is_
from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.element import Element

from chat.conversation.content.turns import Turn
from chat.conversation.live_conversation import LiveConversation
from chat.ui.chat.stream_cache import StreamCache
from chat.ui.chat.turn_actions import TurnActions, TurnViewer
from chat.ui.chat.user_message import UserMessage
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.javascript import COMPONENTS
from chat.ui.notifications import notifying_errors
from chat.ui.page_events import ACTION, FLAG, parse_event
from chat.ui.page_messages import send_props
from chat.ui.page_tasks import start_when_connected

if TYPE_CHECKING:
    from chat.ui.chat.assistant_message import AssistantMessage
    from chat.ui.chat.comparison_view import ComparisonView

INITIAL_TURNS = 20
"""Turns that are shown at first; each is built here, sent and drawn before the chat can be read."""

OLDER_TURNS_PER_LOAD = 20
"""Turns that are added above them when the reader gets there."""

ELEMENTS_PER_TURN = 2
"""Of each turn: the prompt, and the answer."""


STATE_MESSAGES = {
    'waiting': 'Answering',
    'streaming': 'Answering',
    'done': 'Answer finished',
    'stopped': 'Stopped',
    'needs-approval': 'This answer waits for a decision',
}
"""By the state of the last turn; of a failure, the sentence that says what went wrong."""


class MessageList(ui.element, component=COMPONENTS / 'message_list.js'):
    """A column that counts from its lower edge: who reads the end stays there, who reads above does too.

    It shows the last turns; older ones come as the reader scrolls up, or comes back to where they were.
    """

    def __init__(self, live: LiveConversation, viewer: TurnViewer, streams: StreamCache) -> None:
        super().__init__()
        self.props.update(conversation=live.id, temporary=live.place.is_temporary)
        self._live = live
        self._viewer = viewer
        self._streams = streams
        self._views: list[tuple[str, TurnView]] = []
        self._shown: list[Turn] = []
        self._older: list[Turn] = []
        """The turns that are not shown yet, oldest first."""
        with self:
            self.thread = HtmlElement(
                'div',
                'thread',
                role='log',
                aria_live='off',
                aria_label='Conversation',
                data_testid='transcript',
            )
        with self.thread:
            # A browser must not hold on to the sentinel when it keeps the reading position.
            self._sentinel = ui.element('q-intersection').style('height: 1px; overflow-anchor: none')
        self._sentinel.mark('older').on('visibility', parse_event(FLAG, self._on_top_visible))
        self._sentinel.set_visibility(False)
        if viewer.actions:
            self.props['loadsImages'] = True
            self.on('load-image', parse_event(ACTION, partial(self._load_image, viewer.actions)))

    async def _load_image(self, actions: TurnActions, wanted: tuple[str, str]) -> None:
        turn_id, url = wanted
        if problem := await actions.load_image(turn_id, url):
            self.run_method('showImageProblem', turn_id, url, problem)

    def show(self, turns: list[Turn]) -> None:
        """Bring the page up to date with the turns as they are now."""
        send_props(self, temporary=self._live.place.is_temporary)
        before, self._shown = self._shown, turns
        if self._views and _is_growth(before, turns):
            self._views[-1][1].show(turns[-1], is_last=True)
            return
        if not self._views or not _is_continuation_of(self._older, turns):
            self._older = turns[:-INITIAL_TURNS]
            self._sentinel.set_visibility(bool(self._older))
        self._older = turns[: len(self._older)]
        shown = turns[len(self._older) :]
        fitting = 0
        while fitting < min(len(self._views), len(shown)) and self._views[fitting][0] == shown[fitting].id:
            fitting += 1
        for _, view in self._views[fitting:]:
            view.delete()
        del self._views[fitting:]
        self._views += [(turn.id, self._view(turn)) for turn in shown[fitting:]]
        for (_, view), turn in zip(self._views, shown, strict=True):
            view.show(turn, is_last=turn is shown[-1])

    def grow(self, turns: list[Turn]) -> None:
        """Show what the last turn has said since these turns were shown, of which only its end is another."""
        if turns:
            self._views[-1][1].grow(turns[-1])

    async def load(self, turn_id: str) -> None:
        """Have a turn be on the page, and all that come after it; others get their turns in between."""
        while not self.is_deleted and (ids := [turn.id for turn in self._older]).count(turn_id):
            self._show_older(min(len(ids) - ids.index(turn_id), OLDER_TURNS_PER_LOAD))
            await asyncio.sleep(0)

    def scroll_to_message(self, entry_id: str) -> None:
        """Lead the reader to a message, on whatever branch it is, as soon as the page is connected."""
        start_when_connected(partial(self._scroll_to_message, entry_id), self)

    async def _scroll_to_message(self, entry_id: str) -> None:
        with notifying_errors():
            turn_id = await self._live.show_entry(entry_id)
            self.show(self._live.turns)
            await self.load(turn_id)
            turn = next((turn for turn in self._live.turns if turn.id == turn_id), None)
            if turn and not self.is_deleted:
                role = 'user' if entry_id == turn.prompt_entry_id else 'assistant'
                self.run_method('scrollTo', turn_id, role)

    def _view(self, turn: Turn) -> 'TurnView':
        return TurnView(self.thread, self._live, turn, self._viewer, self._streams)

    def _on_top_visible(self, is_visible: bool) -> None:
        if is_visible:
            self._show_older(OLDER_TURNS_PER_LOAD)

    def _show_older(self, count: int) -> None:
        """Show older turns above the others, which stay where the reader has them."""
        added = self._older[-count:]
        del self._older[-count:]
        views = [(turn.id, self._view(turn)) for turn in added]
        for place, (_, view) in enumerate(views):
            view.move(1 + ELEMENTS_PER_TURN * place)  # the sentinel stays above them
        self._views = views + self._views
        self._sentinel.set_visibility(bool(self._older))


def _is_growth(before: list[Turn], turns: list[Turn]) -> bool:
    """Whether nothing but the last turn has changed."""
    if not before or len(before) != len(turns) or before[-1].id != turns[-1].id:
        return False
    return all(map(is_, before[:-1], turns[:-1]))


def _is_continuation_of(older: list[Turn], turns: list[Turn]) -> bool:
    """Whether these turns begin with those, and go on; on another branch they do not."""
    return len(turns) > len(older) and all(was.id == turn.id for was, turn in zip(older, turns, strict=False))


class JumpButton(IconButton):
    """Leads back to the newest words; seen only by who has scrolled away from them."""

    def __init__(self) -> None:
        super().__init__('arrow_downward', 'Jump to latest', 'jump-latest', data_testid='jump-latest')
        self.classes(remove='icon-button')


class TurnView:
    """Shows one turn; built once, then brought up to date by `show`."""

    def __init__(
        self, thread: Element, live: LiveConversation, turn: Turn, viewer: TurnViewer, streams: StreamCache
    ) -> None:
        """Build it at the end of the thread."""
        self._thread = thread
        self._turn: Turn | None = None
        self._is_last = False
        viewer = replace(viewer, actions=None, switch_actions=viewer.actions) if turn.is_opening else viewer
        self._live, self._viewer, self._streams = live, viewer, streams
        with thread:
            self._question = UserMessage(turn, viewer)
            self._question.set_visibility(not turn.is_opening)
            self._answer = self._answer_view(turn)
        self.show(turn, is_last=False)

    def show(self, turn: Turn, *, is_last: bool) -> None:
        """Bring the page up to date with the turn as it is now."""
        if turn is not self._turn or is_last != self._is_last:
            self._turn, self._is_last = turn, is_last
            self._question.show(turn)
            if not self._answer.fits(turn):
                self._replace_answer(turn)
            self._answer.show(turn, is_last=is_last)

    def grow(self, turn: Turn) -> None:
        """Show what it has said since its outline was shown."""
        from chat.ui.chat.assistant_message import AssistantMessage

        if turn is not self._turn and isinstance(self._answer, AssistantMessage):
            self._turn = turn
            self._answer.grow(turn)

    def _answer_view(self, turn: Turn) -> 'AssistantMessage | ComparisonView':
        """Build the view; what shows answers is imported with the first, since a new chat has none."""
        if turn.compared:
            from chat.ui.chat.comparison_view import ComparisonView as View
        else:
            from chat.ui.chat.assistant_message import AssistantMessage as View

        return View(self._live, turn, self._viewer, self._streams)

    def _replace_answer(self, turn: Turn) -> None:
        """Show one answer where several were, or the other way round."""
        self._answer.delete()
        with self._thread:
            self._answer = self._answer_view(turn)
        self._answer.move(target_index=self._thread.default_slot.children.index(self._question) + 1)

    def move(self, index: int) -> None:
        """Take this place, and the one after it, among the children of the parent."""
        self._question.move(target_index=index)
        self._answer.move(target_index=index + 1)

    def delete(self) -> None:
        self._question.delete()
        self._answer.delete()


class LiveRegion(HtmlText):
    """Says what is going on and what happens next; what had ended when the page opened is no news."""

    def __init__(self) -> None:
        super().__init__('p', '', 'status-line visually-hidden', role='status')
        self._known: str | None = None

    def show(self, turns: list[Turn]) -> None:
        """Look at the turns as they are now."""
        announcement = (
            (turns[-1].failure or turns[-1].notice or STATE_MESSAGES[turns[-1].state]) if turns else ''
        )
        previous, self._known = self._known, announcement
        if announcement != previous and (previous is not None or announcement == STATE_MESSAGES['waiting']):
            self.set_text(announcement)
