"""The page of the servers of tools, as its owner sees it."""

import json
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.support.axe import ALL_IMPACTS, find_violations
from tests.support.chat_page import ChatPage, OpenChatPage, wait_until_connected
from tests.support.mcp_servers import SMALL
from tests.support.process import Parlour, StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall

SECRET = 'key-7e4f0d7a91c2'


def write_servers(folder: Path, **moods: str) -> None:
    """Describe small servers in the file of the data folder, each with its mood."""
    entries: dict[str, Any] = {
        name: {
            'command': sys.executable,
            'args': [SMALL, mood],
            'alwaysAllow': ['echo', 'ask', 'visit', 'chat'],
            'disabled': mood == 'off',
        }
        for name, mood in moods.items()
    }
    folder.mkdir(exist_ok=True)
    (folder / 'mcp.json').write_text(json.dumps({'mcpServers': entries}))


def card(page: Page, name: str) -> Locator:
    return page.get_by_test_id('mcp-server').and_(page.locator(f'[data-name="{name}"]'))


async def open_page(page: Page, app: Parlour) -> None:
    await page.goto(f'{app.url}/settings/mcp')
    await wait_until_connected(page)


async def test_servers_are_shown_as_they_are_and_change(
    start: StartApp, chat: ChatPage, provider: Provider, tmp_path: Path
) -> None:
    """A tool is switched off everywhere and for good, and what a server says is seen at once."""
    write_servers(tmp_path / 'data', files='', silent='mute', broken='exits', unused='off')
    allowed = {'allowed_tools': [{'agent': 'parlour', 'tool': 'files_numbers'}]}
    (tmp_path / 'data' / 'settings.json').write_text(json.dumps({'preferences': {'1': allowed}}))
    app = await start()
    page = chat.page
    await page.goto(f'{app.url}/settings')
    await page.get_by_test_id('mcp-open').click()
    await expect(card(page, 'files')).to_have_attribute('data-state', 'ready')
    await expect(card(page, 'files')).to_contain_text('Ready, connected in')
    await expect(card(page, 'broken')).to_have_attribute('data-state', 'failed')
    await expect(card(page, 'broken')).to_contain_text('It says: no licence')
    await expect(card(page, 'broken').get_by_test_id('mcp-log')).to_contain_text('no licence')
    await expect(card(page, 'unused')).to_have_attribute('data-state', 'off')
    await expect(page.get_by_test_id('mcp-file')).to_have_text(str(tmp_path / 'data' / 'mcp.json'))
    assert await find_violations(page, 'the servers', ALL_IMPACTS) == []
    (tmp_path / 'data' / 'mcp.json').write_text('{')
    await page.get_by_test_id('mcp-reread').click()
    await expect(page.get_by_test_id('server-problem')).to_contain_text('it is no JSON')
    await expect(card(page, 'unused')).to_have_count(1)
    write_servers(tmp_path / 'data', files='', silent='mute', broken='exits', later='off', new='mute')
    await page.get_by_test_id('mcp-reread').click()
    await expect(card(page, 'new')).to_have_attribute('data-state', 'connecting')
    await expect(page.get_by_test_id('server-problem')).to_have_count(0)
    await expect(card(page, 'later')).to_have_attribute('data-state', 'off')
    await expect(card(page, 'unused')).to_have_count(0)
    await expect(card(page, 'files')).to_have_attribute('data-state', 'ready')
    await card(page, 'broken').get_by_test_id('mcp-reconnect').click()
    await expect(card(page, 'broken')).to_have_attribute('data-state', 'failed')
    await what_is_allowed_is_asked_again(page)
    await is_switched_off(card(page, 'files').get_by_role('switch', name='echo'), tmp_path / 'data')
    elsewhere = ChatPage(await page.context.new_page())
    await what_a_server_says_is_seen(page, elsewhere, app, provider)
    tools = {tool['function']['name'] for tool in provider.requests[-1]['tools']}
    assert 'files_echo' not in tools
    assert 'files_numbers' in tools


async def what_is_allowed_is_asked_again(page: Page) -> None:
    """Once a person wants that; what the file of the servers allows goes on."""
    runs = card(page, 'files').get_by_test_id('mcp-runs')
    await expect(runs.filter(has_text='as its file says')).to_have_count(4)
    await expect(runs.filter(has_text='as you have allowed')).to_have_count(1)
    await page.get_by_test_id('mcp-ask-again').click()
    await expect(runs.filter(has_text='as you have allowed')).to_have_count(0)
    await expect(card(page, 'files').get_by_role('switch', name='numbers')).to_be_checked()


async def is_switched_off(switch: Locator, folder: Path) -> None:
    await expect(switch).to_be_checked()
    await switch.click()
    await switch.page.reload()  # what is shown now is stored
    await expect(switch).not_to_be_checked()
    assert json.loads((folder / 'mcp_servers.json').read_text())['mcp_servers'] == {
        'files': {'name': 'files', 'url': '', 'tools_off': ['echo']}
    }


