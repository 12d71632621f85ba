"""What pages of a team have not: what is set where it is started, and what is for a Parlour of one's own."""

import pytest
from nicegui.testing import User

from chat.sharing.access import Owner, Visitor
from chat.ui.chat.composer import Composer
from chat.ui.settings.keys import KeySection
from chat.ui.settings.lock import LockSection
from chat.ui.settings.mcp_page import McpSection
from chat.ui.settings.servers import ServerSection
from chat.ui.sidebar import SharingStatus

OWN = (KeySection, ServerSection, McpSection, LockSection)


@pytest.fixture(params=['anna', ''])
def visitor(request: pytest.FixtureRequest) -> Visitor:
    return Owner(user=request.param)


async def test_the_settings(person: User, visitor: Visitor) -> None:
    assert isinstance(visitor, Owner)
    await person.open('/settings')
    await person.should_see('System prompt')
    for section in OWN:
        await (person.should_not_see if visitor.user else person.should_see)(kind=section)
    await (person.should_not_see if visitor.user else person.should_see)('Stored on your computer')
    if visitor.user:
        await person.should_see('anna')


async def test_a_chat(person: User, visitor: Visitor) -> None:
    """Nobody shares it by a link, who has no model is not told to add a key, and drafts are theirs."""
    assert isinstance(visitor, Owner)
    await person.open('/')
    await person.should_see('Temporary chat')
    see = person.should_not_see if visitor.user else person.should_see
    await see(kind=SharingStatus)
    await see('Add an API key')
    [composer] = person.find(kind=Composer).elements
    assert composer.props['user'] == visitor.user


@pytest.mark.parametrize('address', ['/admin', '/settings/mcp'])
async def test_pages_that_are_not_there(person: User, visitor: Visitor, address: str) -> None:
    """Nobody is an administrator of their own Parlour, or of a team that does not name them."""
    assert isinstance(visitor, Owner)
    answer = await person.http_client.get(address)
    assert answer.status_code == (404 if visitor.user or address == '/admin' else 200)
