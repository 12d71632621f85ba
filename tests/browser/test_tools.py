"""The use of tools, on the page: one line each, and unfolded what went in and came out."""

import re

import pytest
from playwright.async_api import expect

from tests.support.chat_page import ChatPage
from tests.support.process import Parlour, StartApp
from tests.support.profile import sized
from tests.support.provider import Provider
from tests.support.replies import Reply, ToolCall, call_in_pieces

CALL = ToolCall(name='look_up', arguments='{"what": "the weather"}')

MAX_MESSAGE_LENGTH = 50_000
"""Characters of one message to a page that has not asked for all that is long."""

MAX_WHOLE_LENGTH = 300_000
"""Characters of one message to a page that has: a step, after which it can do other things."""

SHORT, LONG = ('163,232', '990,000'), ('510,032', '3,300,000')
"""How long the arguments and the result are."""

UNSEEN = """(box) => {
    const heights = [...box.querySelectorAll('code')].map((piece) => piece.offsetHeight);
    return heights.filter((height) => height === 4000).length;
}"""
"""Counts the pieces of a long text that have the height which the style assumes until they are laid out."""


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
    failed = re.compile('^Failed')  # with the seconds, if it took some
    await expect(line.locator('span')).to_have_text(['look_up', 'what: the weather', failed])
    await line.click()
    await expect(tool.get_by_role('heading')).to_have_text(['Arguments', 'Result'])
    await expect(tool.get_by_test_id('tool-arguments')).to_contain_text('"what": "the weather"')
    await expect(tool.get_by_test_id('tool-result')).to_contain_text('Unknown tool name')


@pytest.mark.long
async def test_what_tools_do_is_seen_and_freezes_nothing(
    start: StartApp, provider: Provider, chat: ChatPage
) -> None:
    """160 kB of arguments and a result of 1 MB; then pictures, files and progress of calls side by side.

    A page is given little to do at a time: it has the beginnings until a person asks for all, which comes in
    steps, and of which it lays out what can be seen.
    """
    text = 'A word after the other. ' * 170
    name = sized('some.txt', 'long.txt')
    pieces = call_in_pieces('write', f'{{"path": "{name}", "text": "', *[text] * sized(40, 125), '"}')
    provider.reply(Reply(pieces=pieces, finish='tool_calls'), Reply(pieces=['Written.']))
    app = await start('--agent', 'tests.support.busy_agent:agent')
    page = chat.page
    messages: list[str] = []
    page.on('websocket', lambda socket: socket.on('framereceived', lambda each: messages.append(str(each))))
    await chat.open(app.url)
    messages.clear()
    await chat.send('Write')
    tool = page.get_by_test_id('tool-call')
    await expect(tool.locator('.tool-hint')).to_contain_text(f'path: {name}, text: A word after')
    await chat.expect_state('done')
    assert max(map(len, messages)) < MAX_MESSAGE_LENGTH
    assert len(await tool.text_content() or '') < MAX_MESSAGE_LENGTH
    await tool.locator('summary').click()
    await expect(tool.get_by_test_id('show-all')).to_have_text(
        [f'Show all ({length} characters)' for length in sized(SHORT, LONG)]
    )
    messages.clear()
    await tool.get_by_test_id('show-all').last.click()
    result = tool.get_by_test_id('tool-result')
    await expect(result.locator('code')).to_have_count(sized(62, 207))
    await result.evaluate('(box) => box.scrollTo(0, box.scrollHeight)')
    await expect(result.locator('code').last).to_be_in_viewport()
    assert max(map(len, messages)) < MAX_WHOLE_LENGTH
    assert await result.evaluate(UNSEEN) > sized(50, 190)

    paint = ToolCall(name='paint', arguments='{"subject": "A boat"}', id='p')
    upload = ToolCall(name='upload', arguments='{"name": "boat.png"}', id='u')
    provider.reply(Reply(calls=[paint, upload]))
    await chat.send('Paint and upload')
    painted, uploading = tool.filter(has_text='paint'), tool.filter(has_text='upload')
    await expect(uploading.get_by_test_id('tool-progress')).to_have_text('Uploading boat.png')
    await expect(uploading.locator('progress')).to_have_attribute('value', '0.3')
    await expect(painted).to_have_attribute('data-state', 'ok')
    picture, report = painted.locator('.attached-image'), painted.locator('.attached-file')
    await expect(picture.locator('img')).to_have_js_property('naturalWidth', 320)
    await expect(report).to_have_attribute('download', 'report.pdf')
    await chat.stop.click()
    await expect(uploading).to_have_attribute('data-state', 'stopped')
    await expect(uploading.get_by_test_id('tool-progress')).to_be_hidden()
    await page.reload()
    await expect(picture.locator('img')).to_have_js_property('naturalWidth', 320)
    await picture.click()
    await expect(page.locator('dialog.enlarged img')).to_be_visible()