async def what_a_server_says_is_seen(
    page: Page, elsewhere: ChatPage, app: Parlour, provider: Provider
) -> None:
    """A tool of the server is called from a chat, while its page is open."""
    provider.reply(
        Reply(calls=[ToolCall(name='files_chat', arguments='{"text": "about apples"}')]),
        Reply(pieces=['Done.']),
    )
    await elsewhere.open(app.url)
    await elsewhere.send('Hello')
    await expect(elsewhere.answers.last).to_have_text('Done.')
    log = card(page, 'files').get_by_test_id('mcp-log')
    await expect(log).to_contain_text('error about apples')
    await log.click()
    await expect(log.get_by_text('info: log about apples')).to_be_visible()
    await expect(elsewhere.page.get_by_text('about apples', exact=True)).to_have_count(0)


async def test_a_server_is_added_by_its_address_and_removed(
    start: StartApp, chat: ChatPage, tmp_path: Path
) -> None:
    """Its key is kept where keys are, and never comes back to a page."""
    app = await start()
    page = chat.page
    await open_page(page, app)
    await page.get_by_test_id('mcp-add').click()
    await expect(page.get_by_test_id('server-name')).to_be_focused()
    await page.get_by_test_id('server-name').fill('web')
    await page.get_by_test_id('server-address').fill('npx -y files')
    await page.get_by_test_id('server-key').fill(SECRET)
    await page.get_by_test_id('server-save').click()
    await expect(page.get_by_test_id('server-problem')).to_contain_text('That is not a valid address.')
    assert await find_violations(page, 'the form', ALL_IMPACTS) == []
    await page.get_by_test_id('server-address').fill('http://127.0.0.1:9/mcp')
    await page.get_by_test_id('server-save').click()
    await expect(card(page, 'web')).to_have_attribute('data-state', 'failed')
    await expect(card(page, 'web')).to_contain_text('http://127.0.0.1:9/mcp')
    assert SECRET not in await page.content()
    files = [path.read_text() for path in (tmp_path / 'data').glob('*.json')]
    assert [SECRET in text for text in files if SECRET in text] == [True]
    await page.reload()
    await card(page, 'web').get_by_test_id('mcp-remove').click()
    await page.get_by_test_id('confirm').click()
    await expect(card(page, 'web')).to_have_count(0)
    assert SECRET not in (tmp_path / 'data' / 'keys.json').read_text()


async def ask(chat: ChatPage, provider: Provider, tool: str) -> Locator:
    """Have a tool called that asks a person; return its question."""
    provider.reply(Reply(calls=[ToolCall(name=f'files_{tool}')]), Reply(pieces=['Done.']))
    await chat.send('Hello')
    question = chat.page.get_by_test_id('elicitation')
    await expect(question).to_be_visible()
    return question


async def test_what_a_server_asks_is_answered_declined_and_taken_back(
    start: StartApp, open_chat: OpenChatPage, provider: Provider, tmp_path: Path
) -> None:
    """It is seen on another device of the owner too, and answered there."""
    write_servers(tmp_path / 'data', files='')
    app = await start()
    chat, other = await open_chat(), await open_chat('phone')
    await open_page(chat.page, app)
    await expect(card(chat.page, 'files')).to_have_attribute('data-state', 'ready')
    await chat.open(app.url)
    await fill_in(chat, provider)
    await other.open(await chat.address())
    await decline(chat, other, provider)
    await stop(chat, other, provider)


async def fill_in(chat: ChatPage, provider: Provider) -> None:
    """What a form is not yet is said in it."""
    question = await ask(chat, provider, 'ask')
    await expect(question).to_contain_text('“files” asks')
    await expect(question).to_contain_text('Who are you?')
    assert await find_violations(chat.page, 'the question', ALL_IMPACTS) == []
    await question.locator('[name="age"]').fill('-1')
    await question.get_by_test_id('elicitation-accept').click()
    await expect(question).to_contain_text('This is needed.')
    await expect(question).to_contain_text('At least 0.')
    await question.locator('[name="name"]').fill('Ada')
    await question.locator('[name="age"]').fill('36')
    await question.get_by_test_id('elicitation-accept').click()
    await chat.expect_answer('Done.')
    await expect(question).to_have_count(0)
    result = json.loads(provider.requests[-1]['messages'][-1]['content'])
    assert result == {'action': 'accept', 'content': {'name': 'Ada', 'age': 36}}


async def decline(chat: ChatPage, other: ChatPage, provider: Provider) -> None:
    """An address is shown whole and opened by a click only."""
    question = await ask(chat, provider, 'visit')
    await expect(question.get_by_test_id('elicitation-address')).to_have_text('http://127.0.0.1:9/sign?in=1')
    await expect(question.locator('strong')).to_have_text('127.0.0.1')
    link = question.get_by_test_id('elicitation-open')
    await expect(link).to_have_attribute('href', 'http://127.0.0.1:9/sign?in=1')
    await expect(link).to_have_attribute('rel', 'noopener noreferrer')
    await other.page.get_by_test_id('elicitation-decline').click()
    await expect(question).to_have_count(0)
    await expect(chat.turns('assistant')).to_have_count(2)
    await chat.expect_answer('Done.')
    assert json.loads(provider.requests[-1]['messages'][-1]['content']) == {'action': 'decline'}


async def stop(chat: ChatPage, other: ChatPage, provider: Provider) -> None:
    """To stop the answer closes the form on all pages."""
    question = await ask(chat, provider, 'ask')
    await expect(other.page.get_by_test_id('elicitation')).to_be_visible()
    await chat.page.get_by_test_id('stop').click()
    await expect(question).to_have_count(0)
    await expect(other.page.get_by_test_id('elicitation')).to_have_count(0)
    await chat.expect_state('stopped')
