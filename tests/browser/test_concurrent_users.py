"""Several people, or devices, in one conversation."""

import asyncio

from playwright.async_api import expect

from tests.support.chat_page import OpenChatPage, request_messages
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, two_halves
from tests.support.tcp_proxy import TcpProxy

SEND = """(box, text) => {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}"""
"""Writes and sends at once: what is only written is shown on all pages of a person."""


async def test_two_people_see_the_same_answer_grow(
    app: Parlour, provider: Provider, open_chat: OpenChatPage
) -> None:
    """The one who asked may leave: the answer goes on."""
    reply, gate = two_halves()
    provider.reply(reply)
    first, second = await open_chat(), await open_chat()
    await first.open(app.url)
    await first.send('Tell us')
    await second.open(await first.address())
    for chat in (first, second):
        await chat.expect_answer('The first half')
    await first.page.close()
    gate.release()
    await second.expect_answer('The first half and the second.')
    await second.expect_state('done')
    assert provider.closed == []


async def test_two_prompts_at_once_are_asked_one_after_the_other(
    app: Parlour, provider: Provider, open_chat: OpenChatPage
) -> None:
    """The one that comes second waits, for both to see, and is asked when the answer before it has ended."""
    reply, gate = two_halves()
    provider.reply(Reply(pieces=['Welcome.']), reply, Reply(pieces=['To the second.']))
    chats = {'from one': await open_chat(), 'from the other': await open_chat()}
    one, other = chats.values()
    await one.open(app.url)
    await one.send('We are two')
    await one.expect_state('done')
    await other.open(await one.address())
    await other.expect_answer('Welcome.')
    await asyncio.gather(*(chat.composer.evaluate(SEND, prompt) for prompt, chat in chats.items()))
    for chat in chats.values():
        await chat.expect_answer('The first half')
    _, first = request_messages(provider.requests[1])[-1]
    late = next(prompt for prompt in chats if prompt != first)
    for chat in chats.values():
        await expect(chat.composer).to_have_value('')
        await expect(chat.queued).to_have_text([late])
    gate.release()
    for chat in chats.values():
        await chat.expect_answer('To the second.')
        await expect(chat.turns('user')).to_have_text(['We are two', first, late])
        await expect(chat.queued).to_have_count(0)
    assert request_messages(provider.requests[2])[-1] == ('user', late)


async def test_a_message_goes_to_the_branch_that_its_writer_saw(
    app: Parlour, provider: Provider, open_chat: OpenChatPage, watch: PageErrors
) -> None:
    """Somebody else has edited the question meanwhile, and the line was too slow to say so."""
    watch.expect_lost_connection()
    provider.reply(Reply(pieces=['One.']), Reply(pieces=['Two.']), Reply(pieces=['Three.']))
    there = await open_chat()
    here = await open_chat()
    await there.open(app.url)
    await there.send('First')
    await there.expect_answer('One.')
    await there.expect_state('done')
    path = (await there.address()).removeprefix(app.url)
    async with TcpProxy(app.url) as line:
        await here.open(line.url + path)
        await here.expect_answer('One.')
        await there.turns('user').first.hover()
        await there.page.get_by_test_id('edit').click()
        await there.page.get_by_test_id('edit-box').fill('Another')
        line.hold()
        await there.page.get_by_test_id('edit-box').press('Enter')
        await there.expect_answer('Two.')
        await there.expect_state('done')
        await here.send('And then?')
        line.release()
        await there.expect_answer('Three.')
        await expect(there.turns('user')).to_have_count(2)
        await expect(here.turns('user').last).to_contain_text('And then?')
    assert request_messages(provider.requests[-1])[0] == ('user', 'First')
