"""Thousands of conversations in the list of a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.sidebar_rows import many
from tests.support.chat_page import ChatPage
from tests.support.process import StartApp
from tests.support.profile import sized
from tests.support.stored_chats import write_chats

COUNT = sized(1_500, 5_000)
ROWS = 'document.querySelectorAll(".conversation").length'
ELEMENTS = 'Object.keys(mounted_app.elements).length'


@pytest.mark.long
async def test_a_page_has_only_what_is_in_view(start: StartApp, chat: ChatPage, tmp_path: Path) -> None:
    write_chats(tmp_path / 'data', many(COUNT))
    app = await start()
    await chat.open(app.url)
    await expect(chat.links.first).to_have_text('Chat 1')
    assert await chat.page.evaluate(ROWS) < 200
    assert await chat.page.evaluate(ELEMENTS) < 600
    scroller = chat.page.locator('.sidebar-list')
    await scroller.evaluate('(list) => list.scrollTo(0, list.scrollHeight / 2)')
    await expect(chat.page.get_by_text(f'Chat {COUNT // 2}', exact=True)).to_be_attached()
    assert await chat.page.evaluate(ROWS) < 200
    await chat.links.nth(30).focus()
    await chat.page.keyboard.press('End')
    last = chat.page.get_by_text(f'Chat {COUNT}', exact=True)
    await expect(last).to_be_in_viewport()
    await expect(chat.page.get_by_role('link', name=f'Chat {COUNT}')).to_be_focused()
    await chat.page.keyboard.press('ArrowUp')
    await expect(chat.page.get_by_role('link', name=f'Chat {COUNT - 1}')).to_be_focused()
    await chat.page.keyboard.press('Home')
    await expect(chat.page.get_by_role('link', name='Chat 1', exact=True)).to_be_focused()


async def test_the_gaps_are_as_high_as_the_rows_they_stand_for(
    start: StartApp, chat: ChatPage, tmp_path: Path
) -> None:
    """The list is as high as if all rows were there, wherever one is in it."""
    write_chats(tmp_path / 'data', many(300))
    app = await start()
    await chat.open(app.url)
    await expect(chat.links.first).to_have_text('Chat 1')
    scroller = chat.page.locator('.sidebar-list')
    height = await scroller.evaluate('(list) => list.scrollHeight')
    for part in (0.3, 0.6, 1.0):
        await scroller.evaluate('(list, part) => list.scrollTo(0, list.scrollHeight * part)', part)
        await expect(chat.page.get_by_text(f'Chat {round(300 * part) - 8}', exact=True)).to_be_attached()
        assert await scroller.evaluate('(list) => list.scrollHeight') == height
