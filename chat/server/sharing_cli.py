"""--share: share on the network from the start, with a link and its QR code in the terminal."""

import sys
from datetime import timedelta

from chat.errors import SharingFailed
from chat.server.launcher import print_line
from chat.sharing.lan_addresses import lan_addresses
from chat.sharing.qr_code import qr_text
from chat.sharing.sharing import Sharing

LINK_LIFETIME = timedelta(days=1)

NO_NETWORK_MESSAGE = (
    'Nothing is shared: this computer is not connected to a network. '
    'Connect to one, then share from the page.'
)
DEVICE_LINK_MESSAGE = (
    'Open it on your phone: it works for one browser, with full access. Invite others from the page.'
)
UNENCRYPTED_WARNING = 'The connection is not encrypted: others on this network could read what is sent.'


async def start_sharing(sharing: Sharing) -> None:
    """Share on the address of the default route, and print a link for a device of the owner."""
    found = lan_addresses()
    if not found:
        return print_line(NO_NETWORK_MESSAGE)
    try:
        await sharing.start(found[0].ip)
        await sharing.resume()
        issued = await sharing.invite('everything', lasting=LINK_LIFETIME)
    except SharingFailed as error:
        return print_line(f'Nothing is shared: {error}')
    return print_line('\n'.join(_link_lines(sharing.links(issued.token)[0])))


def _link_lines(link: str) -> list[str]:
    """Return what the owner needs to know of a link; the QR code only if the terminal can show it."""
    words = [f'Shared on this network for a day: {link}', DEVICE_LINK_MESSAGE]
    words += [UNENCRYPTED_WARNING] if link.startswith('http:') else []
    code = qr_text(link)
    try:
        code.encode(sys.stdout.encoding or 'ascii')
    except UnicodeEncodeError:
        return words
    return [*words, code]
