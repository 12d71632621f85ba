"""The use of a tool, on the page: one line, and unfolded what went in and came out."""

from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall

CALL = ToolCall(name='look_up', arguments='{"what": "the weather"}')


async def test_a_tool_is_one_line_until_it_is_unfolded(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """Also one that there is not: the model is told so, and so is the reader."""
    provider.reply(Reply(calls=[CALL]), Reply(pieces=['It rains.']))
    await chat.open(app.url)
    await chat.send('How is the weather?')
    await chat.expect_state('done')
    tool = chat.page.get_by_test_id('tool-call')
    line = tool.locator('summary')
    await expect(line.locator('span')).to_have_text(['look_up', 'what: the weather', 'Failed · 0.0 s'])
    await line.click()
    await expect(tool.get_by_role('heading')).to_have_text(['Arguments', 'Result'])
    await expect(tool.locator('pre').first).to_contain_text('"what": "the weather"')
    await expect(tool.locator('pre').last).to_contain_text('Unknown tool name')
