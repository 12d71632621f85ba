"""Half of an emoji, as programs leave it that cut texts: wherever it is pasted, what was written arrives."""

import re

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage, request_messages
from tests.support.process import Parlour
from tests.support.provider import Provider

PASTE = """(box) => {
    box.value = 'Half \\ud83d, \\\\ud83d and 😀';
    box.dispatchEvent(new Event('input', { bubbles: true }));
}"""
ARRIVED = 'Half \ufffd, \\ud83d and 😀'


async def paste(box: Locator) -> None:
    await box.evaluate(PASTE)


async def test_what_was_written_arrives_and_nothing_after_it_is_blocked(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    await chat.open(app.url)
    await paste(chat.composer)
    await chat.send_button.click()
    await chat.expect_state('done')
    await expect(chat.turns('user')).to_have_text([re.compile(re.escape(ARRIVED))])
    await chat.turns('user').hover()
    await chat.page.get_by_test_id('edit').click()
    await chat.page.get_by_test_id('edit-box').fill('Something else')
    await paste(chat.page.get_by_test_id('edit-box'))
    await chat.page.get_by_test_id('edit-save').click()
    await expect(chat.page.get_by_test_id('edit-box')).to_have_count(0)
    await chat.expect_state('done')
    await chat.send('Next')
    await provider.wait_for_requests(3)
    await chat.expect_state('done')
    assert [text for _, text in request_messages(provider.requests[-1])][::2] == [ARRIVED, 'Next']


async def test_so_does_a_name(app: Parlour, chat: ChatPage) -> None:
    await chat.open(app.url)
    await chat.send('A chat')
    await chat.expect_state('done')
    await chat.page.get_by_test_id('chat-menu').click()
    await chat.page.get_by_role('menuitem', name='Rename').click()
    name = chat.page.get_by_test_id('conversation-name')
    await paste(name)
    await name.press('Enter')
    await expect(chat.page.get_by_role('heading', level=1)).to_have_text(ARRIVED)
