"""The dialog of sharing, where the network is another one than before."""

import pytest
from nicegui.testing import User

from chat.conversation.conversation_registry import ConversationRegistry
from chat.sharing.lan_addresses import lan_addresses
from chat.sharing.sharing import Sharing
from chat.ui.share_dialog.invites import InviteForm
from chat.ui.share_dialog.share_dialog import LEFT_NETWORK_MESSAGE
from tests.support.scripted import wait_until_answered
from tests.ui.handlers import handled_to_the_end
from tests.ui.test_folder_setting import button

LOST = '192.0.2.7'
"""An address that no computer has."""


async def test_a_new_link_leads_to_an_address_that_this_computer_still_has(
    person: User, registry: ConversationRegistry, sharing: Sharing
) -> None:
    """The links that were made before stay."""
    if not (found := lan_addresses()):
        pytest.skip('this computer is in no network')
    live = registry.new()
    live.send('Hello?')
    await wait_until_answered(live)
    await sharing.start(LOST)
    before = await sharing.invite('read', live.id, lasting=None)
    await person.open(f'/c/{live.id}')
    button(person, 'share').click()
    await person.should_see(LEFT_NETWORK_MESSAGE)
    await person.should_see(f'{found[0].ip} ({found[0].adapter})')
    wanted = {'allows': 'read', 'time': '1 hour', 'name': 'Ann', 'address': found[0].ip}
    async with handled_to_the_end():
        person.find(kind=InviteForm).trigger('submit', wanted)
    await person.should_see(f'http://{found[0].ip}:8080/join/')
    await person.should_not_see(LEFT_NETWORK_MESSAGE)
    assert before.invite.id in {invite.id for invite in sharing.invites}
