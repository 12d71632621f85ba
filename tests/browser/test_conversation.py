"""A conversation in a real browser: it streams, it survives, it can be stopped."""

import asyncio
import time

import pytest
from playwright.async_api import expect

from tests.support.chat_page import ChatPage, request_messages
from tests.support.gates import Gate
from tests.support.page_errors import PageErrors
from tests.support.process import Exit, Parlour, StartApp
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.replies import Reply, two_halves


async def test_a_reload_in_mid_answer_loses_nothing(app: Parlour, provider: Provider, room: ChatPage) -> None:
    reply, gate = two_halves()
    provider.reply(reply)
    await room.open(app.url)
    await room.composer.press_sequentially('Tell me both')
    await room.composer.press('Enter')
    await room.expect_answer('The first half')
    await room.expect_state('streaming')
    await expect(room.composer).to_have_value('')
    await room.address()
    await room.page.reload()
    await expect(room.turns('user')).to_have_count(1)
    await expect(room.turns('user')).to_contain_text('Tell me both')
    await room.expect_answer('The first half')
    gate.release()
    await room.expect_answer('The first half and the second.')
    await room.expect_state('done')
    assert len(provider.requests) == 1


async def test_stop_ends_the_request_and_keeps_the_text(
    app: Parlour, provider: Provider, room: ChatPage
) -> None:
    """On a page that was loaded while the answer grew as on any other."""
    reply, _ = two_halves()
    provider.reply(reply, Reply(pieces=['Something else.']))
    await room.open(app.url)
    await room.send('Tell me')
    await room.expect_answer('The first half')
    await room.address()
    await room.page.reload()
    await room.expect_answer('The first half')
    clicked = time.monotonic()
    await room.stop.click()
    await provider.wait_for_closed()
    assert provider.closed[0].at - clicked < 1
    await room.expect_state('stopped')
    await room.expect_answer('The first half')
    await room.send('And now?')
    await room.expect_answer('Something else.')
    await room.expect_state('done')
    assert request_messages(provider.requests[1]) == [
        ('user', 'Tell me'),
        ('assistant', 'The first half '),
        ('user', 'And now?'),
    ]


async def test_a_stop_before_the_first_word(app: Parlour, provider: Provider, room: ChatPage) -> None:
    provider.reply(Reply(pieces=['Too late.'], before=(gate := Gate())), Reply(pieces=['In time.']))
    await room.open(app.url)
    await room.send('Tell me')
    await gate.reached.wait()
    clicked = time.monotonic()
    await room.stop.click()
    await provider.wait_for_closed()
    assert provider.closed[0].at - clicked < 1
    await room.expect_state('stopped')
    await room.send('And now?')
    await room.expect_answer('In time.')


async def test_a_restart_keeps_the_conversation(
    start: StartApp, provider: Provider, room: ChatPage, watch: PageErrors
) -> None:
    watch.expect_lost_connection()
    provider.reply(Reply(pieces=['Noted.']), Reply(pieces=['Blue.']))
    first = await start()
    await room.open(first.url)
    await room.send('My colour is blue')
    await room.expect_state('done')
    assert (await asyncio.to_thread(first.terminate)).code == 0
    second = await start()
    await room.open(second.url)
    await expect(room.links).to_have_count(1)
    await room.links.click()
    await expect(room.turns('user')).to_contain_text('My colour is blue')
    await room.expect_answer('Noted.')
    await room.send('Which colour?')
    await room.expect_answer('Blue.')
    assert request_messages(provider.requests[1]) == [
        ('user', 'My colour is blue'),
        ('assistant', 'Noted.'),
        ('user', 'Which colour?'),
    ]


async def end(app: Parlour, way: str) -> Exit:
    return await asyncio.to_thread(app.terminate if way == 'SIGTERM' else app.interrupt)


@pytest.mark.parametrize('way', ['SIGTERM', only_long('SIGINT')])
async def test_an_end_in_mid_answer_keeps_it_as_stopped(
    start: StartApp, provider: Provider, room: ChatPage, watch: PageErrors, way: str
) -> None:
    watch.expect_lost_connection()
    reply, _ = two_halves()
    provider.reply(reply)
    first = await start()
    await room.open(first.url)
    await room.send('Tell me')
    await room.expect_answer('The first half')
    ended = await end(first, way)
    assert ended.code == 0, first.log
    assert ended.seconds < 3
    second = await start()
    await room.open(second.url)
    await room.links.click()
    await room.expect_answer('The first half')
    await room.expect_state('stopped')
