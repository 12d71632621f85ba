"""Servers that are added in the page: tried, asked, seen down, and removed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.test_keys import Received
from tests.browser.test_models import Picker
from tests.support.axe import ALL_IMPACTS, find_violations
from tests.support.chat_page import ChatPage, OpenChatPage, wait_until_connected
from tests.support.process import StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply, bad_key

SECRET = 'sk-attic-7e4f0d7a91c2'


class ServerPage:
    """The part of the settings for servers."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.name = page.get_by_test_id('server-name')
        self.address = page.get_by_test_id('server-address')
        self.key = page.get_by_test_id('server-key')
        self.drop_key = page.get_by_test_id('server-drop-key')
        self.test = page.get_by_test_id('server-test')
        self.save = page.get_by_test_id('server-save')
        self.problem = page.get_by_test_id('server-problem')
        self.rows = page.get_by_test_id('server-row')

    async def open(self, url: str) -> None:
        await self.page.goto(f'{url}/settings#servers')
        await wait_until_connected(self.page)

    async def describe(self, name: str, address: str, key: str = '') -> None:
        await self.page.get_by_test_id('server-add').click()
        await expect(self.name).to_be_focused()
        await self.name.fill(name)
        await self.address.fill(address)
        await self.key.fill(key)

    async def add(self, name: str, address: str, key: str = '') -> None:
        await self.describe(name, address, key)
        await self.save.click()
        await expect(self.row(name)).to_contain_text('1 model.')

    def row(self, name: str) -> Locator:
        return self.rows.and_(self.page.locator(f'[data-name="{name}"]'))


@pytest_asyncio.fixture(loop_scope='session')
async def attic() -> AsyncIterator[Provider]:
    """A second server, which wants a key."""
    async with Provider() as attic:
        attic.models, attic.key = ['llama3'], SECRET
        yield attic


async def test_a_server_is_added_tried_and_asked_beside_that_of_the_start(
    start: StartApp, chat: ChatPage, provider: Provider, attic: Provider
) -> None:
    attic.reply(Reply(pieces=['From the attic.']))
    app = await start()
    servers = ServerPage(chat.page)
    await servers.open(app.url)
    await servers.describe('OpenAI', attic.url, 'wrong')
    await servers.test.click()
    await expect(servers.problem).to_contain_text('It says: Incorrect API key provided.')
    await servers.save.click()
    await expect(servers.problem).to_have_text('“OpenAI” is the name of a provider. Choose another name.')
    await servers.name.fill('attic')
    await servers.key.fill(SECRET)
    await servers.test.click()
    finding = chat.page.get_by_test_id('server-finding')
    await expect(finding).to_have_text('Found 1 model: llama3.')
    assert await find_violations(chat.page, 'the form', ALL_IMPACTS) == []
    await servers.key.press_sequentially('x')
    await expect(finding).to_have_count(0)  # it was about another key
    await servers.key.press('Backspace')
    await servers.save.click()
    await expect(servers.row('attic')).to_contain_text('1 model.')
    await expect(servers.row('attic')).to_contain_text(f'{attic.url}, with a key')
    await chat.open(app.url)
    picker = Picker(chat)
    await picker.open()
    await expect(chat.page.get_by_role('group', name='attic')).to_have_text('atticllama3')
    await picker.search.fill('attic')
    await picker.search.press('Enter')
    await expect(picker.label).to_have_text('attic:llama3')
    await chat.send('Where are you?')
    await chat.expect_answer('From the attic.')
    await chat.expect_state('done')
    await picker.pick('parlour-test')
    await chat.send('And you?')
    await chat.expect_answer('I got 4 messages.')
    assert [exchange['model'] for exchange in (*attic.requests, *provider.requests)] == [
        'llama3',
        'parlour-test',
    ]


