"""What stands in the prompt box is never lost: not by a switch, a restart, or a lost connection.

That a reload loses nothing is shown in `components/test_outbox.py`, and there and in `ui/test_drafts.py` what
becomes of words that are written in two places at once.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import expect

from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.replies import two_halves
from tests.support.tcp_proxy import TcpProxy

DRAFT = 'What I was about to say,\nin two lines'


async def begin(app: Parlour, chat: ChatPage, prompt: str = 'Hello') -> str:
    """Begin a conversation, and return its path."""
    await chat.open(app.url)
    await chat.send(prompt)
    await chat.expect_state('done')
    return (await chat.address()).removeprefix(app.url)


async def test_each_conversation_has_its_own(own_app: Parlour, chat: ChatPage) -> None:
    path = await begin(own_app, chat)
    await chat.composer.fill(DRAFT)
    await chat.page.get_by_test_id('new-chat').click()
    await expect(chat.page.get_by_test_id('empty-state')).to_be_visible()
    await expect(chat.composer).to_have_value('')
    await chat.composer.fill('Something else')
    await chat.links.first.click()
    await expect(chat.page).to_have_url(own_app.url + path)
    await expect(chat.composer).to_have_value(DRAFT)
    await chat.page.get_by_test_id('new-chat').click()
    await expect(chat.composer).to_have_value('Something else')


async def test_it_is_there_on_another_device_and_after_a_restart(
    start: StartApp, open_chat: OpenChatPage, watch: PageErrors
) -> None:
    watch.expect_lost_connection()
    app = await start()
    here = await open_chat()
    path = await begin(app, here)
    there = await open_chat()
    await there.open(app.url + path)
    await here.composer.fill(DRAFT)
    await expect(there.composer).to_have_value(DRAFT)
    await there.page.close()
    app.kill()
    app = await start()
    there = await open_chat()
    await there.open(app.url + path)
    await expect(there.composer).to_have_value(DRAFT)


async def test_what_was_sent_is_gone_everywhere(app: Parlour, open_chat: OpenChatPage) -> None:
    here, there = await open_chat(), await open_chat()
    path = await begin(app, here)
    await there.open(app.url + path)
    await here.composer.fill('Now')
    await expect(there.composer).to_have_value('Now')
    await here.composer.press('Enter')
    await expect(there.turns('user')).to_have_text(['Hello', 'Now'])
    await expect(there.composer).to_have_value('')
    await here.page.reload()
    await expect(here.turns('user')).to_have_text(['Hello', 'Now'])
    await expect(here.composer).to_have_value('')


async def test_what_is_written_while_a_conversation_begins_goes_with_it(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    reply, gate = two_halves()
    provider.reply(reply)
    await chat.open(app.url)
    await chat.send('Hello')
    await chat.page.keyboard.type('and more')
    await chat.address()
    await chat.expect_answer('The first half')
    await expect(chat.composer).to_have_value('and more')
    gate.release()
    await chat.expect_state('done')
    await chat.page.get_by_test_id('new-chat').click()
    await expect(chat.composer).to_have_value('')


@asynccontextmanager
async def sent_into_a_dead_line(app: Parlour, chat: ChatPage) -> AsyncGenerator[TcpProxy]:
    """Ask a second question while nothing arrives any more, and cut the line."""
    async with TcpProxy(app.url) as line:
        await chat.open(line.url)
        await chat.send('Hello')
        await chat.expect_state('done')
        line.hold()
        await chat.send('Are you there?')
        await expect(chat.composer).to_have_value('')
        line.cut()
        yield line


async def test_a_message_that_is_sent_into_a_dead_line_arrives_once(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    """Nothing tells the page that the line is dead; when it lives again, the message is there, once."""
    watch.expect_lost_connection()
    async with sent_into_a_dead_line(app, chat) as line:
        line.release()
        await expect(chat.turns('user')).to_have_text(['Hello', 'Are you there?'])
        await chat.expect_state('done')
    assert [request_messages(request)[-1][1] for request in provider.requests] == ['Hello', 'Are you there?']


async def test_a_message_that_never_arrived_is_put_back(
    app: Parlour, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    watch.expect_lost_connection()
    async with sent_into_a_dead_line(app, chat) as line:
        await chat.page.goto('about:blank')
        line.release()
        await chat.page.go_back()
        await expect(chat.composer).to_have_value('Are you there?')
        await expect(chat.page.get_by_role('alert')).to_contain_text('connection was lost')
        await expect(chat.turns('user')).to_have_count(1)
    assert len(provider.requests) == 1


async def test_without_a_connection_the_text_stays_until_it_is_back(
    app: Parlour, chat: ChatPage, watch: PageErrors
) -> None:
    watch.expect_lost_connection()
    watch.expect_error('ERR_INTERNET_DISCONNECTED')
    async with TcpProxy(app.url) as line:
        await chat.open(line.url)
        await chat.send('Hello')
        await chat.expect_state('done')
        await chat.page.context.set_offline(True)
        line.cut()
        await expect(chat.page.locator('#popup')).to_have_attribute('aria-hidden', 'false')
        await chat.send('Not now')
        await expect(chat.page.get_by_role('alert')).to_contain_text('as soon as the page is connected')
        await expect(chat.composer).to_have_value('Not now')
        await chat.page.context.set_offline(False)
        await expect(chat.page.locator('#popup')).to_have_attribute('aria-hidden', 'true')
        await expect(chat.turns('user')).to_have_text(['Hello', 'Not now'])
        await expect(chat.composer).to_have_value('')
