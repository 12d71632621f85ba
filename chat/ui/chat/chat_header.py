"""What stands above a conversation: its title, which is the heading of the page, and the menu of the chat."""

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.conversation.live import LiveConversation
from chat.ui.conversation_actions import ConversationActions
from chat.ui.formatting import UNTITLED
from chat.ui.javascript import COMPONENTS


class ChatHeader(ui.element, component=COMPONENTS / 'chat_header.js'):
    """Is not there before something was said: a new chat has nothing to name, to keep or to delete."""

    def __init__(self, live: LiveConversation, conversation_actions: ConversationActions) -> None:
        super().__init__()
        self._live = live
        self._actions = conversation_actions.menu_actions
        self._rename = conversation_actions.rename
        self._shown: object = None
        self.props['chat'] = live.id
        self.on('action', self._on_action)
        self.set_visibility(False)

    def show(self) -> None:
        """Bring it up to date."""
        metadata = self._live.metadata
        shown = {
            'title': metadata.title or UNTITLED,
            'pinned': metadata.is_pinned,
            'archived': metadata.is_archived,
        }
        if self._live.turns and shown != self._shown:
            self._shown = shown
            self.props.update(shown)
            self.set_visibility(True)

    async def _on_action(self, event: GenericEventArguments) -> None:
        match event.args:
            case ['rename', str(title)]:
                await self._rename(self._live.id, title)
            case [str(name)] if act := self._actions.get(name):
                await act(self._live.id)
            case _:
                pass  # nothing that our page sends
