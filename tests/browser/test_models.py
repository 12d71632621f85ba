"""Who answers: the list of models by keys and by fingers, and a model that is gone."""

from pathlib import Path

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.openai_wire import MODEL
from tests.support.process import StartApp
from tests.support.provider import Provider


class Picker:
    """The button and the list below it."""

    def __init__(self, chat: ChatPage) -> None:
        self.button = chat.page.get_by_test_id('model-picker')
        self.label = self.button.locator('.model-label')
        self.search = chat.page.get_by_test_id('model-search')
        self.options = chat.page.get_by_test_id('model-option')

    async def open(self) -> None:
        await self.button.focus()
        await self.button.press('Enter')
        await expect(self.search).to_be_focused()
        await expect(self.options.last).to_be_visible()

    async def pick(self, words: str) -> None:
        """Take the first of those that the words find, once there is one."""
        await self.open()
        await self.search.fill(words)
        await expect(self.options.filter(has_text=words).first).to_be_visible()
        await self.search.press('Enter')
        await expect(self.search).to_be_hidden()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.search.press(key)

    def active(self, name: str) -> Locator:
        """The row that the keys have reached, if it has this name; a screen reader is told the same."""
        return self.search.page.locator(f'.model-option.active[data-name="{name}"]')

    async def is_at(self, name: str) -> None:
        row = self.active(name)
        await expect(row).to_be_in_viewport()
        await expect(self.search).to_have_attribute(
            'aria-activedescendant', await row.get_attribute('id') or ''
        )


def with_key(folder: Path, *lines: str) -> None:
    """Have the app find these lines in its environment."""
    (folder / '.env').write_text('\n'.join(('ANTHROPIC_API_KEY=made-up', *lines)))


async def test_a_model_is_picked_without_a_mouse(start: StartApp, chat: ChatPage, tmp_path: Path) -> None:
    """Escape changes nothing, and a model that no list has can be typed."""
    with_key(tmp_path)
    app = await start()
    await chat.open(app.url)
    picker = Picker(chat)
    await expect(picker.label).to_have_text(MODEL)
    await picker.open()
    await picker.press('ArrowDown', 'Escape')
    await expect(picker.search).to_be_hidden()
    await expect(picker.button).to_be_focused()
    await expect(picker.label).to_have_text(MODEL)
    await picker.open()
    await picker.is_at(f'server:{MODEL}')
    await expect(picker.active(f'server:{MODEL}')).to_have_attribute('aria-selected', 'true')
    await picker.press('ArrowDown')
    await picker.is_at('anthropic:claude-sonnet-5-5')
    await picker.press('End')
    await picker.is_at('demo')
    await picker.press('ArrowDown')
    await picker.is_at(f'server:{MODEL}')
    await picker.press('PageDown', 'Home', 'ArrowUp')
    await picker.is_at('demo')
    await picker.search.press_sequentially('anthropic haiku-5')
    await expect(picker.options).to_have_count(1)
    await picker.press('Enter')
    await expect(picker.label).to_have_text('claude-haiku-5-5')
    await expect(picker.button).to_be_focused()
    await expect(picker.search).to_be_hidden()
    await picker.open()
    await picker.search.fill('no such model')
    await expect(chat.page.get_by_text('No matching model.')).to_be_visible()
    await picker.search.fill('server:another')
    await picker.press('Enter')
    await expect(picker.label).to_have_text('another')


async def test_each_conversation_keeps_its_model_and_a_new_one_begins_with_the_last(
    start: StartApp, chat: ChatPage, open_chat: OpenChatPage, tmp_path: Path
) -> None:
    """On a phone too, where the list fits."""
    with_key(tmp_path)
    app = await start()
    await chat.open(app.url)
    await chat.send('Hello')
    await chat.expect_state('done')
    picker = Picker(chat)
    await chat.page.get_by_test_id('new-chat').click()
    await expect(chat.page.get_by_test_id('empty-state')).to_be_visible()
    await picker.pick('opus-5')
    await expect(picker.label).to_have_text('claude-opus-5-5')
    await chat.page.get_by_test_id('conversation-link').click()
    await expect(picker.label).to_have_text(MODEL)
    await chat.page.get_by_test_id('new-chat').click()
    await expect(picker.label).to_have_text('claude-opus-5-5')
    await picker.open()
    await expect(chat.page.get_by_role('group', name='Recent')).to_have_text('Recentclaude-opus-5-5')
    phone = await open_chat('phone')
    await phone.open(app.url)
    await expect(Picker(phone).label).to_have_text('claude-opus-5-5')
    await is_picked_with_a_finger(phone, 'claude-sonnet-5-5')


async def is_picked_with_a_finger(phone: ChatPage, name: str) -> None:
    picker = Picker(phone)
    await picker.button.tap()
    option = picker.options.filter(has_text=name)
    await expect(option).to_be_visible()
    box = await option.bounding_box()
    assert box is not None
    assert box['height'] >= 44
    assert box['x'] >= 0
    assert box['x'] + box['width'] <= 390
    await option.tap()
    await expect(picker.label).to_have_text(name)


async def test_a_model_that_is_gone_is_asked_about_and_nothing_takes_its_place(
    start: StartApp, chat: ChatPage, provider: Provider, tmp_path: Path
) -> None:
    with_key(tmp_path)
    app = await start('--model', 'anthropic:claude-opus-5-5')
    await chat.open(app.url)
    picker = Picker(chat)
    await picker.pick(MODEL)
    await chat.send('Hello')
    await chat.expect_state('done')
    address = await chat.address()
    missing = chat.page.get_by_test_id('model-missing')
    await expect(missing).to_be_hidden()
    provider.models = ['another-model']
    await chat.open(address)
    await expect(missing).to_contain_text(f'has no model “{MODEL}” any more.')
    await expect(picker.label).to_have_text(MODEL)
    await missing.get_by_role('button').click()
    await expect(picker.search).to_be_focused()
    await picker.search.fill('another-model')
    await expect(picker.active('server:another-model')).to_be_visible()
    await picker.press('Enter')
    await expect(missing).to_be_hidden()
    await chat.send('Who are you?')
    await expect(chat.turns('assistant')).to_have_count(2)
    await chat.expect_state('done')
    assert [request['model'] for request in provider.requests] == [MODEL, 'another-model']
