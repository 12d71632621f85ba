"""The turns of one conversation on one page, and where the reader is in them."""

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.conversation.live import LiveConversation
from chat.conversation.turns import Turn
from chat.ui.markup import IconButton, Tag
from chat.ui.room.acts import Acts
from chat.ui.room.renderings import Renderings
from chat.ui.room.turn_view import TurnView

WINDOW = 20
"""Turns that are shown at first; every element costs at each update of its page, seen or not."""

MORE = 20
"""Turns that are added above them when the reader gets there."""


class Transcript(Tag):
    """A column that counts from its lower edge: who reads the end stays there, who reads above does too.

    It shows the last turns; older ones come as the reader scrolls up.
    """

    def __init__(self, live: LiveConversation, acts: Acts, renderings: Renderings) -> None:
        super().__init__('div', 'scroller', tabindex='0')
        self._live = live
        self._acts = acts
        self._renderings = renderings
        self._views: list[tuple[str, TurnView]] = []
        self._older: list[Turn] = []
        """The turns that are not shown yet, oldest first."""
        with self:
            self.thread = Tag(
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
        self._sentinel.mark('older').on('visibility', self._reach_top)
        self._sentinel.set_visibility(False)

    def show(self, turns: list[Turn]) -> None:
        """Bring the page up to date with the turns as they are now."""
        if not self._views or not _are_same(self._older, turns):
            self._older = turns[:-WINDOW]
            self._sentinel.set_visibility(bool(self._older))
        self._older = turns[: len(self._older)]
        shown = turns[len(self._older) :]
        kept = 0
        while kept < min(len(self._views), len(shown)) and self._views[kept][0] == shown[kept].id:
            kept += 1
        for _, view in self._views[kept:]:
            view.delete()
        del self._views[kept:]
        self._views += [(turn.id, self._view(turn)) for turn in shown[kept:]]
        for (_, view), turn in zip(self._views, shown, strict=True):
            view.show(turn, is_last=turn is shown[-1])

    def _view(self, turn: Turn) -> TurnView:
        with self.thread:
            return TurnView(self._live, turn, self._acts, self._renderings)

    def _reach_top(self, event: GenericEventArguments) -> None:
        """Show older turns above the others, which stay where the reader has them."""
        if event.args is not True:
            return
        added = self._older[-MORE:]
        del self._older[-MORE:]
        views = [(turn.id, self._view(turn)) for turn in added]
        for place, (_, view) in enumerate(views):
            view.move(1 + 2 * place)  # the sentinel stays above them; each has two elements
        self._views = views + self._views
        self._sentinel.set_visibility(bool(self._older))


def _are_same(older: list[Turn], turns: list[Turn]) -> bool:
    """Whether these turns begin with those, and go on; on another branch they do not."""
    return len(turns) > len(older) and all(was.id == turn.id for was, turn in zip(older, turns, strict=False))


class JumpButton(IconButton):
    """Leads back to the newest words; seen only by who has scrolled away from them."""

    def __init__(self) -> None:
        super().__init__('sym_o_arrow_downward', 'Go to the latest', 'jump-latest', data_testid='jump-latest')
        self.classes(remove='icon-button')
