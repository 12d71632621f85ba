"""The dialog by which the owner shares: built when it is opened, empty when it is closed."""

from nicegui import ui

from chat.ui.app_context import AppContext
from chat.ui.conversation_actions import current_conversation_id
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.share_dialog.share_form import ShareForm


class ShareDialog(HtmlElement):
    """One for a page; links stand in it only until it is closed."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(
            'dialog', 'dialog share-dialog', data_testid='share-dialog', aria_labelledby='share-title'
        )
        self._house = context
        self.on('close', self.clear, args=[])

    def open(self) -> None:
        """Show it, for the conversation that the page shows, if it shows one."""
        self.clear()
        close = f'() => getHtmlElement({self.id}).close()'
        with self:
            with HtmlElement('div', 'share-head'):
                HtmlText('h2', 'Share on this network', id='share-title')
                IconButton('sym_o_close', 'Close').on('click', js_handler=close)
            ShareForm(self._house, self._house.conversations.get(current_conversation_id()))
        ui.run_javascript(f'const it = getHtmlElement({self.id}); if (!it.open) it.showModal()')
