"""What is set in the settings holds at once, everywhere, and tomorrow."""

from playwright.async_api import Page, expect

from tests.support.chat_page import ChatPage, OpenChatPage, wait_until_connected
from tests.support.process import StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply


async def open_settings(page: Page, url: str) -> None:
    await page.goto(f'{url}/settings')
    await wait_until_connected(page)


def told(provider: Provider) -> str:
    """The instructions of the last request."""
    messages = provider.requests[-1]['messages']
    return '\n'.join(message['content'] for message in messages if message['role'] == 'system')


async def test_instructions_reach_the_model_and_every_page(
    start: StartApp, open_chat: OpenChatPage, provider: Provider
) -> None:
    """What somebody is entering on one of them stays. On a phone they fit."""
    app = await start()
    chat, other = await open_chat(), await open_chat('phone')
    await open_settings(other.page, app.url)
    await fit_a_phone(other.page)
    await other.page.get_by_test_id('limit-day').fill('12')
    await chat.open(app.url)
    await chat.page.keyboard.press('Control+,')
    field = chat.page.get_by_test_id('default-instructions')
    await field.press_sequentially('Answer in rhymes.')
    await expect(other.page.get_by_test_id('default-instructions')).to_have_value('Answer in rhymes.')
    await expect(field).to_have_value('Answer in rhymes.')
    await expect(other.page.get_by_test_id('limit-day')).to_have_value('12')
    await chat.page.get_by_test_id('new-chat').click()
    await chat.send('Hello')
    await chat.expect_state('done')
    assert 'Answer in rhymes.' in told(provider)
    for page in (chat.page, other.page):
        await page.goto('about:blank')
    app.terminate()
    app = await start()
    await open_settings(chat.page, app.url)
    await expect(field).to_have_value('Answer in rhymes.')


async def fit_a_phone(page: Page) -> None:
    body = page.locator('.page-body')
    assert await body.evaluate('body => body.scrollWidth - body.clientWidth') == 0
    for testid in ('key-provider', 'key-input', 'key-save', 'default-model', 'title-model'):
        box = await page.get_by_test_id(testid).bounding_box()
        assert box is not None
        assert box['height'] >= 44, testid


async def test_all_is_reached_by_keys(start: StartApp, chat: ChatPage) -> None:
    app = await start()
    await open_settings(chat.page, app.url)
    page = chat.page
    enter = page.get_by_role('radio', name='Enter', exact=True)
    await expect(enter).to_be_checked()
    await enter.focus()
    await enter.press('ArrowRight')
    await expect(page.get_by_role('radio', name='Ctrl or')).to_be_checked()
    switch = page.get_by_test_id('refine-titles')
    await switch.press('Space')
    await expect(switch).not_to_be_checked()
    await expect(page.get_by_test_id('title-model')).to_be_hidden()
    await switch.press('Space')
    await expect(page.get_by_test_id('title-model')).to_be_visible()  # what is hidden takes no keys
    await page.get_by_test_id('title-model').press('Enter')
    await page.get_by_test_id('model-search').press_sequentially('parlour')
    await expect(page.get_by_test_id('model-option')).to_have_count(1)
    await page.get_by_test_id('model-search').press('Enter')
    await expect(page.get_by_test_id('title-model')).to_contain_text('parlour-test')
    await page.get_by_role('radio', name='Dark').check()
    await expect(page.locator('html')).to_have_attribute('data-theme', 'dark')
    await page.reload()
    await expect(page.get_by_role('radio', name='Ctrl or')).to_be_checked()
    await expect(page.get_by_role('radio', name='Dark')).to_be_checked()
    await expect(page.get_by_test_id('title-model')).to_contain_text('parlour-test')


async def test_what_was_just_written_the_model_of_new_chats_and_the_size_of_the_folder(
    start: StartApp, chat: ChatPage
) -> None:
    """What was written last is kept when one leaves at once."""
    app = await start()
    await open_settings(chat.page, app.url)
    await expect(chat.page.get_by_test_id('data-folder')).to_contain_text('data')
    instructions = chat.page.get_by_test_id('default-instructions')
    await instructions.fill('Be brief.')
    await chat.page.get_by_test_id('new-chat').click()
    await expect(chat.composer).to_be_editable()
    await chat.send('Hello')
    await chat.expect_state('done')
    await chat.page.get_by_test_id('settings').click()
    await expect(instructions).to_have_value('Be brief.')
    await expect(chat.page.get_by_test_id('data-size')).to_contain_text('KB, 1 chat.')
    field = chat.page.get_by_test_id('default-model')
    await expect(field).to_contain_text('Last used')
    await field.click()
    await chat.page.get_by_text('Demo (not a real model)').click()
    await expect(field).to_contain_text('Demo')
    await chat.page.get_by_test_id('new-chat').click()
    await expect(chat.page.get_by_test_id('model-picker')).to_contain_text('Demo')


async def test_a_title_that_a_model_found_appears_where_the_chat_stands(
    start: StartApp, chat: ChatPage, provider: Provider
) -> None:
    """It moves nothing in the list, marks nothing as unread, and can be switched off."""
    provider.title = Reply(pieces=['"Greetings among friends"'])
    app = await start()
    await chat.open(app.url)
    await chat.send('Hello there')
    await expect(chat.links).to_have_text(['Greetings among friends'])
    await expect(chat.page).to_have_title('Greetings among friends')
    assert len(provider.titled) == 1
    await open_settings(chat.page, app.url)
    await chat.page.get_by_test_id('refine-titles').click()
    await expect(chat.page.get_by_test_id('title-model')).to_be_hidden()
    await chat.page.get_by_test_id('new-chat').click()
    await chat.send('Goodbye')
    await chat.expect_state('done')
    await expect(chat.links).to_have_text(['Goodbye', 'Greetings among friends'])
    assert len(provider.titled) == 1
