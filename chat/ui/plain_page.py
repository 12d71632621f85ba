"""A page that is no conversation: a bar with the way to the sidebar, and what stands below it."""

from chat.ui.markup import IconButton, Tag, Text


class TopBar(Tag):
    """The upper edge of every page; others add to it."""

    def __init__(self, open_sidebar: str) -> None:
        """`open_sidebar` is what the button for it runs in the browser."""
        super().__init__('header', 'topbar')
        with self:
            IconButton('sym_o_left_panel_open', 'Open sidebar', 'sidebar-open').on(
                'click', js_handler=open_sidebar
            )


class PlainPage(Tag):
    """A page with a title in its `bar`; `body` is for the rest."""

    def __init__(self, title: str, open_sidebar: str) -> None:
        super().__init__('div', 'room plain-page')
        with self:
            self.bar = TopBar(open_sidebar)
            with self.bar:
                Text('h1', title, 'page-title')
                Tag('span', 'spacer')
            self.body = Tag('div', 'page-body')


def theme_toggle() -> None:
    """The button for light and dark."""
    IconButton(
        'sym_o_contrast', 'Light, dark or as the system', 'theme-toggle', data_testid='theme-toggle'
    ).on('click', js_handler='() => window.parlourTheme.next()')
