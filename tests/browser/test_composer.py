"""The prompt box in the app; what single keys do in it is shown in `components/test_composer_keys.py`."""

from playwright.async_api import expect

from tests.support.chat_page import ChatPage, OpenChatPage, request_messages
from tests.support.process import Parlour
from tests.support.provider import Provider


async def test_enter_sends_and_shift_enter_begins_a_line(
    app: Parlour, provider: Provider, room: ChatPage
) -> None:
    await room.open(app.url)
    await room.composer.press_sequentially('one')
    await room.composer.press('Shift+Enter')
    await room.composer.press_sequentially('two')
    await expect(room.composer).to_have_value('one\ntwo')
    await room.composer.press('Enter')
    await room.expect_state('done')
    assert request_messages(provider.requests[0]) == [('user', 'one\ntwo')]


async def test_the_box_grows_to_a_part_of_the_page_and_scrolls(app: Parlour, room: ChatPage) -> None:
    await room.open(app.url)
    heights: list[float] = []
    for count in (1, 5, 80):
        await room.composer.fill('\n'.join(f'line {number}' for number in range(count)))
        box = await room.composer.bounding_box()
        assert box is not None
        heights.append(box['height'])
    assert heights[0] < heights[1] < heights[2]
    assert round(heights[2]) == round(0.38 * 800)
    assert await room.composer.evaluate('(box) => box.scrollHeight > box.clientHeight')
    await expect(room.send_button).to_be_in_viewport()


async def test_without_a_secure_context(app: Parlour, provider: Provider, open_room: OpenChatPage) -> None:
    """On plain HTTP in a network a browser has neither of these."""
    room = await open_room(anew=True)
    await room.page.add_init_script(
        """for (const name of ["randomUUID", "subtle"])
               Object.defineProperty(crypto, name, { value: undefined });"""
    )
    await room.open(app.url)
    await room.send('Hello')
    await room.expect_state('done')
    await expect(room.composer).to_have_value('')
    assert len(provider.requests) == 1
