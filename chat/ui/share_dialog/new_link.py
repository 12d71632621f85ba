"""A link that has just been made, as text and as a QR code: it can be seen here, and never again."""

from nicegui import ui

from chat.sharing.invites import Invite
from chat.sharing.qr_code import qr_svg
from chat.ui.html import HtmlElement, HtmlText

GUEST_LINK_MESSAGE = (
    "Scan the code or pass on the link. This link is shown only once. If it's lost, create a new one."
)
DEVICE_LINK_MESSAGE = (
    'Scan the code with your device. Works for one browser, with full access. This link is shown only once.'
)


class NewLink(HtmlElement):
    """Empty until there is a link."""

    def __init__(self) -> None:
        super().__init__('div', 'fresh-link', aria_live='polite')

    def show(self, invite: Invite, link: str) -> None:
        """Show the link of a new invite, in the place of the one before."""
        self.clear()
        with self:
            code = ui.html(qr_svg(link), sanitize=False).classes('qr-code')
            code.props('data-testid=share-qr role=img aria-label="The link as a QR code"')
            with HtmlElement('div', 'fresh-words'):
                HtmlText(
                    'p',
                    DEVICE_LINK_MESSAGE if invite.allows == 'everything' else GUEST_LINK_MESSAGE,
                    'share-note',
                )
                address = HtmlText('code', link, data_testid='share-link')
                HtmlText(
                    'button',
                    'Copy link',
                    'text-button',
                    type='button',
                    data_testid='share-copy',
                    data_copies=address.html_id,
                )
