"""A tool that is switched on in a chat: in the run of the owner, and in that of a guest."""

import json
from pathlib import Path

from playwright.async_api import expect

from chat.conversation.content.messages import prompt_message
from chat.conversation.content.metadata import ConversationMetadata
from tests.support.chat_page import ChatPage
from tests.support.process import StartApp
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall
from tests.support.stored_chats import StoredChat, write_chats


async def test_a_tool_is_switched_on_and_asks_first_in_the_run_of_a_guest(
    start: StartApp, chat: ChatPage, provider: Provider, tmp_path: Path
) -> None:
    """A page that is private is not opened; the prompt of the guest waits in the queue."""
    queue = (prompt_message('And this one?', author='Ann'),)
    stored = StoredChat(number=1, title='Pages', metadata=ConversationMetadata(queue=queue))
    write_chats(tmp_path / 'data', [stored])
    app = await start()
    await chat.open(f'{app.url}/c/{stored.id}')
    await chat.page.get_by_test_id('chat-settings').click()
    switch = chat.page.locator('[data-testid=tool-switch][data-name=web_page]')
    await expect(switch).not_to_be_checked()
    await switch.check()
    await chat.page.keyboard.press('Escape')
    await expect(chat.page.get_by_test_id('chat-settings')).to_have_attribute('data-set', 'true')

    reading = ToolCall(name='read_web_page', arguments=json.dumps({'url': 'http://10.0.0.1/'}))
    provider.reply(Reply(calls=[reading]), Reply(pieces=['It is private.']), Reply(calls=[reading]))
    await chat.send('What does the page say?')
    await chat.expect_state('needs-approval')
    calls = chat.page.get_by_test_id('tool-call')
    assert await calls.evaluate_all('calls => calls.map((call) => call.dataset.state)') == [
        'failed',
        'needs-approval',
    ]
    await expect(chat.answers.nth(1)).to_contain_text('It is private.')
    await calls.first.locator('summary').click()
    await expect(calls.first).to_contain_text('nothing is loaded from there')
    await expect(calls.last.get_by_test_id('approve')).to_be_visible()
    await expect(calls.last.get_by_test_id('always-allow')).to_have_count(0)

    await chat.reload()
    await chat.page.get_by_test_id('chat-settings').click()
    await expect(switch).to_be_visible()
    await expect(switch).to_be_checked()
    await chat.page.keyboard.press('Escape')
    await expect(calls).to_have_count(2)
    provider.reply(Reply(pieces=['Then not.']))
    await calls.last.get_by_test_id('deny').click()
    await chat.expect_state('done')
    assert [tool['function']['name'] for tool in provider.requests[-1]['tools']] == ['read_web_page']
