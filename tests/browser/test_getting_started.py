"""Ways through Parlour: past the sidebar, back to the chat, and what is said to who finds no way."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from chat import __version__
from tests.support.chat_page import ChatPage
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour, StartApp
from tests.support.profile import only_long
from tests.support.stored_chats import StoredChat, write_chats

BOOK = StoredChat(number=1, title='Numbers', turns=(('A question', 'Some **bold** and `coded` words.'),))

STOPS = 'a[href], button, input, textarea, select, [tabindex="0"]'
"""Where the Tab key stops."""


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    write_chats(tmp_path / 'data', [BOOK])
    yield await start()


@pytest.mark.parametrize(
    ('path', 'name', 'reached'),
    [
        ('/', 'Skip to the message box', '[data-testid=composer]'),
        only_long(f'/c/{BOOK.id}', 'Skip to the message box', '[data-testid=composer]'),
        ('/settings', 'Skip to the content', '.page-body'),
        only_long('/archive', 'Skip to the content', '.page-body'),
        only_long('/trash', 'Skip to the content', '.page-body'),
        ('/c/unknown', 'Skip to the content', '.missing-page a'),
    ],
)
async def test_the_first_tab_leads_past_the_sidebar(
    app: Parlour, room: ChatPage, watch: PageErrors, path: str, name: str, reached: str
) -> None:
    """It is the first stop of every page, and says where it leads."""
    watch.expect_error('404')
    await room.page.goto(f'{app.url}{path}')
    await room.page.wait_for_function('window.socket?.connected')
    await expect(room.page.locator(reached)).to_be_visible()
    first = room.page.locator(STOPS).locator('visible=true').first
    await first.focus()
    await expect(first).to_have_text(name)
    await expect(first).to_be_in_viewport()
    await room.page.keyboard.press('Enter')
    await expect(room.page.locator(reached)).to_be_focused()


@pytest.mark.parametrize('path', ['/settings', only_long('/archive'), only_long('/trash')])
async def test_there_is_a_way_back_to_the_chat(app: Parlour, room: ChatPage, path: str) -> None:
    """By a button and by Esc, which stays in a field in which one writes."""
    chat = f'{app.url}/c/{BOOK.id}'
    await room.open(chat)
    await room.page.keyboard.press('Control+,')
    for leave in ('press', 'click'):
        await room.page.evaluate('(path) => document.querySelector(`a[href="${path}"]`).click()', path)
        await expect(room.page).to_have_url(f'{app.url}{path}')
        await expect(room.page.locator('.sidebar [aria-current=page]')).to_have_attribute('href', path)
        if path == '/settings':
            await room.page.get_by_test_id('key-input').press('Escape')
            await expect(room.page).to_have_url(f'{app.url}{path}')
        if leave == 'press':
            await room.page.evaluate('document.activeElement.blur()')
            await room.page.keyboard.press('Escape')
        else:
            await room.page.get_by_test_id('page-close').click()
        await expect(room.page).to_have_url(chat)
        await expect(room.page.locator('.sidebar-foot [aria-current=page]')).to_have_count(0)


async def test_the_shortcuts_are_mentioned(app: Parlour, room: ChatPage) -> None:
    await room.page.goto(f'{app.url}/settings')
    await expect(room.page.get_by_test_id('search')).to_contain_text('Search')
    await room.page.get_by_test_id('show-shortcuts').click()
    await expect(room.page.get_by_role('dialog', name='Shortcuts')).to_be_visible()


async def test_without_scripts_a_sentence_says_what_to_do(app: Parlour, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(app.url)
    await expect(page.locator('noscript p')).to_contain_text('Parlour needs JavaScript.')
    await expect(page.locator('noscript p')).to_be_in_viewport()
    await expect(page.locator('#esm-fallback')).to_be_hidden()
    await context.close()


async def test_another_version_is_told(
    start: StartApp, room: ChatPage, app: Parlour, watch: PageErrors
) -> None:
    """To a page that was open when Parlour was ended and started anew; it is there until it was seen."""
    watch.expect_lost_connection()
    await room.open(f'{app.url}/c/{BOOK.id}')
    await room.page.reload()
    await expect(room.notice).to_have_count(0)
    await room.page.evaluate(
        'sessionStorage.setItem("version", "0.0.1")'
    )  # as the one of before would have done
    app.terminate()
    await start()
    await expect(room.notice).to_contain_text(f'{__version__} (before: 0.0.1)')
    await room.notice.get_by_role('button', name='OK').click()
    await expect(room.notice).to_have_count(0)


async def test_a_result_of_a_search_is_without_marks(app: Parlour, room: ChatPage) -> None:
    await room.open(app.url)
    await room.page.keyboard.press('Control+k')
    await room.page.get_by_test_id('search-input').fill('words')
    snippet = room.page.get_by_test_id('search-result').locator('.search-snippet')
    await expect(snippet).to_have_text('Some bold and coded words.')
