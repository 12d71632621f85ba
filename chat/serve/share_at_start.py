"""--share: share on the network from the start, with a link and its QR code in the terminal."""

import sys
from datetime import timedelta

from chat.errors import SharingFailed
from chat.serve.screen import say
from chat.share.address import lan_addresses
from chat.share.qr_code import qr_text
from chat.share.sharing import Sharing

LASTING = timedelta(days=1)

NOWHERE = 'Nothing is shared: this computer is in no network. Join one, then share from the page.'
FOR_A_DEVICE = (
    'Open it on your phone: one browser comes in by it, and can use everything. The page invites others.'
)
CAN_BE_READ = 'The connection is not encrypted: others in this network could read what is sent.'


async def share_at_start(sharing: Sharing) -> None:
    """Share on the address that leads out of the network, and say how a device of the owner's comes in."""
    found = lan_addresses()
    if not found:
        return say(NOWHERE)
    try:
        await sharing.start(found[0].ip)
        await sharing.resume()
        issued = await sharing.invite('everything', lasting=LASTING)
    except SharingFailed as error:
        return say(f'Nothing is shared: {error}')
    return say('\n'.join(_words(sharing.links(issued.token)[0])))


def _words(link: str) -> list[str]:
    """What the owner needs to know of a link; the code only where the terminal can show it."""
    words = [f'Shared on this network for a day: {link}', FOR_A_DEVICE]
    words += [CAN_BE_READ] if link.startswith('http:') else []
    code = qr_text(link)
    try:
        code.encode(sys.stdout.encoding or 'ascii')
    except UnicodeEncodeError:
        return words
    return [*words, code]
