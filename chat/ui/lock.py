"""What pages of the owner have for the lock: the button, and what notices use and empties them."""

from nicegui import ui

from chat.sharing.lock import Lock
from chat.ui.follow_changes import follow
from chat.ui.html import IconButton
from chat.ui.javascript import COMPONENTS
from chat.ui.page_messages import send_props


class LockButton(IconButton):
    """Locks all pages; it is there once there is a passcode."""

    def __init__(self, lock: Lock) -> None:
        super().__init__('lock', 'Lock', 'lock-button', data_testid='lock', data_action='lock')
        self._lock = lock
        self.on('click', lock.lock, args=[])
        with self:
            follow(lock.changed, self._show)

    def _show(self) -> None:
        self.set_visibility(self._lock.has_passcode)


class LockWatch(ui.element, component=COMPONENTS / 'lock_watch.js'):
    """Empties its page when it is locked, which the server makes sure of; and tells that a person is here."""

    def __init__(self, lock: Lock) -> None:
        super().__init__()
        self._lock = lock
        self.on('use', lock.note_use, args=[])
        with self:
            follow(lock.changed, self._show)

    def _show(self) -> None:
        send_props(self, **{'is-idle-watched': bool(self._lock.idle_minutes)})
