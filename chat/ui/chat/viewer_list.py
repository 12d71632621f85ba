"""Who else looks at a conversation, in the bar of its page; this page counts as one of them."""

from nicegui import ui

from chat.conversation.live import LiveConversation
from chat.nicegui_compat import DeletionHook
from chat.sharing.access import Visitor
from chat.sharing.presence import Presence
from chat.ui.follow import follow
from chat.ui.formatting import join_names
from chat.ui.html import HtmlElement, HtmlText


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
