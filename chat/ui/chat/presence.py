"""Who else is at a conversation, who of them is writing, and whether this page is being looked at."""

from nicegui import ui

from chat.conversation.live_conversation import LiveConversation
from chat.nicegui_compat import DeletionHook
from chat.sharing.access import Visitor
from chat.sharing.presence import Presence
from chat.ui.follow_changes import follow
from chat.ui.formatting import join_names
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import FLAG, parse_event


class ViewerList(HtmlElement, DeletionHook):
    """Names the others, and on a phone counts them; nothing is seen of it while nobody else is here."""

    def __init__(self, live: LiveConversation, presence: Presence, me: Visitor) -> None:
        super().__init__('span', 'presence', data_testid='presence', role='status')
        self._live = live
        self._presence = presence
        self.visitor = me
        self._page = ui.context.client
        self._shown: list[str] | None = None
        presence.join(self, me, live.id)
        with self:
            self._names = HtmlText('span', '', 'presence-names')
            follow(presence.changed, self._show)

    @property
    def is_connected(self) -> bool:
        """Whether the browser is there."""
        return self._page.has_socket_connection and not self.is_deleted

    def _show(self) -> None:
        others = self._presence.other_names(self._live.id, self.visitor)
        if others == self._shown:
            return
        self._shown = others
        self._names.set_text(join_names(others))
        self.props['title'] = f'{join_names(others)} {"is" if len(others) == 1 else "are"} here'
        self.props['data-count'] = str(len(others))
        self.set_visibility(bool(others))

    def on_delete(self) -> None:
        self._presence.leave(self)


class TypingIndicator(ui.element, component=COMPONENTS / 'typing_indicator.js'):
    """Tells of keys only while somebody else looks; alone, typing costs the server nothing."""

    def __init__(
        self, live: LiveConversation, presence: Presence, viewers: ViewerList, *, can_type: bool
    ) -> None:
        """Who cannot type here only sees who does."""
        super().__init__()
        self._live = live
        self._presence = presence
        self._viewers = viewers
        self._shown: object = None
        if can_type:
            self.on('typing', lambda: presence.typing(viewers), args=[])
            self.on('idle', lambda: presence.stopped_typing(viewers), args=[])
        with self:
            follow(presence.changed, self._show)

    def _show(self) -> None:
        here, me = self._live.id, self._viewers.visitor
        names = self._presence.typing_names(here, me)
        shown = (tuple(names), bool(self._presence.other_names(here, me)))
        if shown != self._shown:
            self._shown = shown
            text = f'{join_names(names)} {"is" if len(names) == 1 else "are"} typing …' if names else ''
            self.props.update(text=text, watched=shown[1])


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
