"""What axe-core finds on the pages of guests, from the link to the end, in both themes: nothing."""

from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from playwright.async_api import expect

from tests.security.target import Target
from tests.support.axe import ALL_IMPACTS, EVERYTHING, find_violations
from tests.support.browser_contexts import Device
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.launching import Launch
from tests.support.page_errors import PageErrors
from tests.support.stored_chats import StoredChat, write_chats

BOOK = StoredChat(number=1, title='All there is', turns=(('Show me everything', EVERYTHING),))


@pytest.fixture(scope='module')
def target(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    data = tmp_path_factory.mktemp('guests')
    write_chats(data, [BOOK])
    with Target('guarded', data, launch=launch) as target:
        yield target


@pytest.fixture
def shared(target: Target) -> Iterator[str]:
    """Where guests come in."""
    yield target.tell('start', '127.0.0.1')[0]
    target.tell('stop')


@pytest.mark.parametrize('device', ['desk', 'phone'])
async def test_nothing_is_found(
    target: Target, shared: str, open_chat: OpenChatPage, watch: PageErrors, device: Device
) -> None:
    watch.expect_error('401 (Unauthorized)', '410 (Gone)')
    guest: ChatPage = await open_chat(device)
    page = guest.page
    await page.goto(shared)
    found = await find_violations(page, 'without a link', ALL_IMPACTS)
    await page.goto(f'{shared}join/not-a-link')
    found += await find_violations(page, 'a wrong link', ALL_IMPACTS)
    for allows in ('read', 'write'):
        invite_id, token = target.tell('invite', allows, BOOK.id, 3600, 'Ann')
        await page.goto(urljoin(shared, f'join/{token}'))
        await expect(guest.answers.first).to_contain_text('A heading')
        if allows == 'write':
            await guest.composer.fill('And what else?')
            await guest.send_button.click()
            await guest.expect_state('streaming')
        found += await find_violations(page, allows, ALL_IMPACTS)
        if allows == 'write':
            target.tell('hush', BOOK.id)
        target.tell('revoke', invite_id)
        await expect(page.get_by_test_id('put-away')).to_be_visible()
        found += await find_violations(page, f'{allows}, when it has ended', ALL_IMPACTS)
        await page.reload()
        found += await find_violations(page, f'{allows}, when it ended a while ago', ALL_IMPACTS)
    assert not found, '\n'.join(found)
