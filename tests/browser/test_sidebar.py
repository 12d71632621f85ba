"""The list of conversations in a real browser, by pointer and by keys."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.sidebar_rows import STORED_CHATS, TITLES, choose, expect_rows, focused, row, without
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.replies import two_halves
from tests.support.stored_chats import write_chats


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    """A running Parlour with five conversations."""
    write_chats(tmp_path / 'data', STORED_CHATS)
    yield await start()


async def test_the_menu_and_what_it_does_in_all_pages(app: Parlour, open_room: OpenChatPage) -> None:
    room, other = await open_room(), await open_room()
    await room.open(app.url)
    await other.open(app.url)
    await choose(room, 'Flaky test', 'Pin')
    for each in (room, other):
        await expect_rows(each, 'Flaky test', *without('Flaky test'))
        await expect(each.page.locator('.group-title')).to_have_text(['Pinned', 'Today'])
    await choose(other, 'Flaky test', 'Unpin')
    await choose(other, 'Bread hydration', 'Archive')
    await expect_rows(room, *without('Bread hydration'))
    await other.page.get_by_role('button', name='Undo').click()
    await expect_rows(room, *TITLES)


async def test_renaming_in_place(app: Parlour, room: ChatPage) -> None:
    await room.open(app.url)
    name = room.page.get_by_test_id('conversation-name')
    await choose(room, 'Flaky test', 'Rename')
    await expect(name).to_be_focused()
    await room.page.keyboard.type('Steady test')
    await room.page.keyboard.press('Enter')
    await expect(row(room, 'Steady test')).to_be_focused()
    await room.page.keyboard.press('F2')
    await name.fill('Not this')
    await room.page.keyboard.press('Escape')
    await expect(row(room, 'Steady test')).to_be_focused()
    await room.page.keyboard.press('F2')
    await name.fill('Calm test')
    await room.composer.click()  # elsewhere
    await room.page.reload()
    await expect_rows(room, 'Rolling median', 'Plan for Lisbon', 'Calm test', *TITLES[3:])


async def test_a_name_that_is_being_written_outlasts_what_others_do(
    app: Parlour, open_room: OpenChatPage
) -> None:
    room, other = await open_room(), await open_room()
    await room.open(app.url)
    await other.open(app.url)
    await row(room, 'Plan for Lisbon').focus()
    await room.page.keyboard.press('F2')
    await room.page.keyboard.type('Plan for Po')
    await choose(other, 'Bread hydration', 'Pin')
    await expect(room.links.first).to_have_text('Bread hydration')
    await room.page.keyboard.type('rto')
    await room.page.keyboard.press('Enter')
    await expect_rows(other, 'Bread hydration', 'Rolling median', 'Plan for Porto', *TITLES[2:4])


async def test_a_menu_outlasts_what_others_do(app: Parlour, open_room: OpenChatPage) -> None:
    room, other = await open_room(), await open_room()
    await room.open(app.url)
    await other.open(app.url)
    await row(room, 'Flaky test').hover()
    await room.page.get_by_role('button', name='Options for Flaky test').click()
    await choose(other, 'Bread hydration', 'Pin')
    await expect(room.links.first).to_have_text('Bread hydration')
    await room.page.get_by_role('menuitem', name='Delete').click()
    await expect_rows(other, 'Bread hydration', *without('Flaky test', 'Bread hydration'))


async def test_keys_lead_through_the_list(app: Parlour, room: ChatPage) -> None:
    await room.open(app.url)
    await row(room, 'Rolling median').focus()
    for key, title in (
        ('ArrowDown', TITLES[1]),
        ('End', TITLES[4]),
        ('ArrowUp', TITLES[3]),
        ('Home', TITLES[0]),
    ):
        await room.page.keyboard.press(key)
        await expect(row(room, title)).to_be_focused()
    await room.page.keyboard.press('ArrowDown')
    await room.page.keyboard.press('Delete')
    await expect_rows(room, *without('Plan for Lisbon'))
    await expect(row(room, 'Flaky test')).to_be_focused()  # it has taken the place
    await expect(room.notice).to_contain_text('“Plan for Lisbon” moved to trash.')
    await room.page.keyboard.press('Tab')
    assert await focused(room) == 'Options for Flaky test'
    await room.page.keyboard.press('Enter')
    await room.page.keyboard.press('r')
    await room.page.keyboard.press('Enter')
    await expect(room.page.get_by_test_id('conversation-name')).to_be_focused()
    await room.page.keyboard.press('Escape')
    await room.page.keyboard.press('Enter')
    await expect(room.page).to_have_url(f'{app.url}/c/{STORED_CHATS[2].id}')
    await expect(row(room, 'Flaky test')).to_have_attribute('aria-current', 'page')


async def test_rows_are_links(app: Parlour, room: ChatPage) -> None:
    await room.open(app.url)
    async with room.page.context.expect_page() as opened:
        await row(room, 'Flaky test').click(button='middle')
    page = await opened.value
    await expect(page).to_have_url(f'{app.url}/c/{STORED_CHATS[2].id}')
    await page.close()


async def test_what_grows_and_what_nobody_has_read_is_marked(
    app: Parlour, provider: Provider, open_room: OpenChatPage
) -> None:
    room, other = await open_room(), await open_room()
    reply, gate = two_halves()
    provider.reply(reply)
    await room.open(f'{app.url}/c/{STORED_CHATS[4].id}')
    await other.open(app.url)
    await room.send('Go on')
    marked = other.page.locator('.conversation', has_text='Bread hydration')
    await expect(marked).to_have_class('conversation running')
    assert (await row(other, 'Bread').get_attribute('aria-label')) == 'Bread hydration, answering'
    await room.links.filter(has_text='Flaky').click()
    gate.release()
    await expect(marked).to_have_class('conversation unread')
    await row(other, 'Bread hydration').click()
    await expect(room.page.locator('.conversation.unread')).to_have_count(0)


async def test_deleting_what_one_reads_and_taking_it_back(app: Parlour, room: ChatPage) -> None:
    address = f'{app.url}/c/{STORED_CHATS[2].id}'
    await room.open(address)
    await choose(room, 'Flaky test', 'Delete')
    await expect(room.page).to_have_url(f'{app.url}/')
    await room.page.get_by_role('button', name='Undo').click()
    await expect(room.page).to_have_url(address)
    await room.expect_answer('A conversation.')
    await expect_rows(room, *TITLES)


async def test_the_trash_asks_before_it_deletes_for_good(app: Parlour, room: ChatPage) -> None:
    await room.open(app.url)
    for title in TITLES[:3]:
        await choose(room, title, 'Delete')
        await expect(row(room, title)).to_have_count(0)
    await room.page.get_by_role('link', name='Trash').click()
    rows = room.page.get_by_test_id('shelf-row')
    await expect(rows).to_have_count(3)
    erase = room.page.get_by_role('button', name=f'Delete permanently: {TITLES[0]}')
    await erase.click()
    dialog = room.page.get_by_role('alertdialog', name='Delete permanently?')
    await expect(dialog.get_by_role('button', name='Cancel')).to_be_focused()
    await room.page.keyboard.press('Escape')
    await expect(erase).to_be_focused()
    await erase.click()
    await dialog.get_by_role('button', name='Delete').click()
    await expect(rows).to_have_count(2)
    await room.page.get_by_role('button', name=f'Restore: {TITLES[1]}').click()
    await expect(row(room, TITLES[1])).to_have_count(1)
    await room.page.get_by_test_id('empty-trash').click()
    await room.page.get_by_role('button', name='Empty', exact=True).click()
    await expect(rows).to_have_count(0)
    await expect(room.page.get_by_text('The trash is empty.')).to_be_visible()
