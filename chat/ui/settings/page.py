"""The page of the settings. What is set there holds at once, in all pages; there is no button to save it."""

from dataclasses import replace
from pathlib import Path

from nicegui import ui

from chat.agent.added_servers import AddedServers
from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.servers import McpServers
from chat.agent.model_catalog import ModelCatalog
from chat.conversation.content.attachments import format_size
from chat.conversation.content.chat_settings import Preferences, PreferencesStore, SendKey
from chat.conversation.content.library import Library
from chat.conversation.retention import Retention
from chat.sharing.lock import Lock
from chat.storage import Storage
from chat.ui.exchange.section import ExchangeDialogs, ExchangeSection
from chat.ui.fields import RemovableItems, Section, Segments, SettingRow
from chat.ui.follow_changes import follow
from chat.ui.formatting import allowed_tool_key, allowed_tool_names, pluralize
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.javascript import COMPONENTS, module_script
from chat.ui.layout import PageNavigation, PlainPage
from chat.ui.local_text import LocalText
from chat.ui.notifications import notify_on_error
from chat.ui.page_tasks import start_when_connected
from chat.ui.settings.answers import AnswersSection, LimitsSection, TitlesSection
from chat.ui.settings.keys import KeySection
from chat.ui.settings.library_section import LibrarySection
from chat.ui.settings.lock import LockSection
from chat.ui.settings.mcp_page import McpSection
from chat.ui.settings.retention import RetentionSection
from chat.ui.settings.servers import ServerSection

SEND_KEYS: dict[SendKey, str] = {'enter': 'Enter', 'mod-enter': 'Ctrl or ⌘ + Enter'}

SHOW_SHORTCUTS_SCRIPT = f'async () => {module_script("shortcuts.js")}.showShortcuts()'


def settings_page(
    storage: Storage,
    models: ModelCatalog,
    preferences: PreferencesStore,
    keys: ApiKeys,
    added: AddedServers,
    mcp_servers: McpServers,
    library: Library,
    lock: Lock,
    retention: Retention,
    navigation: PageNavigation,
    exchange: ExchangeDialogs,
    *,
    is_team: bool,
) -> None:
    """Build the page; for a team, keys and servers are set where it is started, and there is no passcode."""
    ui.page_title('Settings')
    page = PlainPage('Settings', navigation)
    with page.body, HtmlElement('div', 'settings', data_testid='settings-page'):
        if not is_team:
            KeySection(keys)
            ServerSection(models, added, trouble=storage.servers.trouble)
            McpSection(mcp_servers)
        LibrarySection(library)
        AnswersSection(models, preferences)
        TitlesSection(models, preferences)
        AllowedToolsSection(preferences)
        LimitsSection(preferences)
        AppearanceSection(preferences)
        if not is_team:
            LockSection(lock)
        ExchangeSection(exchange)
        RetentionSection(retention, preferences)
        DataSection(storage)


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
            NoticeChoice()
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


class AllowedToolsSection(Section):
    """The tools that need no approval in any chat; hidden as long as there are none."""

    def __init__(self, preferences: PreferencesStore) -> None:
        super().__init__(
            'Tools that run without asking', 'In every chat. Those of one chat are in its settings.'
        )
        self._preferences = preferences
        with self:
            self._tools = RemovableItems(self._remove, testid='allowed-tools')
            follow(preferences.changed, self._show)

    def _show(self) -> None:
        allowed = self._preferences.current.allowed_tools
        self._tools.show(allowed_tool_names(allowed))
        self.set_visibility(bool(allowed))

    async def _remove(self, key: str) -> None:
        def rest(now: Preferences) -> Preferences:
            tools = tuple(tool for tool in now.allowed_tools if allowed_tool_key(tool) != key)
            return replace(now, allowed_tools=tools)

        await notify_on_error(self._preferences.update(rest))


class ThemeChoice(ui.element, component=COMPONENTS / 'theme_choice.js'):
    """Theme: light, dark or system; each browser keeps its own, so that its first paint is right."""


class NoticeChoice(ui.element, component=COMPONENTS / 'notice_choice.js'):
    """Whether long answers are announced; each browser asks its person, and keeps that itself."""


class DataSection(Section):
    """The data folder."""

    def __init__(self, storage: Storage) -> None:
        super().__init__('Data')
        self._storage = storage
        with (
            self,
            SettingRow(*_heading(storage.path), classes='wide'),
        ):
            if path := storage.path:
                HtmlText('code', str(path), 'setting-path', data_testid='data-folder')
            self._size = LocalText('span', 'Measuring …', 'setting-hint', data_testid='data-size')
            start_when_connected(self._measure)

    async def _measure(self) -> None:
        try:
            size = format_size(await self._storage.size())
        except OSError as error:
            size = f'Size unknown: {error.strerror}'
        chats = pluralize(len(self._storage.catalog.summaries), 'chat')
        more = ' Choose another folder at start with --data.' if self._storage.path else ''
        self._size.set_text(f'{size}, {chats}.{more}')


def _heading(path: Path | None) -> tuple[str, str]:
    """Return what the row is called, and what is said of it."""
    if path:
        return 'Folder', 'Contains all chats, attachments and settings.'
    return 'Size', 'Of all chats, attachments and settings.'
