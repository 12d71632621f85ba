"""A key that is typed into the page: used at once, tried, removed, and seen nowhere again."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocket, expect

from tests.support.chat_page import ChatPage, OpenChatPage, wait_until_connected
from tests.support.process import StartApp
from tests.support.provider import Provider

SECRET = 'sk-proj-7e4f0d7a91c2'
NAMES = ['one', 'two']


class Received:
    """All that comes to a page: documents, and what is pushed over its connection."""

    def __init__(self, page: Page) -> None:
        self.texts: list[str] = []
        page.on('websocket', self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on('framereceived', lambda frame: self.texts.append(str(frame)))


class KeyPage:
    """The part of the settings for keys."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.provider = page.get_by_test_id('key-provider')
        self.key = page.get_by_test_id('key-input')
        self.row = page.get_by_test_id('key-row')
        self.finding = page.get_by_test_id('key-finding')
        self.models = page.get_by_test_id('model-option')

    async def open(self, url: str) -> None:
        await self.page.goto(f'{url}/settings#keys')
        await wait_until_connected(self.page)
        await expect(self.key).to_be_focused()

    async def save(self, key: str) -> None:
        await self.key.fill(key)
        await self.key.press('Enter')
        await expect(self.key).to_have_value('')


@pytest.fixture
def openai(tmp_path: Path) -> Iterator[Provider]:
    """What the app takes for OpenAI."""
    with Provider() as provider:
        provider.key = SECRET
        provider.models = NAMES
        (tmp_path / '.env').write_text(f'OPENAI_BASE_URL={provider.url}')
        yield provider


def shown_of_process(pid: int) -> str:
    """What other people of this computer may read about a process, where the system tells."""
    files = (Path(f'/proc/{pid}/{name}') for name in ('cmdline', 'environ'))
    return ''.join(file.read_text() for file in files if file.exists())


async def listed(chat: ChatPage, url: str) -> list[str]:
    """The models that can be picked in a new chat."""
    await chat.open(url)
    await chat.page.get_by_test_id('model-picker').click()
    await expect(chat.page.get_by_text('No key needed', exact=True)).to_be_visible()
    await expect(chat.page.get_by_test_id('model-search')).to_be_focused()
    return await chat.page.get_by_test_id('model-option').all_inner_texts()


async def test_a_key_outlasts_the_process_and_one_in_its_place_is_used_until_it_is_removed(
    start: StartApp, chat: ChatPage, openai: Provider
) -> None:
    app = await start()
    keys = KeyPage(chat.page)
    await keys.open(app.url)
    await keys.save('sk-wrong')
    await expect(keys.finding).to_contain_text('OpenAI refuses this key.')
    await chat.page.goto('about:blank')
    app.terminate()
    app = await start()
    await keys.open(app.url)
    await keys.row.get_by_test_id('key-test').click()
    await expect(keys.finding).to_contain_text('OpenAI refuses this key.')
    await keys.save(SECRET)
    await expect(keys.finding).to_have_text('The key is valid: OpenAI offers 2 models.')
    await expect(keys.row).to_contain_text('in a file that only you can read')
    await keys.save('two words')
    await expect(chat.notice).to_contain_text("That doesn't look like an API key")
    assert 'gpt-6.1-sol' in await listed(chat, app.url)
    await keys.open(app.url)
    await keys.row.get_by_test_id('key-remove').click()
    await chat.page.get_by_test_id('confirm').click()
    await expect(keys.row).to_have_count(0)
    assert 'gpt-6.1-sol' not in await listed(chat, app.url)


async def test_a_key_in_the_environment_is_said_to_win(
    start: StartApp, chat: ChatPage, openai: Provider, tmp_path: Path
) -> None:
    with (tmp_path / '.env').open('a') as file:
        file.write(f'\nOPENAI_API_KEY={SECRET}')
    app = await start()
    keys = KeyPage(chat.page)
    await keys.open(app.url)
    await expect(keys.row).to_contain_text('From the environment variable OPENAI_API_KEY.')
    await expect(keys.row.get_by_test_id('key-remove')).to_have_count(0)
    await keys.save('sk-another')
    await expect(keys.row).to_contain_text('Uses OPENAI_API_KEY from the environment instead of the key')
    await expect(keys.finding).to_contain_text('The key is valid')


async def test_a_key_is_in_no_page_no_frame_no_log_and_no_file_but_its_own(
    start: StartApp, open_chat: OpenChatPage, openai: Provider, tmp_path: Path
) -> None:
    app = await start('--log-level', 'debug')
    chat, other = await open_chat(), await open_chat()
    received = [Received(chat.page), Received(other.page)]
    keys, others = KeyPage(chat.page), KeyPage(other.page)
    await others.open(app.url)
    await keys.open(app.url)
    await keys.save(SECRET)
    await expect(keys.finding).to_contain_text('The key is valid')
    await keys.row.get_by_test_id('key-test').click()
    await expect(keys.finding).to_contain_text('The key is valid')
    await listed(chat, app.url)
    await chat.page.keyboard.press('Escape')
    await expect(chat.page.get_by_test_id('model-search')).to_be_hidden()
    await chat.send('Hello')
    await chat.expect_state('done')
    for page in (keys, others):
        await page.open(app.url)
        await expect(page.row).to_contain_text('Saved on')
        document = await (await page.page.request.get(f'{app.url}/settings')).text()
        assert 'Saved on' in document
        assert SECRET not in document + await page.page.content()
    assert any('key-finding' in text for text in received[0].texts)
    assert not any(SECRET in text for each in received for text in each.texts)
    assert SECRET not in shown_of_process(app.pid)
    for page in (chat.page, other.page):
        await page.goto('about:blank')
    app.terminate()
    assert SECRET not in app.log
    files = [path for path in (tmp_path / 'data').rglob('*') if path.is_file()]
    assert [path.name for path in files if SECRET in path.read_text(errors='replace')] == ['keys.json']
    assert re.search('DEBUG', app.log)
