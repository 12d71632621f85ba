"""Who else is writing, above the box of a page; and it tells the others of who writes here."""

from nicegui import ui

from chat.conversation.live import LiveConversation
from chat.sharing.presence import Presence
from chat.ui.chat.viewer_list import ViewerList
from chat.ui.follow import follow
from chat.ui.formatting import join_names
from chat.ui.javascript import COMPONENTS


class TypingIndicator(ui.element, component=COMPONENTS / 'typing_indicator.js'):
    """Tells of keys only while somebody else looks; alone, typing costs the server nothing."""

    def __init__(self, live: LiveConversation, presence: Presence, attendance: ViewerList) -> None:
        super().__init__()
        self._live = live
        self._presence = presence
        self._attendance = attendance
        self._shown: object = None
        self.on('typing', lambda: presence.typing(attendance), args=[])
        self.on('idle', lambda: presence.stopped_typing(attendance), args=[])
        with self:
            follow(presence.changed, self._show)

    def _show(self) -> None:
        here, me = self._live.id, self._attendance.visitor
        names = self._presence.typing_names(here, me)
        shown = (tuple(names), bool(self._presence.other_names(here, me)))
        if shown != self._shown:
            self._shown = shown
            said = f'{join_names(names)} {"is" if len(names) == 1 else "are"} typing …' if names else ''
            self.props.update(text=said, watched=shown[1])
