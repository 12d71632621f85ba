"""The words of diagrams of all kinds can be read in both themes: their contrast is measured in the page."""

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.support.chat_page import ChatPage
from tests.support.process import Parlour
from tests.support.provider import Provider
from tests.support.replies import Reply

HERE = Path(__file__).parent
DIAGRAMS = (HERE / 'diagrams.md').read_text()
KINDS = re.findall('^## (.*)', DIAGRAMS, re.MULTILINE)
MEASURE = (HERE / 'diagram_contrast.js').read_text()

MIN_CONTRAST = 4.4
"""WCAG asks for 4.5; what is behind a shape that is half transparent is rounded."""


async def unreadable(page: Page) -> list[str]:
    """The words that cannot be read, each with the kind of its diagram and its colours."""
    found: list[tuple[int, str, float, str, str]] = await page.evaluate(MEASURE)
    assert {KINDS[number] for number, *_ in found} == set(KINDS)
    return [
        f'{KINDS[number]}: {words!r} has {contrast:.1f}, {ink} on {below}'
        for number, words, contrast, ink, below in found
        if contrast < MIN_CONTRAST
    ]


async def test_all_words_of_diagrams_can_be_read_in_both_themes(
    app: Parlour, provider: Provider, chat: ChatPage
) -> None:
    """Also on fills of their own, and with themes that a diagram asks for."""
    provider.reply(Reply(pieces=[DIAGRAMS]))
    await chat.open(app.url)
    await chat.send('Draw')
    await chat.expect_state('done')
    drawn = chat.page.locator('.diagram[data-drawn] svg[id]')
    await expect(drawn).to_have_count(len(KINDS), timeout=60_000)
    faults = {'light': await unreadable(chat.page)}
    await drawn.evaluate_all('all => all.forEach((svg) => svg.classList.add("before"))')
    await chat.page.evaluate('document.documentElement.dataset.theme = "dark"')
    await expect(chat.page.locator('.diagram svg.before')).to_have_count(0, timeout=60_000)
    faults['dark'] = await unreadable(chat.page)
    assert faults == {'light': [], 'dark': []}
