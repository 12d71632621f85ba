"""Whether somebody looks at a conversation through this page."""

from nicegui import ui
from nicegui.events import GenericEventArguments

from chat.conversation.live import LiveConversation
from chat.ui.javascript import COMPONENTS


class PageVisibility(ui.element, component=COMPONENTS / 'page_visibility.js'):
    """Tells the conversation that its page is in view, and when it is not any more. Nothing of it is seen."""

    def __init__(self, live: LiveConversation) -> None:
        super().__init__()
        self._live = live
        self.mark('watching')
        self.on('page-visibility', self._on_visibility)

    async def _on_visibility(self, event: GenericEventArguments) -> None:
        if event.args and not self.is_deleted:
            await self._live.add_viewer(self)
        else:
            self._live.remove_viewer(self)

    def _handle_delete(self) -> None:
        self._live.remove_viewer(self)
        super()._handle_delete()
