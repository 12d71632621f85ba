"""After how many days chats go to the trash by themselves; said with a number before it is switched on."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field, Strict, TypeAdapter

from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.retention import Retention
from chat.conversation.storage import TRASH_LIFETIME
from chat.ui.fields import NUMBER_SCRIPT, InputField, Section, SettingRow
from chat.ui.follow_changes import follow
from chat.ui.formatting import pluralize
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.local_text import LocalText
from chat.ui.notifications import notify_on_error
from chat.ui.page_events import parse_event

HINT = (
    'Counted from the last message. Archived ones go too; pinned, open and shared ones stay, and those in '
    'which something waits.'
)

MAX_DAYS = 36_500

DAYS = TypeAdapter(Annotated[int, Strict(), Field(ge=0, le=MAX_DAYS)])


class RetentionSection(Section):
    """A number of days, what it would do now, and a button that switches it on."""

    def __init__(self, retention: Retention, preferences: PreferencesStore) -> None:
        super().__init__('Old chats', id='retention')
        self._retention = retention
        self._preferences = preferences
        self._days = 0
        """What was entered last, and is not switched on yet."""
        self._shown: int | None = None
        """The days that hold, as they are shown."""
        with self:
            with SettingRow('Move to the trash after days', HINT, tag='label'):
                self._field = InputField(
                    'number-field',
                    type='number',
                    min='1',
                    max=str(MAX_DAYS),
                    inputmode='numeric',
                    placeholder='Never',
                    aria_label='Days',
                    data_testid='retention-days',
                )
            self._field.mark('retention-days')
            self._field.on('change', parse_event(DAYS, self._enter), js_handler=NUMBER_SCRIPT)
            with HtmlElement('div', 'retention-question'):
                self._state = LocalText('p', '', 'setting-hint', role='status', data_testid='retention-state')
                self._start = HtmlText(
                    'button', 'Switch on', 'text-button', type='button', data_testid='retention-start'
                )
                self._stop = HtmlText(
                    'button', 'Switch off', 'text-button', type='button', data_testid='retention-stop'
                )
            self._start.on('click', self._switch_on, args=[])
            self._stop.on('click', self._switch_off, args=[])
            follow(preferences.changed, self._show)

    def _show(self) -> None:
        """Show what holds; a number that is only entered stays until that changes."""
        days = self._preferences.current.retention_days
        if days == self._shown:
            return
        self._shown, self._days = days, 0
        self._field.show(str(days) if days else '')
        on = f'On: chats go to the trash {pluralize(days, "day")} after their last message.'
        self._state.set_text(on if days else 'Off.')
        self._start.set_visibility(False)
        self._stop.set_visibility(bool(days))

    async def _enter(self, days: int) -> None:
        """Say how many chats this would be about; nothing is switched on."""
        if days in (0, self._preferences.current.retention_days):
            self._shown = None
            self._show()
            return
        self._days = days
        self._start.set_visibility(False)
        self._state.set_text('Counting …')
        count = len(await self._retention.due(days))
        if self._days == days:  # else another number was entered meanwhile
            self._state.set_text(_sentence(count, days))
            self._start.set_visibility(True)

    async def _switch_on(self) -> None:
        if days := self._days:
            await notify_on_error(self._preferences.update(lambda now: replace(now, retention_days=days)))

    async def _switch_off(self) -> None:
        await notify_on_error(self._preferences.update(lambda now: replace(now, retention_days=0)))


def _sentence(count: int, days: int) -> str:
    if not count:
        return f'No chat is older than {pluralize(days, "day")} now.'
    verb = 'goes' if count == 1 else 'go'
    return (
        f'{pluralize(count, "chat")} older than {pluralize(days, "day")} {verb} to the trash now, and can be '
        f'restored there for {TRASH_LIFETIME.days} days.'
    )
