"""A finger on a touch screen, for what Playwright's `tap` cannot do."""

from asyncio import gather
from collections.abc import Awaitable
from typing import Any, Literal, cast

from playwright.async_api import Locator, Page

NOTE_LONG_PRESS = """() => {
    window.isPressed = false;
    for (const name of ["longpress", "contextmenu"])
        addEventListener(name, () => (window.isPressed = true), { once: true, capture: true });
}"""


def touch(
    session: Any, kind: Literal['touchStart', 'touchMove', 'touchEnd'], **point: float
) -> Awaitable[object]:
    """Let the finger do this, at a point if it does not leave the screen."""
    touches = {'type': kind, 'touchPoints': [point] if point else []}
    return session.send('Input.dispatchTouchEvent', touches)


async def long_press(page: Page, where: Locator, *, moving: int = 0) -> None:
    """Put a finger down until that is a long press, and lift it; for a second if it moves down first."""
    box = await where.bounding_box()
    assert box
    x, y = box['x'] + 60, box['y'] + box['height'] / 2
    session = cast('Any', await page.context.new_cdp_session(page))  # its `send` is not typed
    await page.evaluate(NOTE_LONG_PRESS)
    down = touch(session, 'touchStart', x=x, y=y)
    if moving:
        await gather(down, touch(session, 'touchMove', x=x, y=y + moving))  # one that rests would press long
        await page.wait_for_timeout(1000)  # which would be one
    else:
        await down
        await page.wait_for_function('window.isPressed')
    await touch(session, 'touchEnd')
    await session.detach()


async def swipe(page: Page, pixels: int, *, steps: int = 8) -> None:
    """Put a finger down in the middle of the page, move it down so far, and lift it when it rests."""
    session = cast('Any', await page.context.new_cdp_session(page))
    down, first, *others = ({'x': 190, 'y': 300 + pixels * step / steps} for step in range(steps + 1))
    await gather(touch(session, 'touchStart', **down), touch(session, 'touchMove', **first))
    for point in others:
        await page.evaluate('new Promise(requestAnimationFrame)')
        await touch(session, 'touchMove', **point)
    await page.wait_for_timeout(100)  # a finger that is lifted in a movement flings the page
    await touch(session, 'touchEnd')
    await session.detach()
