"""Calls that wait for a person, in browsers: at the desk and on a phone, after a kill, and with a guest."""

import asyncio
import json
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.support.axe import find_violations
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.page_errors import PageErrors
from tests.support.process import StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall

AGENT = """
from pathlib import Path
from pydantic_ai import Agent

agent = Agent(name='Cleaner')

@agent.tool_plain(requires_approval=True)
def delete_file(path: str, force: bool = False) -> str:
    with Path('deleted').open('a') as deleted:
        deleted.write(f'{path} {force}\\n')
    return f'deleted {path}'
"""

Card = Locator


def delete(path: str, call_id: str) -> ToolCall:
    return ToolCall(name='delete_file', arguments=json.dumps({'path': path}), id=call_id)


def deleted(folder: Path) -> list[str]:
    path = folder / 'deleted'
    return path.read_text().splitlines() if path.exists() else []


def card(chat: ChatPage, number: int = 0) -> Card:
    return chat.page.get_by_test_id('tool-call').nth(number)


def field(card: Card, name: str) -> Locator:
    return card.get_by_test_id('approval-form').locator(f'[name="{name}"]')


async def test_approved_on_a_phone_after_a_kill_and_seen_at_the_desk(
    start: StartApp, open_chat: OpenChatPage, provider: Provider, watch: PageErrors, tmp_path: Path
) -> None:
    """With edited arguments: the tool gets them, both pages show both, and the model is told."""
    watch.expect_lost_connection()
    (tmp_path / 'cleaner.py').write_text(AGENT)
    provider.reply(Reply(pieces=['I would delete these.'], calls=[delete('a', 'd1'), delete('b', 'd2')]))
    first = await start('--agent', 'cleaner:agent')
    desk = await open_chat()
    await desk.open(first.url)
    await desk.send('Clean up.')
    await desk.expect_state('needs-approval')
    address = await desk.address()
    await expect(desk.page).to_have_title('(2) Clean up.')
    await expect(desk.page.locator('.conversation.waiting')).to_have_count(1)
    await expect(desk.stop).to_be_hidden()
    assert await find_violations(desk.page, 'calls that wait') == []
    await asyncio.to_thread(first.kill)
    await desk.leave()

    await start('--agent', 'cleaner:agent')
    phone = await open_chat('phone')
    await phone.open(address)
    await desk.open(address)
    await expect(card(desk)).to_have_attribute('data-state', 'needs-approval')
    await field(card(phone), 'path').fill('')
    await field(card(phone), 'force').check()
    await field(card(phone), 'path').fill('A2')
    await card(phone).get_by_test_id('approve').click()
    for chat in (phone, desk):
        await expect(card(chat)).to_have_attribute('data-state', 'decided')
        await expect(card(chat).get_by_test_id('decision')).to_contain_text('Approved by you')
    assert deleted(tmp_path) == []
    await card(desk).get_by_test_id('decision-change').click()
    await expect(field(card(phone), 'path')).to_be_visible()  # waits again, everywhere
    await expect(field(card(desk), 'path')).to_have_value('A2')
    await card(desk).get_by_test_id('approve').click()
    await expect(card(phone)).to_have_attribute('data-state', 'decided')
    provider.reply(Reply(pieces=['Done.']))
    await card(phone, 1).get_by_test_id('deny-reason').fill('Keep it.')
    await card(phone, 1).get_by_test_id('deny').click()
    for chat in (desk, phone):
        await chat.expect_state('done')
        await expect(card(chat)).to_have_attribute('data-state', 'ok')
        await expect(card(chat).get_by_test_id('edited-arguments').locator('del')).to_have_text(['a', '—'])
        await expect(card(chat).get_by_test_id('edited-arguments').locator('ins')).to_have_text(
            ['A2', 'true']
        )
        await expect(card(chat, 1)).to_have_attribute('data-state', 'denied')
        await expect(card(chat, 1)).to_contain_text('Keep it.')
    await expect(desk.page).to_have_title('Clean up.')
    await expect(desk.page.locator('.conversation.waiting')).to_have_count(0)
    assert deleted(tmp_path) == ['A2 True']
    told = str(provider.requests[-1]['messages'])
    assert 'I changed the arguments of delete_file' in told
    assert 'Keep it.' in told


async def test_twelve_calls_and_two_devices_at_once(
    start: StartApp, open_chat: OpenChatPage, provider: Provider, tmp_path: Path
) -> None:
    """Each is decided once, whoever is first; a tool that is allowed always asks no more."""
    (tmp_path / 'cleaner.py').write_text(AGENT)
    calls = [delete(f'file {number}', f'd{number}') for number in range(12)]
    provider.reply(Reply(calls=calls), Reply(calls=[delete('another', 'd12')]), Reply(pieces=['All clean.']))
    app = await start('--agent', 'cleaner:agent')
    desk, phone = await open_chat(), await open_chat('phone')
    await desk.open(app.url)
    await desk.send('Clean up.')
    await desk.expect_state('needs-approval')
    await expect(desk.page.get_by_test_id('approve')).to_have_count(12)
    await phone.open(await desk.address())
    await expect(phone.page.get_by_test_id('approve')).to_have_count(12)
    buttons = [
        await card(desk, 3).get_by_test_id('approve').element_handle(),
        await card(phone, 3).get_by_test_id('deny').element_handle(),
    ]
    await asyncio.gather(*(button.evaluate('(button) => button.click()') for button in buttons))
    for chat in (desk, phone):
        await expect(card(chat, 3)).to_have_attribute('data-state', 'decided')
    said = [await card(chat, 3).get_by_test_id('decision').inner_text() for chat in (desk, phone)]
    assert said[0] == said[1]
    await card(desk, 3).get_by_test_id('decision-change').click()
    await card(phone, 3).get_by_test_id('deny').click()
    await expect(card(desk, 3)).to_have_attribute('data-state', 'decided')
    await card(desk).get_by_test_id('always-allow').click()  # and with it all others
    for chat in (desk, phone):
        await chat.expect_state('done')
        await expect(card(chat, 3)).to_have_attribute('data-state', 'denied')
        await expect(card(chat, 11)).to_have_attribute('data-state', 'ok')
        await expect(card(chat, 12)).to_contain_text('Allowed always in this chat')
    assert sorted(deleted(tmp_path)) == sorted(
        [f'file {number} False' for number in range(12) if number != 3] + ['another False']
    )
    await desk.page.get_by_test_id('chat-settings').click()
    allowed = desk.page.get_by_test_id('chat-allowed-tools')
    await expect(allowed).to_contain_text('delete_file')
    await allowed.get_by_role('button').click()
    await expect(allowed).to_be_hidden()
    await desk.page.keyboard.press('Escape')
    provider.reply(Reply(calls=[delete('last', 'd13')]))
    await desk.send('And the last one.')
    await desk.expect_state('needs-approval')
