"""What axe-core finds on every page and in every dialog, in both themes: nothing serious."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.support.axe import EVERYTHING, find_violations
from tests.support.chat_page import ChatPage, OpenChatPage, wait_until_connected
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.stored_chats import StoredChat, write_chats

BOOKS = [
    StoredChat(number=n, title=f'Chat {n}', turns=(('A question', 'An **answer**.'),)) for n in range(1, 4)
]


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    write_chats(tmp_path / 'data', BOOKS)
    yield await start()


async def open_search(page: Page) -> None:
    await page.keyboard.press('Control+k')
    await page.get_by_test_id('search-input').fill('question')
    await expect(page.get_by_test_id('search-result').first).to_be_visible()


async def open_shortcuts(page: Page) -> None:
    await page.evaluate('document.activeElement.blur()')
    await page.keyboard.press('?')
    await expect(page.get_by_role('dialog', name='Shortcuts')).to_be_visible()


async def open_drawer(page: Page) -> None:
    await page.get_by_role('button', name='Open sidebar').tap()
    await expect(page.get_by_role('link', name='Chat 1')).to_be_in_viewport()


async def open_menu(page: Page) -> None:
    await page.get_by_role('button', name='Options for Chat 1').click()
    await expect(page.get_by_role('menuitem').first).to_be_visible()


async def open_models(page: Page) -> None:
    await page.get_by_test_id('model-picker').click()
    await expect(page.get_by_test_id('model-search')).to_be_visible()


async def open_share(page: Page) -> None:
    await page.get_by_test_id('share').click()
    await expect(page.get_by_test_id('share-create')).to_be_visible()


async def open_manner(page: Page) -> None:
    await page.get_by_test_id('chat-settings').click()
    await expect(page.get_by_test_id('chat-temperature')).to_be_visible()


DIALOGS: list[Callable[[Page], Awaitable[None]]] = [
    open_search,
    open_shortcuts,
    open_menu,
    open_models,
    open_share,
    open_manner,
]


async def test_nothing_serious_is_found(app: Parlour, open_chat: OpenChatPage, provider: Provider) -> None:
    chat: ChatPage = await open_chat()
    found: list[str] = []
    for path in ('/archive', '/trash', '/settings', '/settings/mcp'):
        await chat.page.goto(f'{app.url}{path}')
        await wait_until_connected(chat.page)
        found += await find_violations(chat.page, path)
    await chat.open(app.url)
    found += await find_violations(chat.page, 'a new chat')
    provider.reply(Reply(pieces=[EVERYTHING]))
    await chat.send('Show me everything')
    await chat.expect_state('done')
    found += await find_violations(chat.page, 'a chat')
    for open_dialog in DIALOGS:
        await open_dialog(chat.page)
        found += await find_violations(chat.page, open_dialog.__name__)
        await chat.page.keyboard.press('Escape')
    assert not found, '\n'.join(found)


async def test_nothing_serious_is_found_on_a_phone(
    app: Parlour, open_chat: OpenChatPage, provider: Provider
) -> None:
    chat: ChatPage = await open_chat('phone')
    await chat.open(app.url)
    found = await find_violations(chat.page, 'a new chat')
    provider.reply(Reply(pieces=[EVERYTHING]))
    await chat.composer.fill('Show me everything')
    await chat.send_button.tap()
    await chat.expect_state('done')
    found += await find_violations(chat.page, 'a chat')
    await open_drawer(chat.page)
    found += await find_violations(chat.page, 'the drawer')
    await chat.page.goto(f'{app.url}/settings')
    await wait_until_connected(chat.page)
    found += await find_violations(chat.page, '/settings')
    assert not found, '\n'.join(found)
