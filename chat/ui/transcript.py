"""The turns of one conversation on one page, and where the reader is in them."""

from chat.conversation.live import LiveConversation
from chat.conversation.turns import Turn
from chat.ui.markup import IconButton, Tag
from chat.ui.renderings import Renderings
from chat.ui.turn_view import TurnView


class Transcript(Tag):
    """A column that counts from its lower edge: who reads the end stays there, who reads above does too."""

    def __init__(self, live: LiveConversation, renderings: Renderings) -> None:
        super().__init__('div', 'scroller')
        self._live = live
        self._renderings = renderings
        self._views: list[tuple[str, TurnView]] = []
        with self:
            self.thread = Tag(
                'div',
                'thread',
                role='log',
                aria_live='off',
                aria_label='Conversation',
                data_testid='transcript',
            )

    def show(self, turns: list[Turn]) -> None:
        """Bring the page up to date with the turns as they are now."""
        kept = 0
        while kept < min(len(self._views), len(turns)) and self._views[kept][0] == turns[kept].id:
            self._views[kept][1].show(turns[kept])
            kept += 1
        for _, view in self._views[kept:]:
            view.delete()
        del self._views[kept:]
        with self.thread:
            self._views += [(turn.id, TurnView(self._live, turn, self._renderings)) for turn in turns[kept:]]


class JumpButton(IconButton):
    """Leads back to the newest words; seen only by who has scrolled away from them."""

    def __init__(self) -> None:
        super().__init__('sym_o_arrow_downward', 'Go to the latest', 'jump-latest', data_testid='jump-latest')
        self.classes(remove='icon-button')
