"""The list of conversations under a finger."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.sidebar_rows import STORED_CHATS, TITLES, expect_rows, row
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.process import Parlour, StartApp
from tests.support.stored_chats import write_chats
from tests.support.touch import long_press


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    write_chats(tmp_path / 'data', STORED_CHATS)
    yield await start()


@pytest_asyncio.fixture(loop_scope='session')
async def phone(app: Parlour, open_chat: OpenChatPage) -> ChatPage:
    """A page with its sidebar open."""
    chat = await open_chat('phone')
    await chat.open(app.url)
    await chat.page.get_by_role('button', name='Open sidebar').tap()
    await expect(chat.page.get_by_test_id('sidebar')).to_be_in_viewport(ratio=0.9)
    return chat


async def test_a_long_press_selects_and_opens_nothing(app: Parlour, phone: ChatPage) -> None:
    await long_press(phone.page, row(phone, 'Flaky test'))
    await expect(phone.page.get_by_test_id('selection-count')).to_have_text('1 selected')
    await row(phone, 'Bread hydration').tap()
    await expect(phone.page.get_by_label('Select Bread hydration')).to_be_checked()
    await expect(phone.page).to_have_url(f'{app.url}/')
    await phone.page.get_by_test_id('bulk-delete').tap()
    await phone.page.get_by_role('button', name='Undo').tap()
    await expect_rows(phone, *TITLES)


async def test_the_menu_has_room_and_going_somewhere_closes_the_drawer(app: Parlour, phone: ChatPage) -> None:
    """The button of the menu is always there, and large enough."""
    button = phone.page.get_by_role('button', name='Options for Flaky test')
    box = await button.bounding_box()
    assert box
    assert round(min(box['width'], box['height'])) >= 44
    await button.tap()
    box = await phone.page.get_by_role('menu').bounding_box()
    assert box
    assert box['x'] >= 0
    assert box['x'] + box['width'] <= 390
    await phone.page.keyboard.press('Escape')
    await expect(phone.page.get_by_role('menu')).to_be_hidden()
    await row(phone, 'Flaky test').tap()
    await expect(phone.page).to_have_url(f'{app.url}/c/{STORED_CHATS[2].id}')
    await expect(phone.page.get_by_test_id('sidebar')).not_to_be_in_viewport()
    await phone.page.get_by_role('button', name='Open sidebar').tap()
    await phone.page.get_by_test_id('search').tap()
    await expect(phone.page.get_by_test_id('search-input')).to_be_focused()
    await phone.page.get_by_role('button', name='Close', exact=True).tap()
    await expect(phone.page.get_by_test_id('sidebar')).not_to_be_in_viewport()