async def test_one_that_refuses_its_key_or_is_down_says_so_and_once_removed_leaves_its_chats(
    start: StartApp, chat: ChatPage, attic: Provider
) -> None:
    """A key that is refused leads to where it is entered."""
    attic.reply(bad_key(), Reply(pieces=['From the attic.']))
    app = await start()
    servers, picker = ServerPage(chat.page), Picker(chat)
    await servers.open(app.url)
    await servers.add('attic', attic.url, SECRET)
    await chat.open(app.url)
    await picker.pick('llama3')
    await chat.send('Where are you?')
    await chat.expect_state('failed')
    address = await chat.address()
    await chat.page.get_by_test_id('open-key').click()
    await enter_another_key(servers, attic)
    await chat.open(address)
    await chat.send('And now?')
    await chat.expect_answer('From the attic.')
    await chat.expect_state('done')
    attic.models_status = 500
    await picker.open()
    await expect(chat.page.get_by_test_id('server-problem')).to_contain_text('It says: Loading model')
    await servers.open(app.url)
    await expect(servers.row('attic').get_by_test_id('server-problem')).to_contain_text('status 500')
    await servers.row('attic').get_by_test_id('server-remove').click()
    await chat.page.get_by_test_id('confirm').click()
    await expect(servers.row('attic')).to_have_count(0)
    await chat.open(address)
    await chat.expect_answer('From the attic.')
    await expect(chat.page.get_by_test_id('model-missing')).to_contain_text(
        'no server here is called “attic”'
    )
    await expect(chat.page.get_by_test_id('answer-model').last).to_contain_text('attic:llama3')
    await chat.send('And then?')
    await chat.expect_state('failed')
    await expect(chat.turns('assistant').last).to_contain_text('add the server that has it in the settings')
    await chat.page.get_by_test_id('open-models').click()
    await expect(picker.search).to_be_focused()


async def enter_another_key(servers: ServerPage, attic: Provider) -> None:
    await expect(servers.key).to_be_focused()
    await expect(servers.name).to_have_value('attic')
    await expect(servers.name).not_to_be_editable()
    await servers.key.fill('sk-another-of-the-attic')
    attic.key = 'sk-another-of-the-attic'
    await servers.save.click()
    await expect(servers.row('attic')).to_contain_text('1 model.')


async def test_it_is_all_there_on_a_phone_and_on_other_pages_and_tomorrow(
    start: StartApp, open_chat: OpenChatPage, attic: Provider, tmp_path: Path
) -> None:
    app = await start('--log-level', 'debug')
    phone, desk = await open_chat('phone'), await open_chat()
    received = [Received(phone.page), Received(desk.page)]
    servers, others = ServerPage(phone.page), ServerPage(desk.page)
    await others.open(app.url)
    await servers.open(app.url)
    await servers.describe('attic', attic.url, SECRET)
    for element in (servers.name, servers.address, servers.key, servers.test, servers.save):
        box = await element.bounding_box()
        assert box is not None
        assert box['height'] >= 44
        assert box['x'] >= 0
        assert box['x'] + box['width'] <= 390
    await servers.save.tap()
    await expect(servers.row('attic')).to_contain_text('1 model.')
    await expect(others.row('attic')).to_contain_text('with a key')
    await others.row('attic').get_by_test_id('server-edit').click()
    await others.key.click()
    await servers.row('attic').get_by_test_id('server-remove').tap()
    await phone.page.get_by_test_id('confirm').tap()
    await expect(servers.row('attic')).to_have_count(0)
    await expect(others.drop_key).to_have_count(0)
    await others.page.keyboard.type(SECRET)  # what is being edited there stays as it is, and adds it again
    await expect(others.key).to_have_value(SECRET)
    await others.save.click()
    await expect(servers.row('attic')).to_contain_text('with a key')
    for page in (phone.page, desk.page):
        assert SECRET not in await page.content()
        await page.goto('about:blank')
    assert not any(SECRET in text for each in received for text in each.texts)
    app.terminate()
    assert SECRET not in app.log
    app = await start()
    await servers.open(app.url)
    await expect(servers.row('attic')).to_contain_text('1 model.')
    await phone.page.goto('about:blank')
    app.terminate()
    files = [path for path in (tmp_path / 'data').rglob('*') if path.is_file()]
    assert [path.name for path in files if SECRET in path.read_text(errors='replace')] == ['keys.json']


async def test_a_list_of_servers_that_cannot_be_read_is_said_and_the_app_starts(
    start: StartApp, chat: ChatPage, tmp_path: Path
) -> None:
    (tmp_path / 'data').mkdir()
    (tmp_path / 'data' / 'servers.json').write_text('{"servers": {')
    app = await start()
    sentence = 'servers.json is invalid and was set aside as servers.json.corrupt.'
    servers = ServerPage(chat.page)
    await servers.open(app.url)
    await expect(servers.problem).to_have_text(sentence)
    await chat.leave()
    app.terminate()
    assert sentence in app.log  # all of which is there at the end
