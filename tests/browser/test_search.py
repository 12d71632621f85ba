"""Search while one types, with nothing but keys."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage
from tests.support.process import Parlour, StartApp
from tests.support.stored_chats import StoredChat, write_chats

BOOKS = [
    StoredChat(
        number=1, title='Marsupials', turns=(('What is a quokka?', 'A small wallaby from Rottnest.'),)
    ),
    StoredChat(number=2, title='Cafés in Zürich', turns=(('Where to sit?', 'By the lake.'),)),
    StoredChat(
        number=3, title='Reading', turns=(('東京はどこですか', 'In Japan.'), ('A quokka here too', 'Yes.'))
    ),
]


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    write_chats(tmp_path / 'data', BOOKS)
    yield await start()


def results(chat: ChatPage) -> Locator:
    return chat.page.get_by_test_id('search-result')


async def look_for(chat: ChatPage, text: str) -> None:
    await chat.page.keyboard.press('Control+k')
    await expect(chat.page.get_by_test_id('search-input')).to_be_focused()
    await chat.page.keyboard.type(text)


async def test_titles_and_messages_are_found_marked_and_opened_with_keys_alone(
    app: Parlour, chat: ChatPage
) -> None:
    await chat.open(app.url)
    await look_for(chat, 'QUOKKA')
    await expect(results(chat)).to_have_count(2)
    await expect(results(chat).locator('mark')).to_have_text(['quokka', 'quokka'])
    box = chat.page.get_by_test_id('search-input')
    for text, found in (('cafes', 'Cafés'), ('zurich', 'Zürich'), ('東京', '東京')):
        await box.fill(text)
        await expect(results(chat).locator('mark')).to_have_text([found])
    await box.fill('zyzzyva')
    await expect(chat.page.get_by_text('Nothing found for “zyzzyva”.')).to_be_visible()
    await box.fill('quokka')
    await expect(results(chat)).to_have_count(2)
    await expect(results(chat).first).to_have_attribute('aria-selected', 'true')
    await chat.page.keyboard.press('ArrowDown')
    await expect(results(chat).last).to_have_attribute('aria-selected', 'true')
    chosen = await results(chat).last.get_attribute('data-id')
    await chat.page.keyboard.press('Enter')
    await expect(chat.page.locator('dialog[open]')).to_have_count(0)
    await expect(chat.page.locator(f'.conversation.active[data-id="{chosen}"]')).to_have_count(1)


async def test_enter_opens_what_was_typed_and_escape_gives_the_focus_back(
    app: Parlour, chat: ChatPage
) -> None:
    """Enter before there is a result, too; Escape leaves no words. What is in the trash is not found."""
    await chat.open(app.url)
    await look_for(chat, '')
    await expect(results(chat)).to_have_count(3)  # the last ones that were used
    await chat.page.keyboard.type('rottnest')
    await chat.page.keyboard.press('Enter')
    await chat.expect_answer('A small wallaby from Rottnest.')
    await chat.composer.fill('Half a thought')
    await look_for(chat, 'lake')
    await expect(results(chat)).to_have_count(1)
    await chat.page.keyboard.press('Escape')
    await expect(chat.composer).to_be_focused()
    await expect(chat.composer).to_have_value('Half a thought')
    await look_for(chat, '')
    await expect(chat.page.get_by_test_id('search-input')).to_have_value('')
    await chat.page.keyboard.press('Escape')
    await chat.links.filter(has_text='Marsupials').focus()
    await chat.page.keyboard.press('Delete')
    await expect(chat.links).to_have_count(2)
    await look_for(chat, 'quokka')
    await expect(results(chat)).to_have_count(1)
