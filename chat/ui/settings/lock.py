"""The passcode of the pages, and after which time without use it is asked for."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Annotated

from nicegui import ui
from pydantic import StrictStr, StringConstraints, TypeAdapter

from chat.conversation.error_messages import error_message
from chat.errors import ChatError
from chat.sharing.lock import FORGOTTEN_HINT, MAX_PASSCODE_LENGTH, Lock
from chat.ui.fields import Section, Segments, SettingRow
from chat.ui.follow_changes import follow
from chat.ui.html import HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.notifications import notify, notify_on_error
from chat.ui.page_events import parse_event
from chat.ui.page_messages import send_props

IDLE_MINUTES: Mapping[str, str] = {'0': 'Never', '1': '1 min', '5': '5 min', '15': '15 min', '60': '1 h'}

NOTE = (
    'A passcode for these pages on a computer that others use, too. Answers go on while they are locked, and '
    'so do links for guests; your own devices and programs are locked out as well. Temporary chats stay.'
)

Passcode = Annotated[StrictStr, StringConstraints(max_length=MAX_PASSCODE_LENGTH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredPasscodes:
    """What a page sends; the new one is empty where the passcode is to be removed."""

    current: Passcode
    passcode: Passcode


ENTERED = TypeAdapter(EnteredPasscodes)


class LockSection(Section):
    """Where the passcode is set, changed and removed."""

    def __init__(self, lock: Lock) -> None:
        super().__init__(
            'Lock',
            NOTE,
            id='lock',
        )
        self._lock = lock
        with self:
            self._form = LockForm(lock)
            with SettingRow('Lock after', 'Without a key, a click or a touch on any page.') as self._row:
                self._minutes = Segments('Lock after', IDLE_MINUTES, self._set_minutes, testid='lock-minutes')
            HtmlText('p', FORGOTTEN_HINT, 'settings-note')
            follow(lock.changed, self._show)

    def _show(self) -> None:
        self._form.show_state()
        self._row.set_visibility(self._lock.has_passcode)
        self._minutes.show(str(self._lock.idle_minutes))

    async def _set_minutes(self, chosen: str) -> None:
        await notify_on_error(self._lock.set_idle_minutes(int(chosen)))


class LockForm(ui.element, component=COMPONENTS / 'lock_form.js'):
    """The fields for it; nothing of what is entered is kept in this object."""

    def __init__(self, lock: Lock) -> None:
        super().__init__()
        self._lock = lock
        self.props['max-length'] = MAX_PASSCODE_LENGTH
        self.mark('lock-form')
        self.on('save', parse_event(ENTERED, self._save))
        self.on('remove', parse_event(ENTERED, self._remove))

    def show_state(self) -> None:
        """Ask for the current passcode if there is one."""
        send_props(self, **{'is-set': self._lock.has_passcode})

    async def _save(self, entered: EnteredPasscodes) -> None:
        done = 'The passcode is changed.' if self._lock.has_passcode else 'The passcode is set.'
        await self._do(self._lock.set_passcode(entered.passcode, current=entered.current), done)

    async def _remove(self, entered: EnteredPasscodes) -> None:
        await self._do(self._lock.remove_passcode(entered.current), 'The passcode is removed.')

    async def _do(self, work: Awaitable[None], done: str) -> None:
        try:
            await work
        except (ChatError, OSError) as error:
            self.run_method('show', error_message(error))
        else:
            self.run_method('show', '')
            notify(done)
