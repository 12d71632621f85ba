"""The dialog by which the owner shares."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.lan.owner import create, share, stop_sharing
from tests.support.chat_page import ChatPage
from tests.support.lan import Lan
from tests.support.process import Parlour
from tests.support.profile import only_long


async def test_a_link_is_made_ended_and_all_of_it_stopped(lan: Lan, app: Parlour, room: ChatPage) -> None:
    await room.open(app.url)
    await room.page.get_by_test_id('share').click()
    await expect(room.page.locator('label.segment', has_text='Can view')).to_have_count(0)
    await expect(room.page.locator('label.segment', has_text='My own device')).to_be_visible()
    await room.page.keyboard.press('Escape')
    await room.send('Shall we share?')
    await room.expect_answer_with('Hello')
    await room.stop.click()
    await room.expect_state('stopped')
    await room.page.get_by_test_id('share').click()
    await room.page.locator('[name=address]').select_option(lan.owner.ip)
    name = room.page.locator('.invite-form [name=name]')
    await expect(name).to_have_attribute('placeholder', 'Guest')
    await room.page.locator('label.segment', has_text='My own device').click()
    await expect(name).to_have_attribute('placeholder', 'My device')
    ann, ben = await create(room, 'Can view', 'Ann'), await create(room, 'Can chat', 'Ben')
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


@pytest.mark.parametrize('width', [320, only_long(390)])
async def test_nothing_hangs_out_on_a_phone(lan: Lan, app: Parlour, room: ChatPage, width: int) -> None:
    await room.page.set_viewport_size({'width': width, 'height': 844})
    await room.open(app.url)
    await room.composer.fill('Shall we share?')
    await room.send_button.click()
    await room.expect_answer_with('Hello')
    await room.page.get_by_test_id('share').click()
    await room.page.locator('[name=address]').select_option(lan.owner.ip)
    await create(room, 'My own device', 'Ann')
    dialog = room.page.locator('.share-dialog')
    outside = await dialog.evaluate("""(dialog) => {
        const padding = parseFloat(getComputedStyle(dialog).paddingRight);
        const inner = dialog.getBoundingClientRect().right - padding;
        const parts = dialog.querySelectorAll('.segments, .segment > span, .field, .text-button, code');
        return [...parts].filter((part) => part.getBoundingClientRect().right > inner + 0.5).length;
    }""")
    assert outside == 0


async def test_a_stop_ends_all_links_and_sharing_again_opens_the_port_with_none(
    lan: Lan, app: Parlour, room: ChatPage
) -> None:
    comes = await two_links(lan, app, room)
    assert comes() == [303, 303]
    await room.page.get_by_test_id('shared').click()
    await room.page.get_by_test_id('share-stop').click()
    await room.page.get_by_role('button', name='Cancel').click()
    assert comes() == [303, 303], 'nothing has happened'
    await room.page.keyboard.press('Escape')
    await stop_sharing(room)
    await expect(room.page.get_by_text('Sharing is off. All links have ended.')).to_be_visible()
    await room.page.get_by_test_id('share-again').click()
    await expect(room.page.get_by_test_id('share-stop')).to_be_visible()
    await expect(room.page.get_by_test_id('share-again')).to_be_hidden()
    assert comes() == [410, 410]
    await create(room, 'Can view', 'Cleo')
    await expect(room.page.get_by_test_id('invite')).to_have_count(1)
    assert comes() == [410, 410], 'nor does another link bring them back'


async def test_links_that_are_kept_work_again_once_the_owner_shares_again(
    lan: Lan, app: Parlour, room: ChatPage
) -> None:
    comes = await two_links(lan, app, room)
    await stop_sharing(room, keeps_links=True)
    await expect(room.page.get_by_text('Links that you kept work again the next time')).to_be_visible()
    await create(room, 'Can view', 'Cleo')
    await expect(room.page.get_by_test_id('invite').filter(has_text='paused')).to_have_count(2)
    assert comes() == [410, 410], 'a new link turns on no other'
    await room.page.get_by_test_id('share-again').click()
    await expect(room.page.get_by_test_id('invite').filter(has_text='paused')).to_have_count(0)
    assert comes() == [303, 303]


async def two_links(lan: Lan, app: Parlour, room: ChatPage) -> Callable[[], list[int]]:
    """Share with a guest and with a device; what is returned tries both links again, from their computer."""
    await room.open(app.url)
    await room.send('Shall we share?')
    await room.expect_answer_with('Hello')
    await room.stop.click()
    await room.expect_state('stopped')
    links = [await share(room, 'Can chat', 'Ann'), await share(room, 'My own device', 'Phone')]
    cookies = ['', '']

    def comes() -> list[int]:
        answers = [
            lan.guest.ask(url, f'/join/{token}', cookie)
            for (url, _, token), cookie in zip(
                (link.rpartition('join/') for link in links), cookies, strict=True
            )
        ]
        for place, answer in enumerate(answers):
            cookies[place] = answer.cookie or cookies[place]
        return [answer.status for answer in answers]

    return comes
