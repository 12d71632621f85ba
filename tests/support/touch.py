"""A finger on a touch screen, for what Playwright's `tap` cannot do."""

from typing import Any, cast

from playwright.async_api import Locator, Page

NOTE_LONG_PRESS = """() => {
    window.isPressed = false;
    for (const name of ["longpress", "contextmenu"])
        addEventListener(name, () => (window.isPressed = true), { once: true, capture: true });
}"""


async def long_press(page: Page, where: Locator, *, moving: int = 0) -> None:
    """Put a finger down until that is a long press, and lift it; for a second if it moves down first."""
    box = await where.bounding_box()
    assert box
    x, y = box['x'] + 60, box['y'] + box['height'] / 2
    session = cast('Any', await page.context.new_cdp_session(page))  # its `send` is not typed
    await page.evaluate(NOTE_LONG_PRESS)
    await session.send('Input.dispatchTouchEvent', {'type': 'touchStart', 'touchPoints': [{'x': x, 'y': y}]})
    if moving:
        moved = [{'x': x, 'y': y + moving}]
        await session.send('Input.dispatchTouchEvent', {'type': 'touchMove', 'touchPoints': moved})
        await page.wait_for_timeout(1000)  # which would be one
    else:
        await page.wait_for_function('window.isPressed')
    await session.send('Input.dispatchTouchEvent', {'type': 'touchEnd', 'touchPoints': []})
    await session.detach()


async def swipe(page: Page, pixels: int, *, steps: int = 8) -> None:
    """Put a finger down in the middle of the page, move it down so far, and lift it when it rests."""
    session = cast('Any', await page.context.new_cdp_session(page))
    for kind, step in [('touchStart', 0), *(('touchMove', step) for step in range(1, steps + 1))]:
        point = {'x': 190, 'y': 300 + pixels * step / steps}
        await session.send('Input.dispatchTouchEvent', {'type': kind, 'touchPoints': [point]})
        await page.evaluate('new Promise(requestAnimationFrame)')
    await page.wait_for_timeout(100)  # a finger that is lifted in a movement flings the page
    await session.send('Input.dispatchTouchEvent', {'type': 'touchEnd', 'touchPoints': []})
    await session.detach()
