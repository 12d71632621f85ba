"""The dialog by which the owner shares."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.attacks.raw import ask
from tests.support.elsewhere import HERE, Elsewhere, computer_elsewhere
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.room import Room


async def create(room: Room, whom: str, name: str) -> str:
    """Have a link made, and read it."""
    await room.page.locator('label.segment', has_text=whom).click()
    await room.page.locator('[name=name]').fill(name)
    await room.page.get_by_test_id('share-create').click()
    await expect(room.page.get_by_test_id('invite').filter(has_text=name)).to_be_visible()
    return await room.page.get_by_test_id('share-link').inner_text()


@pytest.fixture
def network() -> Iterator[Elsewhere]:
    with computer_elsewhere() as network:
        yield network


@pytest.mark.usefixtures('network')
async def test_a_link_is_made_ended_and_all_of_it_stopped(
    app: Parlour, provider: Provider, room: Room
) -> None:
    provider.say(Reply(pieces=['Here.']))
    await room.open(app.url)
    await room.page.get_by_test_id('share').click()
    await expect(room.page.locator('label.segment', has_text='A reader')).to_have_count(0)
    await expect(room.page.locator('label.segment', has_text='My own device')).to_be_visible()
    await room.page.keyboard.press('Escape')
    await room.send('Shall we share?')
    await room.sees_state('done')
    await room.page.get_by_test_id('share').click()
    await room.page.locator('[name=address]').select_option(HERE)
    ann, ben = await create(room, 'A reader', 'Ann'), await create(room, 'A writer', 'Ben')
    await expect(room.page.get_by_test_id('share-qr').locator('svg')).to_be_visible()
    await expect(room.page.get_by_test_id('shared')).to_be_visible()
    url, _, token = ann.rpartition('join/')
    assert ask(url, path=f'/join/{token}').status == 303
    await room.page.get_by_test_id('invite').filter(has_text='Ann').get_by_test_id('invite-end').click()
    await expect(room.page.get_by_test_id('invite')).to_have_count(1)
    assert ask(url, path=f'/join/{token}').status == 410
    await room.page.keyboard.press('Escape')
    await expect(room.page.get_by_test_id('share-link')).to_have_count(0)
    assert ben.rpartition('/')[2] not in await room.page.content(), 'a link is shown once'
    await room.page.get_by_test_id('shared').click()
    await expect(room.page.locator('label.segment', has_text='A reader')).to_be_visible()
    await room.page.get_by_test_id('share-stop').click()
    await expect(room.page.get_by_test_id('share-again')).to_be_visible()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((urlsplit(url).hostname or '', urlsplit(url).port or 0))
