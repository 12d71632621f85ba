"""Assistants and saved prompts, as a person makes and uses them."""

import pytest
from playwright.async_api import expect

from tests.browser.test_settings import told
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.process import Parlour
from tests.support.provider import Provider


@pytest.fixture
def app(own_app: Parlour) -> Parlour:
    """Of the test's own: what is made here stands at the start of every chat."""
    return own_app


async def test_an_assistant_and_a_prompt_are_made_and_used(
    app: Parlour, chat: ChatPage, open_chat: OpenChatPage, provider: Provider
) -> None:
    page = chat.page
    await page.goto(f'{app.url}/settings/library')
    await page.get_by_test_id('assistant-new').click()
    await page.get_by_test_id('assistant-name').fill('Latin tutor')
    await page.get_by_test_id('assistant-instructions').fill('Answer in Latin.')
    await page.get_by_test_id('assistant-suggestions').fill('Quid est veritas?')
    await page.get_by_test_id('chat-temperature').fill('0.4')
    await page.get_by_test_id('prompt-new').click()
    await page.get_by_test_id('prompt-name').fill('Summary')
    await page.get_by_test_id('prompt-text').fill('Summarise {{text}} in {{number}} lines.')
    await page.get_by_test_id('prompt-edit').click()  # closed: what was written is kept by now
    await expect(page.get_by_test_id('prompt-row')).to_contain_text('Summary')
    async with page.expect_download() as downloading:
        await page.get_by_test_id('library-export').click()
    file = await (await downloading.value).path()

    phone = await open_chat('phone')
    await phone.open(app.url)
    assistant = phone.page.get_by_test_id('assistant')
    await expect(assistant).to_have_text('LLatin tutor')
    await assistant.click()
    await expect(assistant).to_have_attribute('aria-pressed', 'true')
    await expect(assistant).to_be_focused()
    await expect(phone.page.get_by_role('button', name='Quid est veritas?')).to_be_visible()
    await expect(phone.page.get_by_role('heading', level=1)).to_have_text('Latin tutor')
    await phone.composer.press_sequentially('/su')
    await expect(phone.page.get_by_test_id('saved-prompt')).to_contain_text('Summarise')
    await phone.composer.press('Enter')
    await phone.page.keyboard.type('this')
    await phone.page.keyboard.press('Tab')
    await phone.page.keyboard.type('two')
    await expect(phone.composer).to_have_value('Summarise this in two lines.')
    await phone.page.get_by_test_id('send').click()
    await phone.expect_state('done')
    assert 'Answer in Latin.' in told(provider)
    assert provider.requests[-1]['temperature'] == 0.4

    await page.get_by_test_id('prompt-remove').click()
    await page.get_by_test_id('confirm').click()
    await expect(page.get_by_test_id('prompt-row')).to_have_count(0)
    await page.get_by_test_id('library-import').set_input_files(file)
    await expect(page.get_by_test_id('prompt-row')).to_contain_text('Summary')
    await expect(page.get_by_test_id('notice')).to_have_text('1 change imported.')
