"""How one writes, and what one looks at."""

from dataclasses import replace

from nicegui import ui

from chat.conversation.preferences import PreferencesStore, SendKey
from chat.ui.follow import follow
from chat.ui.html import HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.notifications import notify_on_error
from chat.ui.settings.fields import Section, Segments, SettingRow

SEND_KEYS: dict[SendKey, str] = {'enter': 'Enter', 'mod-enter': 'Ctrl or ⌘ + Enter'}


SHOW_SHORTCUTS_SCRIPT = 'async () => (await import("parlour/shortcuts.js")).showShortcuts()'


class AppearanceSection(Section):
    """The key that sends, and light or dark."""

    def __init__(self, preferences: PreferencesStore) -> None:
        super().__init__('Appearance and input')
        self._preferences = preferences
        with self:
            with SettingRow('Send with', 'On phones, Enter always starts a new line.'):
                self._keys = Segments('Send with', {**SEND_KEYS}, self._set_key, testid='send-key')
            with SettingRow('Theme', 'For this browser only.'):
                ThemeChoice()
            with SettingRow('Keyboard shortcuts', 'Press ? outside of text fields to see them.'):
                button = HtmlText(
                    'button', 'Show', 'text-button', type='button', data_testid='show-shortcuts'
                )
                button.on('click', js_handler=SHOW_SHORTCUTS_SCRIPT)
            follow(preferences.changed, self._show)

    def _show(self) -> None:
        self._keys.show(self._preferences.current.send_key)

    async def _set_key(self, chosen: str) -> None:
        key = next((key for key in SEND_KEYS if key == chosen), self._preferences.current.send_key)
        await notify_on_error(self._preferences.update(lambda now: replace(now, send_key=key)))


class ThemeChoice(ui.element, component=COMPONENTS / 'theme_choice.js'):
    """Theme: light, dark or system; each browser keeps its own, so that its first paint is right."""
