"""One can write before the page runs, and nothing of that is lost."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Route, expect

from tests.support.chat_page import ChatPage
from tests.support.process import Parlour

SCRIPTS = '**/all.js'


@asynccontextmanager
async def before_scripts(chat: ChatPage, url: str) -> AsyncGenerator[None]:
    """Show the page, and let its scripts come at the end of the block."""
    held: list[Route] = []
    await chat.page.route(SCRIPTS, lambda route: held.append(route))
    await chat.page.goto(url)
    await expect(chat.composer).to_be_focused()
    yield
    for route in held:
        await route.continue_()
    await chat.page.unroute(SCRIPTS)
    await chat.page.wait_for_function('window.socket?.connected')


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


async def test_what_is_sent_goes_as_soon_as_it_can(own_app: Parlour, chat: ChatPage) -> None:
    async with before_scripts(chat, own_app.url):
        await chat.composer.fill('First words')
        await chat.composer.press('Enter')
    await expect(chat.turns('user')).to_have_text('First words')
    await chat.expect_state('done')
    await expect(chat.composer).to_have_value('')


async def test_writing_on_takes_back_that_it_is_sent(own_app: Parlour, chat: ChatPage) -> None:
    async with before_scripts(chat, own_app.url):
        await chat.composer.fill('First words')
        await chat.send_button.click()
        await chat.composer.press_sequentially(', more')
    await chat.wait_until_saved()
    await expect(chat.composer).to_have_value('First words, more')
    await expect(chat.turns('user')).to_have_count(0)


async def test_a_file_can_be_attached(own_app: Parlour, chat: ChatPage) -> None:
    async with chat.page.expect_file_chooser() as choosing, before_scripts(chat, own_app.url):
        await chat.page.get_by_label('Attach files').click()
    await (await choosing.value).set_files({'name': 'a.txt', 'mimeType': 'text/plain', 'buffer': b'Hello'})
    await expect(chat.attachments).to_contain_text('a.txt')


async def test_a_page_without_a_box_has_nothing_early(own_app: Parlour, chat: ChatPage) -> None:
    response = await chat.page.goto(f'{own_app.url}/settings')
    assert response
    assert 'early-page' not in await response.text()
