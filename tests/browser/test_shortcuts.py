"""The shortcuts in the app, from the message box and from the page; each one is shown in `components`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.process import Parlour, StartApp
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import two_halves
from tests.support.stored_chats import StoredChat, write_chats

BOOK = StoredChat(number=1, title='A chat')


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    write_chats(tmp_path / 'data', [BOOK])
    yield await start()


async def leave_the_box(chat: ChatPage) -> None:
    await chat.composer.evaluate('(box) => box.blur()')


@pytest.mark.parametrize('where', ['box', only_long('page')])
async def test_new_chat_search_and_sidebar(app: Parlour, chat: ChatPage, where: str) -> None:
    await chat.open(f'{app.url}/c/{BOOK.id}')
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


async def test_the_first_tab_leads_past_the_sidebar(app: Parlour, chat: ChatPage) -> None:
    await chat.open(app.url)
    await leave_the_box(chat)
    skip = chat.page.get_by_role('link', name='Skip to the message box')
    await skip.focus()
    await expect(skip).to_be_in_viewport()
    await chat.page.keyboard.press('Enter')
    await expect(chat.composer).to_be_focused()
