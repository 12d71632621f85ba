"""Short sentences at the edge of a page: all can be read, and none covers another."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from tests.support.axe import find_violations
from tests.support.chat_page import ChatPage, OpenChatPage, wait_until_connected
from tests.support.process import Parlour, StartApp
from tests.support.stored_chats import StoredChat, write_chats

WIDE = ' '.join(['WWWWWWWWWW'] * 12)
BOOKS = [
    StoredChat(number=number, title=title, turns=(('A question', 'An answer.'),))
    for number, title in enumerate(('First', 'Second', WIDE, 'Same', 'Same'), start=1)
]


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    write_chats(tmp_path / 'data', BOOKS)
    yield await start()


async def save_no_key(chat: ChatPage) -> None:
    await wait_until_connected(chat.page)  # it is shown before
    await chat.page.get_by_test_id('key-input').fill('not a key')
    await chat.page.get_by_test_id('key-save').click()


async def act(chat: ChatPage, title: str, item: str) -> None:
    await chat.page.get_by_role('link', name=title).first.hover()
    await chat.page.get_by_role('button', name=f'Options for {title}').first.click()
    await chat.page.get_by_role('menuitem', name=item).click()


async def sees_all(chat: ChatPage, *, count: int = 1) -> None:
    """Wait until there are so many, none is cut off, and nothing lies over their middle or ends."""
    await chat.page.wait_for_function(
        """(count) => {
            const isSeen = (notice) => {
                const { left, right, top, bottom } = notice.getBoundingClientRect();
                const seen = (x) => notice.contains(document.elementFromPoint(x, (top + bottom) / 2));
                const isCut = (part) => part.scrollWidth > part.clientWidth;
                if ([notice, ...notice.children].some(isCut)) return false;
                return left >= 0 && right <= innerWidth && [left + 20, right - 20].every(seen);
            };
            const notices = [...document.querySelectorAll('[data-testid=notice]')];
            return notices.length === count && notices.every(isSeen);
        }""",
        arg=count,
    )


async def test_a_refusal_can_be_read_in_the_dark_and_does_not_cover_an_undo(
    app: Parlour, chat: ChatPage
) -> None:
    """Whichever comes first; the same sentence stands there once."""
    await chat.page.emulate_media(color_scheme='dark')
    await chat.page.goto(f'{app.url}/settings')
    await save_no_key(chat)
    await expect(chat.notice).to_be_visible()
    assert await find_violations(chat.page, 'with a notice') == []
    await act(chat, 'First', 'Archive')
    await expect(chat.notice.last).to_contain_text('archived.')
    await save_no_key(chat)
    await expect(chat.notice).to_have_text(
        [re.compile('archived.'), re.compile("That doesn't look like an API key")]
    )
    await sees_all(chat, count=2)
    await chat.notice.get_by_role('button', name='Undo').click()
    await expect(chat.page.get_by_role('link', name='First')).to_be_visible()


async def test_what_is_said_in_the_same_words_of_two_chats_can_be_undone_for_both(
    app: Parlour, chat: ChatPage
) -> None:
    await chat.open(app.url)
    rows = chat.page.get_by_role('link', name='Same')
    for archived in (1, 2):
        await act(chat, 'Same', 'Archive')
        await expect(rows).to_have_count(2 - archived)
        await expect(chat.notice).to_have_count(archived)
    for left in (1, 0):
        await chat.notice.first.get_by_role('button', name='Undo').click()
        await expect(chat.notice).to_have_count(left)
    await expect(rows).to_have_count(2)


async def test_what_has_happened_is_said_to_the_end(app: Parlour, open_chat: OpenChatPage) -> None:
    for device in ('desk', 'phone'):
        chat = await open_chat(device)
        await chat.page.goto(f'{app.url}/trash' if device == 'phone' else app.url)
        if device == 'phone':
            await chat.page.get_by_role('button', name='Open sidebar').tap()
        await act(chat, WIDE, 'Delete')
        await expect(chat.notice).to_contain_text('moved to trash.')
        await sees_all(chat)
        await chat.notice.get_by_role('button', name='Undo').click()
        await expect(chat.notice).to_have_count(0)
