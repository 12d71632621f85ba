"""Instructions and parameters of one chat, and the key that sends."""

import pytest
from playwright.async_api import expect

from tests.browser.test_settings import told
from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, refusal


@pytest.fixture
def app(own_app: Parlour) -> Parlour:
    """Of the test's own: the settings belong to all chats."""
    return own_app


async def test_a_chat_has_instructions_and_a_temperature_of_its_own(
    app: Parlour, open_chat: OpenChatPage, provider: Provider
) -> None:
    """They hold from the next answer on, on all pages, and in no other chat."""
    here, there = await open_chat(), await open_chat('phone')
    await here.open(app.url)
    await here.send('Hello')
    await here.expect_state('done')
    address = await here.address()
    await here.page.get_by_test_id('chat-settings').click()
    dialog = here.page.get_by_test_id('chat-settings-dialog')
    await dialog.get_by_test_id('chat-instructions').fill('Answer in rhymes.')
    await dialog.get_by_test_id('chat-temperature').fill('0.3')
    await expect(dialog.get_by_test_id('chat-temperature-value')).to_have_text('0.3')
    await dialog.get_by_test_id('chat-effort').get_by_role('radio', name='High').check()
    await dialog.get_by_test_id('chat-max-tokens').fill('250')
    await here.page.keyboard.press('Tab')
    await here.page.keyboard.press('Escape')
    await expect(here.page.get_by_test_id('chat-settings')).to_be_focused()
    await expect(here.page.get_by_test_id('chat-settings')).to_have_attribute('data-set', 'true')
    await there.open(address)
    await there.page.get_by_test_id('chat-settings').click()
    await expect(there.page.get_by_test_id('chat-instructions')).to_have_value('Answer in rhymes.')
    await expect(there.page.get_by_test_id('chat-temperature')).to_have_value('0.3')
    await expect(there.page.get_by_test_id('chat-effort').get_by_role('radio', name='High')).to_be_checked()
    await expect(there.page.get_by_test_id('chat-max-tokens')).to_have_value('250')
    await expect(there.page.get_by_test_id('chat-top-p-value')).to_have_text('Default')
    refused = refusal(400, "'reasoning_effort' is not supported.")
    provider.reply(refused, Reply(pieces=['Without.']))
    await here.send('Again')
    await expect(here.turns('user')).to_have_count(2)
    await here.expect_state('done')
    assert 'Answer in rhymes.' in told(provider)
    assert provider.requests[-1]['temperature'] == 0.3
    assert provider.requests[-1]['max_completion_tokens'] == 250
    omitted = here.page.get_by_test_id('without-parameters')
    await expect(omitted).to_have_text('Answered without what this model does not take: thinking effort.')
    await there.page.get_by_role('button', name='Reset temperature to default').click()
    await expect(here.page.get_by_test_id('chat-temperature-value')).to_have_text('Default')
    await here.page.get_by_test_id('new-chat').click()
    await expect(here.page.get_by_test_id('empty-state')).to_be_visible()
    await here.send('Elsewhere')
    await here.expect_state('done')
    assert 'rhymes' not in told(provider)
    assert 'temperature' not in provider.requests[-1]


async def test_the_key_that_sends_is_that_of_the_settings(
    app: Parlour, open_chat: OpenChatPage, chat: ChatPage, provider: Provider
) -> None:
    """At once on a page that is open; also in the place of a question that is edited."""
    settings = await open_chat()
    await chat.open(app.url)
    await settings.page.goto(f'{app.url}/settings')
    await settings.page.get_by_test_id('send-key').get_by_role('radio').last.check()
    await expect(chat.page.locator('.composer-hint')).to_have_text('Ctrl + Enter to send')
    await chat.composer.fill('one')
    await chat.composer.press('Enter')
    await chat.page.keyboard.type('two')
    await expect(chat.composer).to_have_value('one\ntwo')
    await chat.composer.press('Control+Enter')
    await chat.expect_state('done')
    assert request_messages(provider.requests[0]) == [('user', 'one\ntwo')]
    await chat.turns('user').first.hover()
    await chat.page.get_by_test_id('edit').click()
    box = chat.page.get_by_test_id('edit-box')
    await box.press('Enter')
    await chat.page.keyboard.type('three')
    await expect(box).to_have_value('one\ntwo\nthree')
    await box.press('Control+Enter')
    await expect(chat.turns('user').first).to_contain_text('three')
    await chat.expect_state('done')
    assert request_messages(provider.requests[1]) == [('user', 'one\ntwo\nthree')]
