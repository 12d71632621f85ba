"""The dialog by which the owner shares."""

from urllib.parse import urlsplit

from playwright.async_api import expect

from tests.browser.lan.owner import create, stop_sharing
from tests.support.lan import Lan
from tests.support.process import Parlour
from tests.support.room import Room


async def test_a_link_is_made_ended_and_all_of_it_stopped(lan: Lan, app: Parlour, room: Room) -> None:
    await room.open(app.url)
    await room.page.get_by_test_id('share').click()
    await expect(room.page.locator('label.segment', has_text='A reader')).to_have_count(0)
    await expect(room.page.locator('label.segment', has_text='My own device')).to_be_visible()
    await room.page.keyboard.press('Escape')
    await room.send('Shall we share?')
    await room.sees_state('done')
    await room.page.get_by_test_id('share').click()
    await room.page.locator('[name=address]').select_option(lan.owner.ip)
    name = room.page.locator('.invite-form [name=name]')
    await expect(name).to_have_attribute('placeholder', 'Guest')
    await room.page.locator('label.segment', has_text='My own device').click()
    await expect(name).to_have_attribute('placeholder', 'My device')
    ann, ben = await create(room, 'A reader', 'Ann'), await create(room, 'A writer', 'Ben')
    await expect(room.page.get_by_test_id('share-qr').locator('svg')).to_be_visible()
    await expect(room.page.get_by_test_id('shared')).to_be_visible()
    url, _, token = ann.rpartition('join/')
    assert lan.guest.ask(url, f'/join/{token}').status == 303
    await room.page.get_by_test_id('invite').filter(has_text='Ann').get_by_test_id('invite-end').click()
    await expect(room.page.get_by_test_id('invite')).to_have_count(1)
    assert lan.guest.ask(url, f'/join/{token}').status == 410
    await room.page.keyboard.press('Escape')
    await expect(room.page.get_by_test_id('share-link')).to_have_count(0)
    assert ben.rpartition('/')[2] not in await room.page.content(), 'a link is shown once'
    await stop_sharing(room)
    address = urlsplit(url)
    assert not lan.guest.reaches(address.hostname or '', address.port or 0)
