"""The list of conversations in the app; its keys and marks: `components/test_conversation_list.py`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.sidebar_rows import STORED_CHATS, TITLES, choose, expect_rows, row, without
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.process import Parlour, StartApp
from tests.support.stored_chats import write_chats


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    """A running Parlour with five conversations."""
    write_chats(tmp_path / 'data', STORED_CHATS)
    yield await start()


async def test_the_menu_and_what_it_does_in_all_pages(app: Parlour, open_chat: OpenChatPage) -> None:
    chat, other = await open_chat(), await open_chat()
    await chat.open(app.url)
    await other.open(app.url)
    await choose(chat, 'Flaky test', 'Pin')
    for each in (chat, other):
        await expect_rows(each, 'Flaky test', *without('Flaky test'))
        await expect(each.page.locator('.group-title')).to_have_text(['Pinned', 'Today'])
    await choose(other, 'Flaky test', 'Unpin')
    await choose(other, 'Bread hydration', 'Archive')
    await other.page.get_by_role('button', name='Undo').click()
    await expect_rows(chat, *TITLES)


async def test_a_name_that_is_being_written_and_a_menu_outlast_what_others_do(
    app: Parlour, open_chat: OpenChatPage
) -> None:
    chat, other = await open_chat(), await open_chat()
    await chat.open(app.url)
    await other.open(app.url)
    await row(chat, 'Plan for Lisbon').focus()
    await chat.page.keyboard.press('F2')
    await chat.page.keyboard.type('Plan for Po')
    await choose(other, 'Bread hydration', 'Pin')
    await expect(chat.links.first).to_have_text('Bread hydration')
    await chat.page.keyboard.type('rto')
    await chat.page.keyboard.press('Enter')
    await expect_rows(other, 'Bread hydration', 'Rolling median', 'Plan for Porto', *TITLES[2:4])
    await row(chat, 'Flaky test').hover()
    await chat.page.get_by_role('button', name='Options for Flaky test').click()
    await choose(other, 'Bread hydration', 'Unpin')
    await expect(chat.links.last).to_have_text('Bread hydration')
    await chat.page.get_by_role('menuitem', name='Delete').click()
    await expect_rows(other, 'Rolling median', 'Plan for Porto', *TITLES[3:])


async def test_rows_are_links_and_what_one_reads_can_be_deleted_and_taken_back(
    app: Parlour, chat: ChatPage
) -> None:
    address = f'{app.url}/c/{STORED_CHATS[2].id}'
    await chat.open(address)
    async with chat.page.context.expect_page() as opened:
        await row(chat, 'Flaky test').click(button='middle')
    page = await opened.value
    await expect(page).to_have_url(address)
    await page.close()
    await choose(chat, 'Flaky test', 'Delete')
    await chat.page.get_by_role('button', name='Undo').click()
    await expect(chat.page).to_have_url(address)
    await chat.expect_answer('A conversation.')
    await expect_rows(chat, *TITLES)


async def select_in_the_trash(chat: ChatPage) -> None:
    """Select all three rows of the trash, do not delete them after all, and end the selection."""
    rows = chat.page.locator('.row-list')
    boxes = rows.get_by_test_id('select-chat')
    await boxes.nth(0).click()
    await boxes.nth(2).click(modifiers=['Shift'])
    await expect(rows.get_by_test_id('selection-count')).to_have_text('3 selected')
    await expect(rows.get_by_test_id('select-all')).to_be_checked()
    await chat.page.get_by_test_id('bulk-erase').click()
    dialog = chat.page.get_by_role('alertdialog', name='Delete permanently?')
    await expect(dialog).to_contain_text('3 chats')
    await chat.page.keyboard.press('Escape')
    await expect(dialog).to_be_hidden()
    await chat.page.keyboard.press('Escape')  # ends the selection, and leaves the page as it is
    await expect(boxes.nth(1)).not_to_be_checked()
    await expect(boxes).to_have_count(3)


async def test_the_trash_asks_before_it_deletes_for_good(app: Parlour, chat: ChatPage) -> None:
    await chat.open(app.url)
    for title in TITLES[:3]:
        await choose(chat, title, 'Delete')
        await expect(row(chat, title)).to_have_count(0)
    await chat.page.get_by_role('link', name='Trash').click()
    rows = chat.page.get_by_test_id('list-row')
    await expect(rows).to_have_count(3)
    await select_in_the_trash(chat)
    erase = chat.page.get_by_role('button', name=f'Delete permanently: {TITLES[0]}')
    await erase.click()
    dialog = chat.page.get_by_role('alertdialog', name='Delete permanently?')
    await expect(dialog.get_by_role('button', name='Cancel')).to_be_focused()
    await chat.page.keyboard.press('Escape')
    await expect(erase).to_be_focused()
    await erase.click()
    await dialog.get_by_role('button', name='Delete').click()
    await expect(rows).to_have_count(2)
    await chat.page.get_by_role('button', name=f'Restore: {TITLES[1]}').click()
    await expect(row(chat, TITLES[1])).to_have_count(1)
    await chat.page.get_by_test_id('empty-trash').click()
    await chat.page.get_by_role('button', name='Empty', exact=True).click()
    await expect(rows).to_have_count(0)
    await expect(chat.page.get_by_text('The trash is empty.')).to_be_visible()
