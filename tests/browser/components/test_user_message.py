"""A prompt in its bubble: what is long is folded, and opened by whoever wants to read it."""

from collections.abc import Mapping

import pytest
from playwright.async_api import Locator, expect

from tests.support.component_page import Mounted, Stage

LINES = '\n'.join(f'Line {number}' for number in range(60))
WORDS = 'many words in one line that wraps ' * 80
PLACE = '<div class="page" style="height: 600px"><div class="scroller"><div class="thread"></div></div></div>'


async def prompt(stage: Stage, text: str, more: Mapping[str, object] | None = None) -> Mounted:
    await stage.show(PLACE)
    props = {'turn': 'a', 'text': text, 'number': 1, 'count': 1, **(more or {})}
    return await stage.mount('user_message', props, inside='.thread')


async def height(bubble: Locator) -> float:
    box = await bubble.bounding_box()
    assert box
    return box['height']


@pytest.mark.parametrize('text', [LINES, WORDS], ids=['lines', 'wrapped'])
async def test_a_long_prompt_is_folded(stage: Stage, text: str) -> None:
    """Twelve lines are shown, also if they are one that wraps; the keyboard opens and closes it."""
    await prompt(stage, text)
    bubble, more = stage.page.locator('.bubble'), stage.page.get_by_test_id('prompt-more')
    await expect(more).to_have_text('Show more')
    await expect(more).to_have_attribute('aria-expanded', 'false')
    assert 11 <= (await height(bubble) - 52) / 23.25 <= 13
    await more.press('Enter')
    await expect(more).to_have_text('Show less')
    await expect(more).to_have_attribute('aria-expanded', 'true')
    await expect(more).to_be_focused()
    assert await bubble.evaluate('(it) => it.scrollHeight <= it.clientHeight + 1')
    await more.press('Enter')
    await expect(more).to_have_text('Show more')
    await expect(stage.page.get_by_test_id('turn')).to_be_in_viewport()


@pytest.mark.parametrize('text', ['Short', LINES[: LINES.index('\nLine 14')]])
async def test_a_prompt_of_some_lines_is_whole(stage: Stage, text: str) -> None:
    await prompt(stage, text)
    await expect(stage.page.locator('.bubble')).to_have_text(text)
    await expect(stage.page.get_by_test_id('prompt-more')).to_have_count(0)


async def test_it_is_folded_where_the_column_is_narrow(stage: Stage) -> None:
    await prompt(stage, WORDS[:900])
    more = stage.page.get_by_test_id('prompt-more')
    await expect(more).to_have_count(0)
    await stage.page.locator('.page').evaluate('(page) => (page.style.width = "300px")')
    await expect(more).to_be_visible()


async def test_who_is_led_to_it_or_finds_words_in_it_sees_all_of_it(stage: Stage) -> None:
    await prompt(stage, LINES)
    more = stage.page.get_by_test_id('prompt-more')
    await stage.use('reading_place', 'scrollToTurn("a", "user")')
    await expect(more).to_have_text('Show less')
    await more.click()
    await expect(more).to_have_text('Show more')
    await stage.page.locator('.bubble').evaluate(
        '(it) => (it.scrollTop = 300)'
    )  # as the browser's own search
    await expect(more).to_have_text('Show less')


async def test_it_is_edited_as_a_whole(stage: Stage) -> None:
    mounted = await prompt(stage, LINES, {'canAct': True})
    await stage.page.get_by_test_id('edit').press('Enter')
    await expect(stage.page.get_by_test_id('edit-box')).to_have_value(LINES)
    await expect(stage.page.get_by_test_id('prompt-more')).to_have_count(0)
    await stage.page.get_by_test_id('edit-cancel').press('Enter')
    await expect(stage.page.get_by_test_id('prompt-more')).to_have_text('Show more')
    assert await mounted.emitted('edit') == []
