"""The first start, without a model: what one can do, the easiest first."""

from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.process import StartApp
from tests.support.provider import Provider


async def test_the_demo_a_key_or_a_server_that_was_found(
    start: StartApp, chat: ChatPage, provider: Provider
) -> None:
    app = await start('--model', 'demo')
    ways = chat.page.get_by_test_id('way')
    await chat.open(app.url)
    await expect(ways.locator('.start-option-title')).to_have_text(
        ['Try the demo', 'Add an API key', 'Use parlour-test']
    )
    suggestions = chat.page.locator('.suggestion:visible')
    await expect(suggestions).to_have_text(['Show what answers look like'])
    await ways.first.click()
    await chat.expect_answer_with('Hello')
    await chat.end_answer()
    assert provider.requests == []
    await chat.page.get_by_test_id('new-chat').click()
    await ways.nth(1).click()
    await expect(chat.page.get_by_test_id('key-input')).to_be_focused()
    await chat.page.get_by_test_id('new-chat').click()
    await ways.nth(2).click()
    await expect(chat.page.locator('.model-label')).to_have_text('parlour-test')
    await expect(ways.first).to_be_hidden()
    await expect(suggestions).to_have_count(4)
    await chat.send('Hello')
    await chat.expect_state('done')
    assert len(provider.requests) == 1


async def test_nothing_of_it_with_a_model(start: StartApp, chat: ChatPage) -> None:
    app = await start()
    await chat.open(app.url)
    await expect(chat.page.locator('.model-label')).to_have_text('parlour-test')
    await expect(chat.page.get_by_test_id('way').first).to_be_hidden()
