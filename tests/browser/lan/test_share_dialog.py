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


async def test_a_link_is_made_ended_and_all_of_it_stopped(lan: Lan, app: Parlour, chat: ChatPage) -> None:
    await chat.open(app.url)
    await chat.page.get_by_test_id('share').click()
    await expect(chat.page.locator('label.segment', has_text='Can view')).to_have_count(0)
    await expect(chat.page.locator('label.segment', has_text='My own device')).to_be_visible()
    await chat.page.keyboard.press('Escape')
    await chat.send('Shall we share?')
    await chat.expect_answer_with('Hello')
    await chat.end_answer()
    await chat.page.get_by_test_id('share').click()
    await chat.page.locator('[name=address]').select_option(lan.owner.ip)
    name = chat.page.locator('.invite-form [name=name]')
    await expect(name).to_have_attribute('placeholder', 'Guest')
    await chat.page.locator('label.segment', has_text='My own device').click()
    await expect(name).to_have_attribute('placeholder', 'My device')
    ann, ben = await create(chat, 'Can view', 'Ann'), await create(chat, 'Can chat', 'Ben')
    await expect(chat.page.get_by_test_id('share-qr').locator('svg')).to_be_visible()
    await expect(chat.page.get_by_test_id('shared')).to_be_visible()
    url, _, token = ann.rpartition('join/')
    assert lan.guest.ask(url, f'/join/{token}').status == 303
    await chat.page.get_by_test_id('invite').filter(has_text='Ann').get_by_test_id('invite-end').click()
    await expect(chat.page.get_by_test_id('invite')).to_have_count(1)
    assert lan.guest.ask(url, f'/join/{token}').status == 410
    await chat.page.keyboard.press('Escape')
    await expect(chat.page.get_by_test_id('share-link')).to_have_count(0)
    assert ben.rpartition('/')[2] not in await chat.page.content(), 'a link is shown once'
    await stop_sharing(chat)
    address = urlsplit(url)
    assert not lan.guest.reaches(address.hostname or '', address.port or 0)


@pytest.mark.parametrize('width', [320, only_long(390)])
async def test_nothing_hangs_out_on_a_phone(lan: Lan, app: Parlour, chat: ChatPage, width: int) -> None:
    await chat.page.set_viewport_size({'width': width, 'height': 844})
    await chat.open(app.url)
    await chat.composer.fill('Shall we share?')
    await chat.send_button.click()
    await chat.expect_answer_with('Hello')
    await chat.page.get_by_test_id('share').click()
    await chat.page.locator('[name=address]').select_option(lan.owner.ip)
    await create(chat, 'My own device', 'Ann')
    dialog = chat.page.locator('.share-dialog')
    outside = await dialog.evaluate("""(dialog) => {
        const padding = parseFloat(getComputedStyle(dialog).paddingRight);
        const inner = dialog.getBoundingClientRect().right - padding;
        const parts = dialog.querySelectorAll('.segments, .segment > span, .field, .text-button, code');
        return [...parts].filter((part) => part.getBoundingClientRect().right > inner + 0.5).length;
    }""")
    assert outside == 0


async def test_a_stop_ends_all_links_and_sharing_again_opens_the_port_with_none(
    lan: Lan, app: Parlour, chat: ChatPage
) -> None:
    comes = await two_links(lan, app, chat)
    assert comes() == [303, 303]
    await chat.page.get_by_test_id('shared').click()
    await chat.page.get_by_test_id('share-stop').click()
    await chat.page.get_by_role('button', name='Cancel').click()
    assert comes() == [303, 303], 'nothing has happened'
    await chat.page.keyboard.press('Escape')
    await stop_sharing(chat)
    await expect(chat.page.get_by_text('Sharing is off. All links have ended.')).to_be_visible()
    await chat.page.get_by_test_id('share-again').click()
    await expect(chat.page.get_by_test_id('share-stop')).to_be_visible()
    await expect(chat.page.get_by_test_id('share-again')).to_be_hidden()
    assert comes() == [410, 410]
    await create(chat, 'Can view', 'Cleo')
    await expect(chat.page.get_by_test_id('invite')).to_have_count(1)
    assert comes() == [410, 410], 'nor does another link bring them back'


async def test_links_that_are_kept_work_again_once_the_owner_shares_again(
    lan: Lan, app: Parlour, chat: ChatPage
) -> None:
    comes = await two_links(lan, app, chat)
    await stop_sharing(chat, keeps_links=True)
    await expect(chat.page.get_by_text('Links that you kept work again the next time')).to_be_visible()
    await create(chat, 'Can view', 'Cleo')
    await expect(chat.page.get_by_test_id('invite').filter(has_text='paused')).to_have_count(2)
    assert comes() == [410, 410], 'a new link turns on no other'
    await chat.page.get_by_test_id('share-again').click()
    await expect(chat.page.get_by_test_id('invite').filter(has_text='paused')).to_have_count(0)
    assert comes() == [303, 303]


async def two_links(lan: Lan, app: Parlour, chat: ChatPage) -> Callable[[], list[int]]:
    """Share with a guest and with a device; what is returned tries both links again, from their computer."""
    await chat.open(app.url)
    await chat.send('Shall we share?')
    await chat.expect_answer_with('Hello')
    await chat.end_answer()
    links = [await share(chat, 'Can chat', 'Ann'), await share(chat, 'My own device', 'Phone')]
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
