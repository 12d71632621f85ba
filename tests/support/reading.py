"""A reader of a chat: where they are in the text, and by which hand they move."""

from collections.abc import Awaitable, Callable, Mapping

from playwright.async_api import Page

from tests.support.touch import swipe

PARAGRAPHS = [f'Paragraph {number} says little, but takes its place.\n\n' for number in range(80)]

TOP_OF = """(start) => [...document.querySelectorAll('.prose p')]
    .find((paragraph) => paragraph.textContent.startsWith(start)).getBoundingClientRect().top"""
STILL_FRAMES = 15
"""Frames without a movement after which there will be none; on a busy machine each takes longer."""
TOP_ONCE_STILL = f"""(start) => new Promise((done) => {{
    const look = (before, frames) => {{
        const top = ({TOP_OF})(start);
        if (frames === {STILL_FRAMES}) return done(top);
        requestAnimationFrame(() => look(top, top === before ? frames + 1 : 0));
    }};
    look(null, 0);
}})"""
HEIGHT = 'document.querySelector(".scroller").scrollTop'
AT_THE_END = f'{HEIGHT} > -1'


async def top_of(page: Page, start: str) -> float:
    """Where on the screen the paragraph is that begins so, once nothing moves any more."""
    return await page.evaluate(TOP_ONCE_STILL, start)


async def expect_at(page: Page, start: str, top: float) -> None:
    """Wait until the paragraph that begins so is where it was."""
    is_there = f'([start, top]) => Math.abs(({TOP_OF})(start) - top) <= 3'
    await page.wait_for_function(is_there, arg=[start, top])


async def wheel(page: Page, pixels: int) -> None:
    """Upwards, as all of these."""
    await page.mouse.move(700, 300)
    await page.mouse.wheel(0, -pixels)


async def page_up(page: Page, _: int) -> None:
    """With the focus where it is most of the time."""
    await page.get_by_test_id('composer').press('PageUp')


async def selection(page: Page, _: int) -> None:
    """Drag from a word in the middle over the upper edge."""
    await page.mouse.move(600, 400)
    await page.mouse.down()
    await page.mouse.move(600, 300)
    await page.mouse.move(600, 5, steps=5)
    await page.wait_for_function(f'{HEIGHT} < -20')
    await page.mouse.up()


Hand = Callable[[Page, int], Awaitable[None]]
HANDS: Mapping[str, Hand] = {'wheel': wheel, 'finger': swipe, 'page up': page_up, 'selection': selection}


async def up(page: Page, pixels: int, hand: Hand = wheel) -> None:
    """Move upwards, and wait until the page has."""
    before = await page.evaluate(HEIGHT)
    await hand(page, pixels)
    await page.wait_for_function(f'(before) => {HEIGHT} < before', arg=before)
