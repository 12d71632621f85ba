"""What single keys and presses do in the prompt box, also on a touch screen and without a secure context."""

from playwright.async_api import Browser, expect

from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import two_halves
from tests.support.room import Room, said
from tests.support.watch import Watch

COMPOSED = """(box, pause) => {
    const now = performance.now();
    const event = (name, type, at, more) => {
        const made = new type(name, { bubbles: true, cancelable: true, ...more });
        Object.defineProperty(made, "timeStamp", { value: at });
        box.dispatchEvent(made);
    };
    event("compositionend", CompositionEvent, now, { data: "日本" });
    event("keydown", KeyboardEvent, now + pause, { key: "Enter" });
}"""


async def test_the_enter_that_ends_a_composition_does_not_send(
    app: Parlour, provider: Provider, room: Room
) -> None:
    """Safari reports it after the composition, as any other Enter; one that a person presses later sends."""
    await room.open(app.url)
    await room.composer.fill('日本')
    await room.composer.evaluate(COMPOSED, 20)
    await expect(room.composer).to_have_value('日本')
    await room.composer.evaluate(COMPOSED, 80)
    await room.sees_state('done')
    assert [said(request) for request in provider.requests] == [[('user', '日本')]]


async def test_a_press_is_a_message(app: Parlour, provider: Provider, room: Room) -> None:
    """Two Enters in a row, or a double click, send once."""
    await room.open(app.url)
    await room.composer.fill('Hello')
    await room.composer.evaluate(
        """(box) => {
            const options = { key: "Enter", bubbles: true, cancelable: true };
            for (const _ of [1, 2]) box.dispatchEvent(new KeyboardEvent("keydown", options));
        }"""
    )
    await room.sees_state('done')
    await room.composer.fill('Again')
    await room.send_button.dblclick()
    await expect(room.turns('user')).to_have_text(['Hello', 'Again'])
    await room.sees_state('done')
    assert len(provider.requests) == 2


async def test_the_second_half_of_a_double_click_on_send_does_not_stop(
    app: Parlour, provider: Provider, room: Room
) -> None:
    reply, gate = two_halves()
    provider.say(reply)
    await room.open(app.url)
    await room.send('Hello')
    await room.sees_answer('The first half')
    await room.stop.dispatch_event('click', {'detail': 2})
    gate.release()
    await room.sees_answer('The first half and the second.')
    await room.sees_state('done')


async def test_the_box_grows_to_a_part_of_the_page_and_scrolls(own_app: Parlour, room: Room) -> None:
    await room.open(own_app.url)
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


async def test_without_a_secure_context(app: Parlour, provider: Provider, room: Room) -> None:
    """On plain HTTP in a network a browser has neither of these."""
    await room.page.add_init_script(
        """for (const name of ["randomUUID", "subtle"])
               Object.defineProperty(crypto, name, { value: undefined });"""
    )
    await room.open(app.url)
    await room.send('Hello')
    await room.sees_state('done')
    await expect(room.composer).to_have_value('')
    assert len(provider.requests) == 1


async def test_on_a_touch_screen_enter_is_a_new_line(
    app: Parlour, provider: Provider, browser: Browser, watch: Watch
) -> None:
    context = await browser.new_context(
        viewport={'width': 390, 'height': 844}, has_touch=True, is_mobile=True
    )
    watch.look_at(context)
    room = Room(await context.new_page())
    await room.open(app.url)
    await room.composer.tap()
    await room.page.keyboard.type('one')
    await room.page.keyboard.press('Enter')
    await room.page.keyboard.type('two')
    await expect(room.composer).to_have_value('one\ntwo')
    await room.send_button.tap()
    await room.sees_state('done')
    assert said(provider.requests[0]) == [('user', 'one\ntwo')]
    size = await room.send_button.bounding_box()
    assert size is not None
    assert min(size['width'], size['height']) >= 44
    await context.close()


async def test_typing_tells_the_server_in_pauses_only(own_app: Parlour, room: Room) -> None:
    """A hundred keys in a row are a few messages, not a hundred, and no key is lost."""
    told: list[str] = []

    def hear(frame: str | bytes) -> None:
        if isinstance(frame, str) and 'version' in frame:
            told.append(frame)

    room.page.on('websocket', lambda socket: socket.on('framesent', lambda frame: hear(frame)))
    await room.open(own_app.url)
    text = 'word ' * 20
    await room.composer.press_sequentially(text)
    await room.is_kept()
    assert 0 < len(told) <= 5
    await room.page.reload()
    await expect(room.composer).to_have_value(text)
