"""A page shows a growing text rightly in the end, whatever is lost, doubled or held back on the way."""

import random
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from chat.rendering.client_state import ClientState, Operation
from chat.rendering.incremental import IncrementalMarkdown
from chat.ui.javascript import COMPONENTS
from tests.browser.test_grown_page import DOCUMENT
from tests.rendering.test_incremental import FRAGMENTS

COMPONENT = COMPONENTS / 'growing_markdown.js'

OPEN = """async (source) => {
    const component = (await import("data:text/javascript," + encodeURIComponent(source))).default;
    window.copy = Object.assign({}, component.methods, {
        $el: document.body, $emit: () => copy.lost = true, lost: false, sequence: 0, innerHTML: "", tail: "",
    });
    window.begin = () => component.mounted.call(copy);
}"""
DELIVER = """(operations) => {
    copy.lost = false;
    for (const [method, ...args] of operations) copy[method](...args);
    return copy.lost;
}"""
SHOWN = '() => document.body.innerHTML'
MEANT = '(html) => Object.assign(document.createElement("div"), { innerHTML: html }).innerHTML'


class Way:
    """A way to the page that loses, doubles and holds back what is sent on it, until it is mended."""

    def __init__(self, page: Page, copy: ClientState, dice: random.Random, fates: Sequence[str]) -> None:
        self.is_mended = False
        self._dice = dice
        self._fates = ['kept', 'kept', *fates]
        self._page = page
        self._copy = copy
        self._held: list[Operation] = []

    async def send(self, operation: Operation) -> None:
        """Send it, and what the page asks for then."""
        fate = 'kept' if self.is_mended else self._dice.choice(self._fates)
        if fate == 'held':
            self._held.append(operation)
        elif fate != 'lost':
            arriving = [operation, *self._held] if fate == 'kept' else [operation, operation]
            self._held = [] if fate == 'kept' else self._held
            if await self._page.evaluate(DELIVER, arriving):
                await self.send(self._copy.full_update())


@pytest_asyncio.fixture(loop_scope='session')
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page()
    await page.evaluate(OPEN, COMPONENT.read_text())
    yield page
    await page.close()


@pytest.mark.parametrize('fates', [['twice'], ['lost'], ['held'], ['twice', 'lost', 'held']])
@pytest.mark.parametrize('seed', range(3))
async def test_whatever_happens_on_the_way_the_copy_is_right_in_the_end(
    page: Page, fates: list[str], seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  # any numbers will do
    text = DOCUMENT if seed == 0 else ''.join(dice.choices(FRAGMENTS, k=60))
    stream, copy = IncrementalMarkdown(dice.choice([0, 10, 300])), ClientState()
    way = Way(page, copy, dice, fates)
    await page.evaluate('begin()')
    for end in range(0, len(text), dice.randrange(5, 30)):
        stream.update(text[:end])
        if operation := copy.update(stream):
            await way.send(operation)
    way.is_mended = True
    for end in range(0, 250, 10):  # a loss is noticed by what comes next, and a lost answer to that in time
        stream.update(f'{text}\n\n{"last words " * 30}'[: len(text) + end])
        if operation := copy.update(stream):
            await way.send(operation)
    assert await page.evaluate(SHOWN) == await page.evaluate(MEANT, stream.html)
