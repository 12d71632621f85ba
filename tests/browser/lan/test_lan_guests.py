"""Guests with a browser on another computer: they read, copy, attach and write over plain HTTP."""

import asyncio
from random import Random
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.lan.owner import share, stop_sharing
from tests.browser.test_attachments import attach, file
from tests.support.chat_page import ChatPage, OpenChatPage, wait_until_connected
from tests.support.files import png
from tests.support.lan import Lan
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour
from tests.support.profile import sized
from tests.support.timeouts import WAIT_TIMEOUT

GUESTS = sized(2, 20)
CAT = file('cat.png', png(640, 400))
LENGTH_OF_SECOND = '(document.querySelectorAll("[data-testid=answer]")[1]?.textContent.length ?? -1)'
DROP = 'window.socket.io.engine.close()'
"""In the browser: ends the connection, as when the Wi-Fi hiccups."""


async def pasted(chat: ChatPage) -> str:
    """What the guest finds in the clipboard; the browser has no other way to show it to a page like this."""
    await chat.composer.fill('')
    await chat.composer.press('Control+V')
    return await chat.composer.input_value()


async def test_a_guest_reads_copies_attaches_writes_and_is_gone_when_it_ends(
    lan: Lan, app: Parlour, chat: ChatPage, open_chat: OpenChatPage, watch: PageErrors
) -> None:
    watch.expect_lost_connection()
    watch.expect_error('401')
    await chat.open(app.url)
    await chat.send('Show me')
    await chat.expect_answer_with('Hello')
    link = await share(chat, 'Can chat', 'Ann')
    ann = await open_chat()
    await ann.page.goto(link)
    assert not await ann.page.evaluate('window.isSecureContext')
    await expect(ann.answers.get_by_role('heading', name='Mathematics')).to_be_visible()
    await chat.end_answer()
    await ann.expect_state('stopped', 'done')
    code = ann.answers.get_by_role('button', name='Copy code')
    await code.first.click()
    await expect(code.first.page.locator('.announcer')).to_have_text('Copied')
    assert (await pasted(ann)).startswith('def fibonacci(count: int)')
    await ann.composer.fill('')
    await attach(ann, CAT)
    await ann.send('And what is this?')
    await chat.expect_answer_with('cat.png')
    await expect(chat.turns('user').last.get_by_test_id('attachment')).to_be_visible()
    await ann.expect_answer_with('cat.png')
    await stop_sharing(chat)
    await expect(ann.page.get_by_role('heading', name='Sharing has ended')).to_be_visible()
    address = urlsplit(link)
    assert not lan.guest.reaches(address.hostname or '', address.port or 0)


@pytest.mark.long
async def test_many_guests_whose_connections_drop_end_with_the_same_text(
    lan: Lan, app: Parlour, chat: ChatPage, open_chat: OpenChatPage, watch: PageErrors
) -> None:
    """Each loses its connection at moments of its own, and for a second the cable of all is out."""
    watch.expect_lost_connection()
    watch.expect_error('ERR_INTERNET_DISCONNECTED', 'ERR_NETWORK_CHANGED', 'ERR_ADDRESS_UNREACHABLE')
    await chat.open(app.url)
    link = await share_first_answer(chat)
    pages = [(await open_chat()).page for _ in range(GUESTS)]
    for page in pages:
        await page.goto(link)
        await wait_until_connected(page)
    await chat.send('At length')
    drops = asyncio.gather(*(drop(page, Random(number)) for number, page in enumerate(pages)))  # noqa: S311
    await has_grown(chat.page, 300)
    lan.guest.ip_command('link', 'set', 'lan0', 'down')
    await has_grown(chat.page, 500)  # the cable is out meanwhile
    lan.guest.ip_command('link', 'set', 'lan0', 'up')
    await drops
    await chat.end_answer()
    for page in pages:
        guest = ChatPage(page)
        await guest.expect_state('stopped', 'done')
        await until_they_show_the_same(guest, chat)


async def until_they_show_the_same(guest: ChatPage, chat: ChatPage) -> None:
    """A page that has missed something asks for it, and may have its answer after it heard of the end."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while await text_of(guest) != await text_of(chat):  # noqa: ASYNC110  # two pages tell nobody
            await asyncio.sleep(0.1)


async def text_of(chat: ChatPage) -> str:
    """The last answer, as it is rendered."""
    return await chat.answers.last.locator('.prose').inner_html()


async def share_first_answer(chat: ChatPage) -> str:
    await chat.send('Hello')
    await chat.expect_answer_with('Hello')
    await chat.end_answer()
    return await share(chat, 'Can view', 'All')


async def has_grown(page: Page, length: int) -> None:
    """Wait until so many characters of the second answer are seen."""
    await page.wait_for_function(f'{LENGTH_OF_SECOND} >= {length}')


async def drop(page: Page, chance: Random) -> None:
    """Drop the connection three times, each where the text has come to a length of its own."""
    for length in sorted(chance.sample(range(1000), 3)):
        await has_grown(page, length)
        await page.evaluate(DROP)
