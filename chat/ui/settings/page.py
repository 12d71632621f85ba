"""The page of the settings. What is set there holds at once, in all pages; there is no button to save it."""

from nicegui import ui

from chat.agent.added_servers import AddedServers
from chat.agent.api_keys import ApiKeys
from chat.agent.catalog import ModelCatalog
from chat.conversation.preferences import PreferencesStore
from chat.storage import Storage
from chat.ui.html import HtmlElement
from chat.ui.plain_page import PageNavigation, PlainPage
from chat.ui.settings.answers import AnswersSection, TitlesSection
from chat.ui.settings.appearance import AppearanceSection
from chat.ui.settings.data import DataSection
from chat.ui.settings.keys import KeySection
from chat.ui.settings.servers import ServerSection


def settings_page(
    storage: Storage,
    models: ModelCatalog,
    preferences: PreferencesStore,
    keys: ApiKeys,
    added: AddedServers,
    way: PageNavigation,
) -> None:
    """Build the page."""
    ui.page_title('Settings')
    page = PlainPage('Settings', way)
    with page.body, HtmlElement('div', 'settings', data_testid='settings-page'):
        KeySection(keys)
        ServerSection(models, added, trouble=storage.servers.trouble)
        AnswersSection(models, preferences)
        TitlesSection(models, preferences)
        AppearanceSection(preferences)
        DataSection(storage)
