"""Where the reader is, and that nothing moves under the eyes."""

import httpx2
import pytest
from playwright.async_api import Page, expect

from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply
from tests.support.room import Room
from tests.support.signals import Gate

PARAGRAPHS = [f'Paragraph {number} says little, but takes its place.\n\n' for number in range(80)]

TOP_OF = """(start) => [...document.querySelectorAll('.prose p')]
    .find((paragraph) => paragraph.textContent.startsWith(start)).getBoundingClientRect().top"""


async def scroll_up(page: Page, pixels: int) -> None:
    """Turn the wheel over the transcript, and wait until the page has moved."""
    before = await page.locator('.scroller').evaluate('(scroller) => scroller.scrollTop')
    await page.mouse.move(700, 300)
    await page.mouse.wheel(0, -pixels)
    await page.wait_for_function(
        '(before) => document.querySelector(".scroller").scrollTop < before - 50', arg=before
    )


async def test_the_page_follows_the_reader_at_the_end_and_leaves_the_one_above(
    app: Parlour, room: Room, provider: Provider
) -> None:
    gate = Gate()
    provider.say(Reply(pieces=PARAGRAPHS, gates={40: gate}))
    await room.open(app.url)
    await room.send('Tell me a lot')
    await expect(room.answers.last).to_contain_text('Paragraph 39 ')
    assert await room.page.locator('.scroller').evaluate('(scroller) => scroller.scrollTop') == 0
    await scroll_up(room.page, 600)
    before = await room.page.evaluate(TOP_OF, 'Paragraph 25 ')
    gate.release()
    await room.sees_state('done')
    assert await room.page.evaluate(TOP_OF, 'Paragraph 25 ') == pytest.approx(before, abs=2)
    await room.page.get_by_test_id('jump-latest').click()
    await room.page.wait_for_function('document.querySelector(".scroller").scrollTop === 0')


async def test_older_turns_come_as_the_reader_scrolls_up(
    app: Parlour, room: Room, provider: Provider
) -> None:
    provider.say_always(Reply(pieces=PARAGRAPHS[:3]))
    async with httpx2.AsyncClient(base_url=app.url, trust_env=False) as api:
        for number in range(30):
            await api.post('/chat/', data={'prompt': f'Question {number}.'})
    await room.open(app.url)
    await room.links.click()
    await expect(room.turns('user').last).to_have_text('Question 29.')
    await expect(room.turns('user')).to_have_count(20)
    await scroll_up(room.page, 100_000)
    await expect(room.turns('user')).to_have_count(30)
    await expect(room.turns('user').first).to_have_text('Question 0.')
    await expect(room.page.get_by_text('Question 10.')).to_be_in_viewport()
