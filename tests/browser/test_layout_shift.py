"""What has been said stays where it is while more is said, and when the answer has ended."""

import pytest
from playwright.async_api import expect

from tests.support.axe import EVERYTHING
from tests.support.people import Device
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.reading import PARAGRAPHS
from tests.support.replies import Reply
from tests.support.room import OpenRoom, Room
from tests.support.signals import Gate

LISTS = """- one
- two
  - nested

1. loose

2. list

   - in it

> - quoted

- [ ] to do

Last"""
SHIFTED = """() => {
    window.shifted = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (shifted += value)))
        .observe({ type: 'layout-shift' });
}"""
"""In the browser: sums up all layout shifts from now on."""
HEIGHTS = (
    "[...document.querySelectorAll('.answer .prose > *')].map((it) => it.getBoundingClientRect().height)"
)
DRAWN = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))'


@pytest.mark.parametrize('device', ['desk', 'phone'])
async def test_nothing_shifts_while_an_answer_grows_and_ends(
    app: Parlour, open_room: OpenRoom, provider: Provider, device: Device
) -> None:
    """To follow the end is no shift, and neither is a line that breaks at its last word."""
    room = await open_room(device)
    gate = Gate()
    pieces = ['Well.\n\n', *EVERYTHING.split(' '), *PARAGRAPHS[:40]]
    spaced = [pieces[0], *(f'{piece} ' for piece in pieces[1:])]
    provider.say(Reply(pieces=spaced, gates={1: gate}, pause=0.01))
    await room.open(app.url)
    await room.composer.fill('Tell me a lot')
    await room.send_button.click()
    await room.sees_answer('Well.')
    await room.page.evaluate(DRAWN)
    await room.page.evaluate(SHIFTED)
    gate.release()
    await room.sees_state('done')
    await expect(room.answers.last).to_contain_text('Paragraph 39 ')
    await room.page.evaluate(DRAWN)
    assert await room.page.evaluate('shifted') < 0.01


async def test_lists_keep_their_height_when_the_answer_has_ended(
    app: Parlour, room: Room, provider: Provider
) -> None:
    gate = Gate()
    provider.say(Reply(pieces=[LISTS, ' words.'], gates={1: gate}))
    await room.open(app.url)
    await room.send('Which lists are there?')
    await room.sees_answer_with('Last')
    before = await room.page.evaluate(HEIGHTS)
    gate.release()
    await room.sees_state('done')
    assert await room.page.evaluate(HEIGHTS) == pytest.approx(before, abs=0.1)
    assert len(before) == 5
