"""The page of the settings. What is set there holds at once, in all pages; there is no button to save it."""

from nicegui import ui

from chat.ui.app_context import AppContext
from chat.ui.html import HtmlElement
from chat.ui.plain_page import PageNavigation, PlainPage
from chat.ui.settings.answers import AnswersSection, TitlesSection
from chat.ui.settings.appearance import AppearanceSection
from chat.ui.settings.data import DataSection
from chat.ui.settings.keys import KeySection
from chat.ui.settings.servers import ServerSection


def settings_page(context: AppContext, way: PageNavigation) -> None:
    """Build the page."""
    ui.page_title('Settings')
    page = PlainPage('Settings', way)
    with page.body, HtmlElement('div', 'settings', data_testid='settings-page'):
        KeySection(context)
        ServerSection(context)
        AnswersSection(context)
        TitlesSection(context)
        AppearanceSection(context)
        DataSection(context)
