"""The page of the settings. What is set there holds at once, in all pages; there is no button to save it."""

from nicegui import ui

from chat.ui.house import House
from chat.ui.markup import Tag
from chat.ui.plain_page import PlainPage, Way
from chat.ui.settings.answers import AnswersSection, TitlesSection
from chat.ui.settings.data import DataSection
from chat.ui.settings.keys import KeySection
from chat.ui.settings.looks import LooksSection
from chat.ui.settings.servers import ServerSection


def settings_page(house: House, way: Way) -> None:
    """Build the page."""
    ui.page_title('Settings')
    page = PlainPage('Settings', way)
    with page.body, Tag('div', 'settings', data_testid='settings-page'):
        KeySection(house)
        ServerSection(house)
        AnswersSection(house)
        TitlesSection(house)
        LooksSection(house)
        DataSection(house)
