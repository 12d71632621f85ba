"""Whether somebody looks at a conversation through this page."""

from chat.conversation.live import LiveConversation
from chat.nicegui_compat import DeletionHook
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import FLAG, parse_event


class PageVisibility(DeletionHook, component=COMPONENTS / 'page_visibility.js'):
    """Tells the conversation that its page is in view, and when it is not any more. Nothing of it is seen."""

    def __init__(self, live: LiveConversation) -> None:
        super().__init__()
        self._live = live
        self.mark('watching')
        self.on('page-visibility', parse_event(FLAG, self._on_visibility))

    async def _on_visibility(self, is_visible: bool) -> None:
        if is_visible and not self.is_deleted:
            await self._live.add_viewer(self)
        else:
            self._live.remove_viewer(self)

    def on_delete(self) -> None:
        self._live.remove_viewer(self)
