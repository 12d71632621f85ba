"""The dialog by which the owner shares: built when it is opened, empty when it is closed."""

from nicegui import ui

from chat.conversation.registry import ConversationRegistry
from chat.conversation.storage import ConversationCatalog
from chat.sharing.presence import Presence
from chat.sharing.sharing import Sharing
from chat.ui.conversation_actions import current_conversation_id
from chat.ui.html import HtmlElement, HtmlText, IconButton
from chat.ui.share_dialog.share_form import ShareForm


class ShareDialog(HtmlElement):
    """One for a page; links stand in it only until it is closed."""

    def __init__(
        self,
        registry: ConversationRegistry,
        sharing: Sharing,
        presence: Presence,
        catalog: ConversationCatalog,
    ) -> None:
        super().__init__(
            'dialog', 'dialog share-dialog', data_testid='share-dialog', aria_labelledby='share-title'
        )
        self._registry = registry
        self._sharing = sharing
        self._presence = presence
        self._catalog = catalog
        self.on('close', self.clear, args=[])

    def open(self) -> None:
        """Show it, for the conversation that the page shows, if it shows one."""
        self.clear()
        live = self._registry.get(current_conversation_id())
        conversation_id = live.id if live and live.turns else ''
        close = f'() => getHtmlElement({self.id}).close()'
        with self:
            with HtmlElement('div', 'share-head'):
                HtmlText('h2', 'Share on this network', id='share-title')
                IconButton('sym_o_close', 'Close').on('click', js_handler=close)
            ShareForm(self._sharing, self._presence, self._catalog, conversation_id)
        ui.run_javascript(f'const it = getHtmlElement({self.id}); if (!it.open) it.showModal()')
