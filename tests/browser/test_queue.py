"""What is written while an answer is under way: it waits in sight, and outlasts pages and processes."""

from dataclasses import replace
from pathlib import Path

from playwright.async_api import expect

from tests.support.axe import find_violations
from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.gates import Gate
from tests.support.page_errors import PageErrors
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall, two_halves

AGENT = """
from pydantic_ai import Agent

agent = Agent(name='Scout')

@agent.tool_plain
def look() -> str:
    return 'three files'
"""

PAUSED = 'Paused – press ↑ to send'  # noqa: RUF001
QUEUED = 'Queued – sent after this answer'  # noqa: RUF001


async def wait_in_line(app: Parlour, provider: Provider, chat: ChatPage, *prompts: str) -> Gate:
    """Ask something that is answered by halves, and send these prompts meanwhile."""
    reply, gate = two_halves()
    provider.reply(reply)
    await chat.open(app.url)
    await chat.send('Tell me both')
    await chat.expect_answer('The first half')
    await chat.address()
    for prompt in prompts:
        await chat.send(prompt)
        await expect(chat.queued.last).to_have_text(prompt)
    return gate


async def test_what_waits_is_asked_when_the_answer_has_ended(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    gate = await wait_in_line(app, provider, chat, 'Second', 'Third')
    await expect(chat.queued).to_have_text(['Second', 'Third'])
    await expect(chat.queue_note).to_have_text(QUEUED)
    await chat.page.reload()
    await expect(chat.queued).to_have_text(['Second', 'Third'])
    gate.release()
    await expect(chat.turns('user')).to_have_text(['Tell me both', 'Second', 'Third'])
    await chat.expect_state('done')
    await expect(chat.queued).to_have_count(0)
    assert len(provider.requests) == 3


async def test_stop_halts_the_queue(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    await wait_in_line(app, provider, chat, 'Second')
    await chat.stop.click()
    await chat.expect_state('stopped')
    await expect(chat.queue_note).to_have_text(PAUSED)
    await expect(chat.queued).to_have_text(['Second'])
    await expect(chat.turns('user')).to_have_count(1)
    reply, gate = two_halves()
    provider.reply(reply)
    await chat.send('Before that')
    await expect(chat.queue_note).to_have_text(QUEUED)
    gate.release()
    await expect(chat.turns('user')).to_have_text(['Tell me both', 'Before that', 'Second'])
    await chat.expect_state('done')


async def test_what_a_stop_has_halted_waits_while_an_earlier_question_is_answered_again(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """It says that it waits, also while the other answer grows, and goes where it was written in the end."""
    await wait_in_line(app, provider, chat, 'Second')
    await chat.stop.click()
    await chat.expect_state('stopped')
    reply, gate = two_halves()
    provider.reply(reply)
    await chat.turns('assistant').last.get_by_test_id('regenerate').click()
    await chat.expect_answer('The first half')
    await expect(chat.queue_note).to_have_text(PAUSED)
    gate.release()
    await chat.expect_state('done')
    await expect(chat.queued).to_have_text(['Second'])
    assert len(provider.requests) == 2
    provider.reply(Reply(pieces=['Here it is.']))
    await chat.page.get_by_test_id('queued-send').click()
    await chat.expect_answer('Here it is.')
    sent = [text.strip() for _, text in request_messages(provider.requests[-1])]
    assert sent[-3:] == ['Tell me both', 'The first half', 'Second']


async def test_send_now_stops_and_sends(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    await wait_in_line(app, provider, chat, 'Second', 'Third')
    await chat.page.get_by_test_id('queued-send').last.click()
    await provider.wait_for_closed()
    await expect(chat.turns('user')).to_have_text(['Tell me both', 'Third', 'Second'])
    await chat.expect_state('done')
    assert [text for _, text in request_messages(provider.requests[-1])][-1] == 'Second'


async def test_send_now_gives_it_to_the_agent_at_its_next_step(
    start: StartApp, provider: Provider, open_chat: OpenChatPage, tmp_path: Path
) -> None:
    """The answer goes on with it, on every device, and shows where it was told."""
    (tmp_path / 'looking.py').write_text(AGENT)
    reply, gate = two_halves()
    provider.reply(replace(reply, calls=[ToolCall(name='look', arguments='{}', id='l1')]))
    app = await start('--agent', 'looking:agent')
    desk, phone = await open_chat(), await open_chat('phone')
    await desk.open(app.url)
    await desk.send('Look around')
    await desk.expect_answer('The first half')
    await desk.send('In French')
    await phone.open(await desk.address())
    await phone.page.get_by_test_id('send-now').click()
    for chat in (desk, phone):
        await expect(chat.page.get_by_test_id('at-next-step')).to_be_visible()
        await expect(chat.queue_note).to_have_text('Queued – sent at the next step of this answer')  # noqa: RUF001
    await desk.send('And later')
    for chat in (desk, phone):
        await expect(chat.queue_note).to_have_text(QUEUED)
        await expect(chat.queued).to_have_text(['In French', 'And later'])
        await expect(chat.page.get_by_test_id('send-now')).to_have_count(1)
    assert await find_violations(desk.page, 'a prompt for the next step') == []
    provider.reply(Reply(pieces=['Voilà.']), Reply(pieces=['Later.']))
    gate.release()
    for chat in (desk, phone):
        await chat.expect_answer('Later.')
        await expect(chat.turns('user')).to_have_text(['Look around', 'And later'])
    await phone.reload()
    answer = phone.turns('assistant').first
    await expect(answer.get_by_test_id('steering').locator('.bubble')).to_have_text('In French')
    told = [text for _, text in request_messages(provider.requests[1])]
    assert told[-1] == 'In French'
    assert len(provider.requests) == 3


async def test_what_waits_can_be_edited_and_removed(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """The arrow up takes the last one back, too."""
    gate = await wait_in_line(app, provider, chat, 'Second', 'Thrid')
    await chat.page.get_by_test_id('queued-remove').first.click()
    await expect(chat.queued).to_have_text(['Thrid'])
    await chat.composer.fill('And more')
    await chat.page.get_by_test_id('queued-edit').click()
    await expect(chat.queued).to_have_count(0)
    await expect(chat.composer).to_have_value('Thrid\nAnd more')
    await chat.send('Third')
    await expect(chat.queued).to_have_text(['Third'])
    await chat.send('Fourth')
    await expect(chat.queued).to_have_text(['Third', 'Fourth'])
    await chat.composer.press('ArrowUp')
    await expect(chat.composer).to_have_value('Fourth')
    await expect(chat.queued).to_have_text(['Third'])
    gate.release()
    await expect(chat.turns('user')).to_have_text(['Tell me both', 'Third'])
    await chat.expect_state('done')


async def test_the_keyboard_stays_with_what_waits(app: Parlour, provider: Provider, chat: ChatPage) -> None:
    """A button keeps the focus while others go; with its own prompt it goes to the next, then to the box."""
    first = await wait_in_line(app, provider, chat, 'Second', 'Third', 'Fourth')
    reply, second = two_halves()
    provider.reply(reply)
    remove = chat.page.get_by_test_id('queued-remove')
    await remove.nth(1).focus()
    first.release()
    await expect(chat.queued).to_have_text(['Third', 'Fourth'])
    await expect(remove.first).to_be_focused()
    await chat.page.keyboard.press('Enter')
    await expect(chat.queued).to_have_text(['Fourth'])
    await expect(remove).to_be_focused()
    await chat.stop.click()
    await expect(chat.queue_note).to_have_text(PAUSED)
    send = chat.page.get_by_test_id('queued-send')
    await expect(send).to_have_accessible_name('Send now')
    await send.focus()
    await chat.page.keyboard.press('Enter')
    await expect(chat.queued).to_have_count(0)
    await expect(chat.composer).to_be_focused()
    second.release()
    await chat.expect_state('done')


async def test_the_queue_outlasts_the_process(
    start: StartApp, provider: Provider, chat: ChatPage, watch: PageErrors
) -> None:
    """Killed in mid-answer, Parlour comes back with what waited, and does not ask it by itself."""
    watch.expect_lost_connection()
    app = await start()
    await wait_in_line(app, provider, chat, 'Second')
    address = (await chat.address()).removeprefix(app.url)
    app.kill()
    await chat.leave()
    app = await start()
    await chat.open(app.url + address)
    await expect(chat.queued).to_have_text(['Second'])
    await expect(chat.queue_note).to_have_text(PAUSED)
    provider.reply(Reply(pieces=['Here it is.']))
    await chat.page.get_by_test_id('queued-send').click()
    await chat.expect_answer('Here it is.')
    await expect(chat.turns('user')).to_have_text(['Tell me both', 'Second'])
