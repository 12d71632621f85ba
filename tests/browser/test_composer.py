"""The prompt box in the app; what single keys do in it is shown in `components/test_composer_keys.py`."""

from playwright.async_api import expect

from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.process import Parlour
from tests.support.provider import Provider


async def test_enter_sends_and_shift_enter_begins_a_line(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    await chat.open(app.url)
    await chat.composer.press_sequentially('one')
    await chat.composer.press('Shift+Enter')
    await chat.composer.press_sequentially('two')
    await expect(chat.composer).to_have_value('one\ntwo')
    await chat.composer.press('Enter')
    await chat.expect_state('done')
    assert request_messages(provider.requests[0]) == [('user', 'one\ntwo')]


async def test_the_box_grows_to_a_part_of_the_page_and_scrolls(own_app: Parlour, chat: ChatPage) -> None:
    await chat.open(own_app.url)
    heights: list[float] = []
    for count in (1, 5, 80):
        await chat.composer.fill('\n'.join(f'line {number}' for number in range(count)))
        box = await chat.composer.bounding_box()
        assert box is not None
        heights.append(box['height'])
    assert heights[0] < heights[1] < heights[2]
    assert round(heights[2]) == round(0.38 * 800)
    assert await chat.composer.evaluate('(box) => box.scrollHeight > box.clientHeight')
    await expect(chat.send_button).to_be_in_viewport()


async def test_without_a_secure_context(app: Parlour, provider: Provider, open_chat: OpenChatPage) -> None:
    """On plain HTTP in a network a browser has neither of these."""
    chat = await open_chat(anew=True)
    await chat.page.add_init_script(
        """for (const name of ["randomUUID", "subtle"])
               Object.defineProperty(crypto, name, { value: undefined });"""
    )
    await chat.open(app.url)
    await chat.send('Hello')
    await chat.expect_state('done')
    await expect(chat.composer).to_have_value('')
    assert len(provider.requests) == 1
