"""The shortcuts in the app, from the message box and from the page; each one is shown in `components`."""

import pytest
from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.process import Parlour
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import two_halves


async def leave_the_box(chat: ChatPage) -> None:
    await chat.composer.evaluate('(box) => box.blur()')


@pytest.mark.parametrize('where', ['box', only_long('page')])
async def test_new_chat_search_and_sidebar(app: Parlour, chat: ChatPage, where: str) -> None:
    await chat.open(app.url)
    await chat.send('Hello')
    await chat.expect_state('done')
    await chat.address()
    if where == 'box':
        await chat.composer.focus()
    else:
        await leave_the_box(chat)
    sidebar = chat.page.get_by_test_id('sidebar')
    await chat.page.keyboard.press('Control+b')
    await expect(sidebar).not_to_be_in_viewport()
    await chat.page.keyboard.press('Control+b')
    await expect(sidebar).to_be_in_viewport()
    await chat.page.keyboard.press('Control+k')
    await expect(chat.page.get_by_test_id('search-input')).to_be_focused()
    await chat.page.keyboard.press('Escape')
    await chat.page.keyboard.press('Control+Shift+O')
    await expect(chat.page).to_have_url(f'{app.url}/')


async def test_escape_stops_the_answer_unless_something_lies_over_it(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    reply, _ = two_halves()
    provider.reply(reply)
    await chat.open(app.url)
    await chat.send('Tell me')
    await chat.expect_answer('The first half')
    await chat.page.keyboard.press('Control+k')
    await chat.page.keyboard.press('Escape')
    await chat.links.first.focus()
    await chat.page.keyboard.press('F2')
    await chat.page.keyboard.press('Escape')
    await chat.expect_state('streaming')
    await chat.page.keyboard.press('Escape')
    await chat.expect_state('stopped')
