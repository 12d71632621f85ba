"""Ways through Parlour: past the sidebar, back to the chat, and what is said to who finds no way."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from chat import __version__
from tests.support.chat_page import ChatPage, wait_until_connected
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour, StartApp
from tests.support.profile import sized
from tests.support.stored_chats import StoredChat, write_chats

BOOK = StoredChat(number=1, title='Numbers', turns=(('A question', 'Some **bold** and `coded` words.'),))

STOPS = 'a[href], button, input, textarea, select, [tabindex="0"]'
"""Where the Tab key stops."""


@pytest_asyncio.fixture(loop_scope='session')
async def app(start: StartApp, tmp_path: Path) -> AsyncIterator[Parlour]:
    write_chats(tmp_path / 'data', [BOOK])
    yield await start()


BOX, BODY = ('Skip to the message box', '[data-testid=composer]'), ('Skip to the content', '.page-body')
FIRST_STOPS: Mapping[str, tuple[str, str]] = {
    '/': BOX,
    '/settings': BODY,
    '/c/unknown': ('Skip to the content', '.error-page a'),
    **sized({}, {f'/c/{BOOK.id}': BOX, '/archive': BODY, '/trash': BODY}),
}
"""What the first stop of each page says, and where it leads."""


@pytest.mark.long
async def test_the_first_tab_leads_past_the_sidebar(app: Parlour, chat: ChatPage, watch: PageErrors) -> None:
    """It is the first stop of every page, and says where it leads."""
    watch.expect_error('404')
    for path, (name, reached) in FIRST_STOPS.items():
        await chat.page.goto(f'{app.url}{path}')
        await wait_until_connected(chat.page)
        await expect(chat.page.locator(reached)).to_be_visible()
        first = chat.page.locator(STOPS).locator('visible=true').first
        await first.focus()
        await expect(first).to_have_text(name)
        await expect(first).to_be_in_viewport()
        await chat.page.keyboard.press('Enter')
        await expect(chat.page.locator(reached)).to_be_focused()


@pytest.mark.long
async def test_there_is_a_way_back_to_the_chat(app: Parlour, chat: ChatPage) -> None:
    """By a button and by Esc, which stays in a field in which one writes."""
    address = f'{app.url}/c/{BOOK.id}'
    await chat.open(address)
    await chat.page.keyboard.press('Control+,')
    for path in sized(['/settings'], ['/settings', '/archive', '/trash']):
        await leads_back(chat, app, path, address, by='press')
        await leads_back(chat, app, path, address, by='click')


async def leads_back(
    chat: ChatPage, app: Parlour, path: str, address: str, *, by: Literal['press', 'click']
) -> None:
    await chat.page.evaluate('(path) => document.querySelector(`a[href="${path}"]`).click()', path)
    await expect(chat.page).to_have_url(f'{app.url}{path}')
    await expect(chat.page.locator('.sidebar [aria-current=page]')).to_have_attribute('href', path)
    if path == '/settings':
        await chat.page.get_by_test_id('key-input').press('Escape')
        await expect(chat.page).to_have_url(f'{app.url}{path}')
    if by == 'press':
        await chat.page.evaluate('document.activeElement.blur()')
        await chat.page.keyboard.press('Escape')
    else:
        await chat.page.get_by_test_id('page-close').click()
    await expect(chat.page).to_have_url(address)
    await expect(chat.page.locator('.sidebar-foot [aria-current=page]')).to_have_count(0)


async def test_shortcuts_are_mentioned_and_a_result_of_a_search_is_without_marks(
    app: Parlour, chat: ChatPage
) -> None:
    await chat.page.goto(f'{app.url}/settings')
    await expect(chat.page.get_by_test_id('search')).to_contain_text('Search')
    await chat.page.get_by_test_id('show-shortcuts').click()
    await expect(chat.page.get_by_role('dialog', name='Shortcuts')).to_be_visible()
    await chat.page.keyboard.press('Escape')
    await expect(chat.page.get_by_role('dialog', name='Shortcuts')).to_be_hidden()
    await chat.page.keyboard.press('Control+k')
    await chat.page.get_by_test_id('search-input').fill('words')
    snippet = chat.page.get_by_test_id('search-result').locator('.search-snippet')
    await expect(snippet).to_have_text('Some bold and coded words.')


async def test_without_scripts_a_sentence_says_what_to_do(app: Parlour, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(app.url)
    await expect(page.locator('noscript p')).to_contain_text('Parlour needs JavaScript.')
    await expect(page.locator('noscript p')).to_be_in_viewport()
    await expect(page.locator('#esm-fallback')).to_be_hidden()
    await context.close()


async def test_another_version_is_told(
    start: StartApp, chat: ChatPage, app: Parlour, watch: PageErrors
) -> None:
    """To a page that was open when Parlour was ended and started anew; it is there until it was seen."""
    watch.expect_lost_connection()
    await chat.open(f'{app.url}/c/{BOOK.id}')
    await chat.reload()
    await expect(chat.notice).to_have_count(0)
    await chat.page.evaluate(
        'sessionStorage.setItem("version", "0.0.1")'
    )  # as the one of before would have done
    app.terminate()
    await start()
    await expect(chat.notice).to_contain_text(f'{__version__} (before: 0.0.1)')
    await chat.notice.get_by_role('button', name='OK').click()
    await expect(chat.notice).to_have_count(0)
