"""The title of the open chat is the heading of its page, with the menu of the chat, on phones too."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.browser.sidebar_rows import STORED_CHATS, row
from tests.support.axe import ALL_IMPACTS, find_violations
from tests.support.browser_contexts import Device
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.stored_chats import StoredChat, write_chats

LONG = StoredChat(number=9, title='A very long title ' * 11, days=400)


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    write_chats(tmp_path / 'data', [*STORED_CHATS, LONG])
    yield await start()


def heading(chat: ChatPage) -> Locator:
    return chat.page.get_by_role('heading', level=1)


async def choose(chat: ChatPage, item: str) -> None:
    await chat.page.get_by_test_id('chat-menu').click()
    await chat.page.get_by_role('menuitem', name=item).click()


async def test_the_title_is_the_heading(app: Parlour, open_chat: OpenChatPage) -> None:
    """However long it is, all buttons are where they can be pressed, and axe finds nothing at all."""
    await title_is_heading(app, await open_chat('desk'), 'desk')
    await title_is_heading(app, await open_chat('phone'), 'phone')


async def title_is_heading(app: Parlour, chat: ChatPage, device: Device) -> None:
    await chat.open(f'{app.url}/c/{LONG.id}')
    await expect(heading(chat)).to_have_text(LONG.title.strip())
    await expect(heading(chat)).to_have_attribute('data-testid', 'chat-title')
    assert await find_violations(chat.page, device, ALL_IMPACTS) == []
    width = await chat.page.evaluate('innerWidth')
    for name in ('model-picker', 'chat-menu', 'share'):
        box = await chat.page.get_by_test_id(name).bounding_box()
        assert box
        assert 0 <= box['x'] <= box['x'] + box['width'] <= width
        assert min(box['width'], box['height']) >= (44 if device == 'phone' else 30)
    await chat.page.get_by_test_id('model-picker').click()
    await expect(chat.page.get_by_test_id('model-search')).to_be_visible()


async def test_a_new_chat_has_its_title_with_the_first_prompt(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    await chat.open(app.url)
    await expect(heading(chat)).to_have_count(1)
    await expect(chat.page.get_by_test_id('chat-menu')).to_be_hidden()
    await chat.send('Rolling mean')
    await expect(heading(chat)).to_have_text('Rolling mean')
    await chat.expect_state('done')
    await choose(chat, 'Pin')
    await expect(chat.page.locator('.group-title').first).to_have_text('Pinned')
    await chat.wait_for_prop('pinned', is_set=True)
    await chat.page.get_by_test_id('chat-menu').click()
    await expect(chat.page.get_by_role('menuitem', name='Unpin')).to_be_visible()


async def test_a_chat_is_renamed_where_its_title_stands(app: Parlour, chat: ChatPage) -> None:
    """A name that cannot be is told, in the bar and in the list: none at all, and one that is too long."""
    await chat.open(f'{app.url}/c/{STORED_CHATS[0].id}')
    await choose(chat, 'Rename')
    box = chat.page.get_by_test_id('conversation-name')
    await expect(box).to_be_focused()
    await box.press('Escape')
    await expect(chat.page.get_by_test_id('chat-menu')).to_be_focused()
    await expect(heading(chat)).to_have_text('Rolling median')
    await choose(chat, 'Rename')
    await box.fill('')
    await box.press('Enter')
    await expect(chat.notice).to_contain_text('A chat needs a title')
    await expect(heading(chat)).to_have_text('Rolling median')
    await choose(chat, 'Rename')
    await box.fill('Medians')
    await box.press('Enter')
    await expect(heading(chat)).to_have_text('Medians')
    await row(chat, 'Medians').focus()
    await chat.page.keyboard.press('F2')
    await box.fill('m' * 500)
    await box.press('Enter')
    await expect(chat.notice.last).to_contain_text('200 characters')
    await expect(heading(chat)).to_have_text('m' * 200)


async def test_a_phone_has_all_in_the_menu(app: Parlour, open_chat: OpenChatPage) -> None:
    """Also what has no room in the bar."""
    phone = await open_chat('phone')
    await phone.open(f'{app.url}/c/{STORED_CHATS[0].id}')
    await choose(phone, 'Theme: light')
    await expect(phone.page.locator('html')).to_have_attribute('data-choice', 'light')
    await choose(phone, 'Delete')
    moved = phone.notice.filter(has_text='“Rolling median” moved to trash.')
    await moved.get_by_role('button', name='Undo').tap()
    await expect(heading(phone)).to_have_text('Rolling median')
