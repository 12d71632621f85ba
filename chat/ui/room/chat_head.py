"""What stands above a conversation: its title, which is the heading of the page, and the menu of the chat."""

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.conversation.live import LiveConversation
from chat.ui.housekeeping import Housekeeping
from chat.ui.words import UNNAMED


class ChatHead(ui.element, component='chat_head.js'):
    """Is not there before something was said: a new chat has nothing to name, to keep or to delete."""

    def __init__(self, live: LiveConversation, housekeeping: Housekeeping) -> None:
        super().__init__()
        self._live = live
        self._acts = housekeeping.acts
        self._rename = housekeeping.rename
        self._shown: object = None
        self.props['chat'] = live.id
        self.on('act', self._act)
        self.set_visibility(False)

    def show(self) -> None:
        """Bring it up to date."""
        details = self._live.metadata
        shown = {
            'title': details.title or UNNAMED,
            'pinned': details.is_pinned,
            'archived': details.is_archived,
        }
        if self._live.turns and shown != self._shown:
            self._shown = shown
            self.props.update(shown)
            self.set_visibility(True)

    async def _act(self, event: GenericEventArguments) -> None:
        match event.args:
            case ['rename', str(title)]:
                await self._rename(self._live.id, title)
            case [str(name)] if act := self._acts.get(name):
                await act(self._live.id)
            case _:
                pass  # nothing that our page sends
