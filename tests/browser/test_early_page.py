"""One can write before the page runs, and nothing of that is lost."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from playwright.async_api import Route, expect

from tests.browser.test_attachments import attach, file
from tests.support.axe import ALL_IMPACTS, run_axe
from tests.support.chat_page import ChatPage, OpenChatPage, wait_until_connected
from tests.support.gestures import input_method
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour

SCRIPTS = '**/all.js'
FIRST_SCRIPT = re.compile(r'/vue\b[^/]*\.js')
"""What NiceGUI waits for; a browser without modules never runs it."""

KEEP_NEWER = """() => {
    const draft = { conversation: null, text: "Newer", attachments: [] };
    sessionStorage.setItem("unsent new", JSON.stringify(draft));
}"""

BLOCK_STORAGE = """for (const kind of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, kind, {
        configurable: true,
        get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
    })"""

COMPOSED = """(box) => {
    box.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "日本" }));
    box.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, key: "Enter" }));
}"""


@asynccontextmanager
async def before_scripts(chat: ChatPage, url: str) -> AsyncGenerator[None]:
    """Show the page, and let its scripts come at the end of the block."""
    held: list[Route] = []
    await chat.page.route(SCRIPTS, lambda route: held.append(route))
    await chat.page.goto(url, wait_until='commit')  # it is loaded when the scripts are
    await expect(chat.composer).to_be_visible()
    await chat.page.wait_for_function('document.fonts.status === "loaded" && document.styleSheets.length > 0')
    yield
    for route in held:
        await route.continue_()
    await chat.page.unroute(SCRIPTS)
    await wait_until_connected(chat.page)


async def test_what_is_written_stays(own_app: Parlour, chat: ChatPage) -> None:
    async with before_scripts(chat, own_app.url):
        await chat.composer.press_sequentially('What is a <b>?')
        await chat.composer.press('ArrowLeft')
        place = await chat.composer.bounding_box()
    await chat.composer.press_sequentially(' tag')
    await expect(chat.composer).to_have_value('What is a <b> tag?')
    assert await chat.composer.bounding_box() == place
    await chat.wait_until_saved()
    async with before_scripts(chat, own_app.url):
        await expect(chat.composer).to_have_value('What is a <b> tag?')
        await chat.composer.press('End')
        await chat.composer.press_sequentially('!')
    await expect(chat.composer).to_have_value('What is a <b> tag?!')


async def test_what_is_sent_goes_as_soon_as_it_can_unless_one_writes_on(
    own_app: Parlour, chat: ChatPage
) -> None:
    async with before_scripts(chat, own_app.url):
        await chat.composer.fill('First words')
        await chat.composer.press('Enter')
    await expect(chat.turns('user')).to_have_text('First words')
    await chat.expect_state('done')
    await expect(chat.composer).to_have_value('')
    async with before_scripts(chat, own_app.url):
        await chat.composer.fill('First words')
        await chat.send_button.click()
        await chat.composer.press_sequentially(', more')
    await chat.wait_until_saved()
    await expect(chat.composer).to_have_value('First words, more')
    await expect(chat.turns('user')).to_have_count(0)


async def act_until(chat: ChatPage, is_done: Callable[[], bool]) -> None:
    """Press a key again and again: a browser asks for a file only for a few seconds after somebody acts.

    One that is held with others, as Shift, is no act.
    """
    while not is_done():
        await chat.page.keyboard.press('ArrowLeft')
        await asyncio.sleep(0.5)


async def test_a_file_can_be_attached(own_app: Parlour, chat: ChatPage) -> None:
    async with (
        chat.page.expect_file_chooser() as choosing,
        asyncio.TaskGroup() as tasks,
        before_scripts(chat, own_app.url),
    ):
        await chat.page.get_by_label('Attach files').click()
        tasks.create_task(act_until(chat, choosing.is_done))
    await (await choosing.value).set_files({'name': 'a.txt', 'mimeType': 'text/plain', 'buffer': b'Hello'})
    await expect(chat.attachments).to_contain_text('a.txt')


async def test_only_what_was_seen_is_sent(own_app: Parlour, chat: ChatPage) -> None:
    await chat.open(own_app.url)
    await chat.composer.fill('Shown')
    await attach(chat, file('a.txt', b'Hello'))
    await chat.wait_until_saved()
    async with before_scripts(chat, own_app.url):
        await chat.composer.press('Enter')
    await expect(chat.attachments).to_contain_text('a.txt')
    await chat.page.get_by_label('Remove a.txt').click()
    await chat.wait_until_saved()
    await chat.page.evaluate(KEEP_NEWER)
    async with before_scripts(chat, own_app.url):
        await expect(chat.composer).to_have_value('Shown')
        await chat.composer.press('Enter')
    await expect(chat.composer).to_have_value('Newer')
    await chat.wait_until_saved()
    await expect(chat.turns('user')).to_have_count(0)


async def test_on_a_phone_the_keyboard_opens_only_for_who_writes(
    app: Parlour, open_chat: OpenChatPage
) -> None:
    chat = await open_chat('phone')
    async with before_scripts(chat, app.url):
        pass
    await expect(chat.composer).to_have_count(1)
    await expect(chat.composer).not_to_be_focused()
    async with before_scripts(chat, app.url):
        await chat.composer.tap()
    await expect(chat.composer).to_have_count(1)
    await expect(chat.composer).to_be_focused()


async def test_a_character_can_be_composed_to_its_end_and_that_does_not_send(
    own_app: Parlour, chat: ChatPage
) -> None:
    """Safari reports the Enter that ends it after the composition, as any other Enter."""
    async with before_scripts(chat, own_app.url):
        await input_method(chat.page, 'imeSetComposition', text='にほん', selectionStart=3, selectionEnd=3)
    await input_method(chat.page, 'insertText', text='日本')
    await expect(chat.page.locator('#early-page')).to_have_count(0)
    await expect(chat.composer).to_have_value('日本')
    await expect(chat.composer).to_be_focused()
    await chat.wait_until_saved()
    async with before_scripts(chat, own_app.url):
        await chat.composer.fill('日本語')
        await chat.composer.evaluate(COMPOSED)
    await chat.wait_until_saved()
    await expect(chat.composer).to_have_value('日本語')
    await expect(chat.turns('user')).to_have_count(0)


async def test_a_page_that_cannot_be_loaded_says_so(
    app: Parlour, open_chat: OpenChatPage, watch: PageErrors
) -> None:
    chat = await open_chat(anew=True)
    watch.expect_error('ERR_FAILED')
    await chat.page.route(SCRIPTS, lambda route: route.abort())
    await chat.page.goto(app.url)
    await expect(chat.page.get_by_role('alert')).to_contain_text('Copy what you have written')
    await chat.composer.fill('Kept')
    await expect(chat.composer).to_have_value('Kept')


async def test_a_browser_that_may_store_nothing_can_be_used(app: Parlour, open_chat: OpenChatPage) -> None:
    """What it would store lasts as long as the page."""
    chat = await open_chat(anew=True)
    await chat.page.add_init_script(BLOCK_STORAGE)
    await chat.open(app.url)
    await chat.send('Hello')
    await chat.expect_state('done')
    await expect(chat.composer).to_have_value('')
    await chat.page.goto(f'{app.url}/settings')
    await chat.page.get_by_role('radio', name='Dark').check()
    await expect(chat.page.locator('html')).to_have_attribute('data-theme', 'dark')


async def test_everybody_can_use_what_is_there_early(own_app: Parlour, chat: ChatPage) -> None:
    async with before_scripts(chat, own_app.url):
        await expect(chat.page.locator('#popup')).to_be_hidden()  # the styles have come, too
        assert await run_axe(chat.page, 'the early page', ALL_IMPACTS) == []
        await expect(chat.page.get_by_role('alert')).to_be_hidden()


async def test_a_script_that_takes_long_is_no_browser_that_is_too_old(app: Parlour, chat: ChatPage) -> None:
    await chat.page.route(FIRST_SCRIPT, lambda _: None)
    for path in ('/', '/settings'):
        await chat.page.goto(f'{app.url}{path}', wait_until='commit')
        await expect(chat.page.locator('#esm-fallback')).to_have_count(1)
        await expect(chat.page.locator('#esm-fallback')).to_be_hidden()


async def test_a_page_without_a_box_has_nothing_early(app: Parlour, chat: ChatPage) -> None:
    response = await chat.page.goto(f'{app.url}/settings')
    assert response
    assert 'early-page' not in await response.text()
