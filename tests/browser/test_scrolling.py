"""The page follows a reader at the end, and leaves every other one where they are."""

import pytest
from playwright.async_api import expect

from tests.support.browser_contexts import Device
from tests.support.chat_page import ChatPage, OpenChatPage
from tests.support.gates import Gate
from tests.support.process import Parlour
from tests.support.profile import only_long
from tests.support.provider import Provider
from tests.support.reading import AT_THE_END, HANDS, PARAGRAPHS, top_of, up
from tests.support.replies import Reply

GROW = """(pixels) => {
    const block = document.createElement('div');
    block.style.height = `${pixels}px`;
    document.querySelectorAll('.prose p')[2].after(block);
}"""
"""What a picture does that comes late, or a diagram: the text around it gets room."""

WAYS = [
    ('desk', 'wheel'),
    only_long('desk', 'page up'),
    only_long('desk', 'selection'),
    ('phone', 'finger'),
]


async def half_told(chat: ChatPage, app: Parlour, provider: Provider) -> Gate:
    """Have forty paragraphs said, and the reader at their end."""
    gate = Gate()
    provider.reply(Reply(pieces=PARAGRAPHS, gates={40: gate}))
    await chat.open(app.url)
    await chat.composer.fill('Tell me a lot')
    await chat.page.get_by_test_id('send').click()
    await expect(chat.answers.last).to_contain_text('Paragraph 39 ')
    await chat.page.wait_for_function(AT_THE_END)
    return gate


@pytest.mark.parametrize(('device', 'hand'), WAYS)
async def test_any_movement_upwards_releases(
    app: Parlour, open_chat: OpenChatPage, provider: Provider, device: Device, hand: str
) -> None:
    """Growing, ending and late layout leave the reader alone; the way back says that there is news."""
    chat = await open_chat(device)
    gate = await half_told(chat, app, provider)
    await up(chat.page, 40, HANDS[hand])
    before = await top_of(chat.page, 'Paragraph 35 ')
    gate.release()
    await chat.expect_state('done')
    assert await top_of(chat.page, 'Paragraph 35 ') == pytest.approx(before, abs=2)
    await chat.page.evaluate(GROW, 300)
    assert await top_of(chat.page, 'Paragraph 35 ') == pytest.approx(before, abs=2)
    jump = chat.page.get_by_test_id('jump-latest')
    await expect(jump).to_be_visible()
    await expect(jump).to_contain_class('fresh')
    await jump.click()
    await chat.page.wait_for_function(AT_THE_END)
    await expect(jump).to_be_hidden()
    await expect(jump).not_to_contain_class('fresh')


async def test_nothing_moves_at_the_end(app: Parlour, chat: ChatPage, provider: Provider) -> None:
    """When an answer has ended, and when something above gets its size late, the last words stay in view."""
    gate = await half_told(chat, app, provider)
    gate.release()
    await expect(chat.answers.last).to_contain_text('Paragraph 79 ')
    await chat.page.wait_for_function(AT_THE_END)
    before = await top_of(chat.page, 'Paragraph 79 ')
    await chat.expect_state('done')
    assert await top_of(chat.page, 'Paragraph 79 ') == pytest.approx(before, abs=2)
    await chat.page.evaluate(GROW, 300)
    assert await top_of(chat.page, 'Paragraph 79 ') == pytest.approx(before, abs=2)


async def test_who_scrolls_down_to_the_end_is_followed_again(
    app: Parlour, chat: ChatPage, provider: Provider
) -> None:
    """Nearly there is enough."""
    gate = await half_told(chat, app, provider)
    await up(chat.page, 400)
    await top_of(chat.page, 'Paragraph 39 ')
    await chat.page.mouse.wheel(0, 370)
    await chat.page.wait_for_function(AT_THE_END)
    gate.release()
    await chat.expect_state('done')
    await chat.page.wait_for_function(AT_THE_END)


async def test_who_sends_is_taken_to_the_end(app: Parlour, chat: ChatPage, provider: Provider) -> None:
    gate = await half_told(chat, app, provider)
    gate.release()
    await chat.expect_state('done')
    provider.reply(Reply(pieces=PARAGRAPHS[:30]))
    await up(chat.page, 1000)
    await chat.send('And now?')
    await expect(chat.turns('assistant')).to_have_count(2)
    await chat.expect_state('done')
    await chat.page.wait_for_function(AT_THE_END)
