"""The dialog by which the owner shares: built when it is opened, empty when it is closed."""

from nicegui import ui

from chat.ui.house import House
from chat.ui.housekeeping import shown_conversation
from chat.ui.markup import IconButton, Tag, Text
from chat.ui.sharing.share_sheet import ShareSheet


class ShareDialog(Tag):
    """One for a page; links stand in it only until it is closed."""

    def __init__(self, house: House) -> None:
        super().__init__(
            'dialog', 'dialog share-dialog', data_testid='share-dialog', aria_labelledby='share-title'
        )
        self._house = house
        self.on('close', self.clear, args=[])

    def open(self) -> None:
        """Show it, for the conversation that the page shows, if it shows one."""
        self.clear()
        close = f'() => getHtmlElement({self.id}).close()'
        with self:
            with Tag('div', 'share-head'):
                Text('h2', 'Share on this network', id='share-title')
                IconButton('sym_o_close', 'Close').on('click', js_handler=close)
            ShareSheet(self._house, self._house.opened.get(shown_conversation()))
        ui.run_javascript(f'const it = getHtmlElement({self.id}); if (!it.open) it.showModal()')
