"""What pages have in common: the bar, a page that is no conversation, and what stands where there is none."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from chat.ui.html import HtmlElement, HtmlText, IconButton, Link, icon_html

NEXT_THEME_SCRIPT = '() => document.dispatchEvent(new CustomEvent("parlour-theme", { detail: "next" }))'
"""In the browser: what `theme.js` listens to."""


class TopBar(HtmlElement):
    """The upper edge of every page; others add to it."""

    def __init__(self, open_sidebar: str) -> None:
        """`open_sidebar` is what the button for it runs in the browser."""
        super().__init__('header', 'topbar')
        with self:
            IconButton('left_panel_open', 'Open sidebar', 'sidebar-open').on('click', js_handler=open_sidebar)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNavigation:
    """How one gets from a page to elsewhere."""

    open_sidebar: str
    """What the button for that runs in the browser."""
    back: str
    """The address of the chat where one was before."""


class PlainPage(HtmlElement):
    """A page with a title in its `bar`; `body` is for the rest."""

    def __init__(self, title: str, navigation: PageNavigation) -> None:
        super().__init__('div', 'page plain-page')
        with self:
            with TopBar(navigation.open_sidebar):
                HtmlText('h1', title, 'page-title')
                HtmlElement('span', 'spacer')
                self.bar = HtmlElement('span', 'page-actions')
                Link(
                    navigation.back,
                    'icon-button page-close',
                    icon_html('close'),
                    title='Close (Esc)',
                    aria_label='Close',
                    data_testid='page-close',
                )
            self.body = HtmlElement('div', 'page-body', tabindex='-1')


def theme_toggle() -> None:
    """Build the button for light and dark."""
    IconButton('contrast', 'Theme: light, dark or system', 'theme-toggle', data_testid='theme-toggle').on(
        'click', js_handler=NEXT_THEME_SCRIPT
    )


class ErrorPage(HtmlElement):
    """Says why there is nothing here, and what to do."""

    def __init__(self, sentence: str, advice: str, *, open_sidebar: str) -> None:
        super().__init__('div', 'page')
        ui.page_title(sentence.rstrip('.'))
        with self:
            TopBar(open_sidebar)
            with HtmlElement('div', 'error-page', data_testid='dead-end'):
                HtmlText('h1', sentence)
                HtmlText('p', advice)
                self._actions = HtmlElement('div', 'error-actions')
        with self._actions:
            Link('/', 'text-button', 'Start a new chat')

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
