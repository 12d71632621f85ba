"""What stands where no conversation can be shown: it is unknown, deleted, damaged, or still being read."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from chat.ui.html import HtmlElement, HtmlText
from chat.ui.plain_page import TopBar


class ErrorPage(HtmlElement):
    """Says why there is nothing here, and what to do."""

    def __init__(self, sentence: str, advice: str, *, open_sidebar: str) -> None:
        super().__init__('div', 'page')
        ui.page_title(sentence.rstrip('.'))
        with self:
            TopBar(open_sidebar)
            with HtmlElement('div', 'missing-page', data_testid='dead-end'):
                HtmlText('h1', sentence)
                HtmlText('p', advice)
                self._actions = HtmlElement('div', 'missing-ways')
        with self._actions:
            ui.link('Start a new chat', '/').classes('text-button')

    def add_action(self, label: str, act: Callable[[], Awaitable[object]]) -> None:
        """Add a button in front of the other ways."""
        with self._actions:
            button = HtmlText('button', label, 'text-button', type='button').on('click', act, args=[])
        button.move(target_index=0)


class Skeleton(HtmlElement):
    """The outline of a conversation that is being read; the style sheet shows it if that takes a while."""

    def __init__(self) -> None:
        super().__init__('div', 'page skeleton', aria_busy='true', data_testid='skeleton')
        with self, HtmlElement('div', 'skeleton-turn', role='status', aria_label='Loading the chat'):
            for _ in range(3):
                HtmlElement('div', 'skeleton-line')
