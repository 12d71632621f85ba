"""What axe-core finds on the pages of guests, from the link to the end, in both themes: nothing."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urljoin

import pytest
from playwright.async_api import expect

from tests.attacks.target import Target
from tests.support.axe import ANY, EVERYTHING, findings
from tests.support.library import Book, fill
from tests.support.people import Device
from tests.support.room import OpenRoom, Room
from tests.support.watch import Watch

BOOK = Book(number=1, title='All there is', turns=(('Show me everything', EVERYTHING),))
Theme = Literal['light', 'dark']
WAYS: list[tuple[Device, Theme]] = [
    ('desk', 'light'),
    ('desk', 'dark'),
    ('phone', 'light'),
    ('phone', 'dark'),
]


@pytest.fixture(scope='module')
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    data = tmp_path_factory.mktemp('guests')
    fill(data, [BOOK])
    with Target('guarded', data) as target:
        yield target


@pytest.fixture
def shared(target: Target) -> Iterator[str]:
    """Where guests come in."""
    yield target.tell('start', '127.0.0.1')[0]
    target.tell('stop')


@pytest.mark.parametrize(('device', 'theme'), WAYS)
async def test_nothing_is_found(
    target: Target, shared: str, open_room: OpenRoom, watch: Watch, device: Device, theme: Theme
) -> None:
    watch.expect_error('401 (Unauthorized)', '410 (Gone)')
    guest: Room = await open_room(device)
    page = guest.page
    await page.emulate_media(color_scheme=theme, reduced_motion='reduce')
    await page.goto(shared)
    found = await findings(page, 'without a link', ANY)
    await page.goto(f'{shared}join/not-a-link')
    found += await findings(page, 'a wrong link', ANY)
    for allows in ('read', 'write'):
        invite_id, token = target.tell('invite', allows, BOOK.id, 3600, 'Ann')
        await page.goto(urljoin(shared, f'join/{token}'))
        await expect(guest.answers.first).to_contain_text('A heading')
        if allows == 'write':
            await guest.composer.fill('And what else?')
            await guest.send_button.click()
            await guest.sees_state('streaming')
        found += await findings(page, allows, ANY)
        if allows == 'write':
            target.tell('hush', BOOK.id)
        target.tell('revoke', invite_id)
        await expect(page.get_by_test_id('put-away')).to_be_visible()
        found += await findings(page, f'{allows}, when it has ended', ANY)
        await page.reload()
        found += await findings(page, f'{allows}, when it ended a while ago', ANY)
    assert not found, '\n'.join(found)
