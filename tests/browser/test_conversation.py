"""A conversation in a real browser: it streams, it survives, it can be stopped."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.support.chat_page import ChatPage, request_messages
from tests.support.gates import Gate
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour, StartApp
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import Reply, two_halves


async def test_a_reload_in_mid_answer_loses_nothing(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    reply, gate = two_halves()
    provider.reply(reply)
    await chat.open(app.url)
    await chat.composer.press_sequentially('Tell me both')
    await chat.composer.press('Enter')
    await chat.expect_answer('The first half')
    await chat.expect_state('streaming')
    await expect(chat.composer).to_have_value('')
    await chat.address()
    await chat.page.reload()
    await expect(chat.turns('user')).to_have_count(1)
    await expect(chat.turns('user')).to_contain_text('Tell me both')
    await chat.expect_answer('The first half')
    gate.release()
    await chat.expect_answer('The first half and the second.')
    await chat.expect_state('done')
    assert len(provider.requests) == 1


async def test_stop_ends_the_request_and_keeps_the_text(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """On a page that was loaded while the answer grew as on any other."""
    reply, _ = two_halves()
    provider.reply(reply, Reply(pieces=['Something else.']))
    await chat.open(app.url)
    await chat.send('Tell me')
    await chat.expect_answer('The first half')
    await chat.address()
    await chat.reload()
    await chat.expect_answer('The first half')
    await chat.stop.click()
    await provider.wait_for_closed()
    await chat.expect_state('stopped')
    await chat.expect_answer('The first half')
    await chat.send('And now?')
    await chat.expect_answer('Something else.')
    await chat.expect_state('done')
    assert request_messages(provider.requests[1]) == [
        ('user', 'Tell me'),
        ('assistant', 'The first half '),
        ('user', 'And now?'),
    ]


async def test_a_stop_before_the_first_word(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    provider.reply(Reply(pieces=['Too late.'], before=(gate := Gate())), Reply(pieces=['In time.']))
    await chat.open(app.url)
    await chat.send('Tell me')
    await gate.reached.wait()
    await chat.stop.click()
    await provider.wait_for_closed()
    await chat.expect_state('stopped')
    await chat.send('And now?')
    await chat.expect_answer('In time.')


async def end(app: Parlour, way: str) -> int:
    return await asyncio.to_thread(app.terminate if way == 'SIGTERM' else app.interrupt)


@pytest.mark.parametrize('way', ['SIGTERM', only_long('SIGINT')])
async def test_an_end_in_mid_answer_keeps_the_conversation_and_what_was_said(
    start: StartApp, provider: Provider, chat: ChatPage, watch: PageErrors, way: str
) -> None:
    """The answer is one that was stopped, and what follows goes on with it."""
    watch.expect_lost_connection()
    reply, _ = two_halves()
    provider.reply(reply, Reply(pieces=['Blue.']))
    first = await start()
    await chat.open(first.url)
    await chat.send('Tell me')
    await chat.expect_answer('The first half')
    assert await end(first, way) == 0, first.log
    await chat.leave()
    second = await start()
    await chat.open(second.url)
    await expect(chat.links).to_have_count(1)
    await chat.links.click()
    await expect(chat.turns('user')).to_contain_text('Tell me')
    await chat.expect_answer('The first half')
    await chat.expect_state('stopped')
    await chat.send('Which colour?')
    await chat.expect_answer('Blue.')
    assert request_messages(provider.requests[1]) == [
        ('user', 'Tell me'),
        ('assistant', 'The first half '),
        ('user', 'Which colour?'),
    ]
