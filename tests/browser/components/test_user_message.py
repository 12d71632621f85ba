"""A prompt in its bubble: what is long is folded, and opened by whoever wants to read it."""

from collections.abc import Mapping

import pytest
from playwright.async_api import Locator, expect

from chat.ui.chat.prompt_sender import LOST_MESSAGE
from tests.support.component_page import Mounted, Stage

LINES = '\n'.join(f'Line {number}' for number in range(60))
WORDS = 'many words in one line that wraps ' * 80
PLACE = '<div class="page" style="height: 600px"><div class="scroller"><div class="thread"></div></div></div>'
EDITABLE = {'canAct': True}


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
    mounted = await prompt(stage, LINES, EDITABLE)
    await stage.page.get_by_test_id('edit').press('Enter')
    await expect(stage.page.get_by_test_id('edit-box')).to_have_value(LINES)
    await expect(stage.page.get_by_test_id('prompt-more')).to_have_count(0)
    await stage.page.get_by_test_id('edit-cancel').press('Enter')
    await expect(stage.page.get_by_test_id('prompt-more')).to_have_text('Show more')
    assert await mounted.emitted('edit') == []


def edit_box(stage: Stage) -> Locator:
    return stage.page.get_by_test_id('edit-box')


async def begin_to_edit(stage: Stage) -> Locator:
    await stage.page.get_by_test_id('edit').press('Enter')
    return edit_box(stage)


async def kept(stage: Stage) -> dict[str, str]:
    """What the tab keeps."""
    return await stage.page.evaluate('({ ...sessionStorage })')


async def test_what_is_being_edited_is_there_when_it_is_edited_again(stage: Stage) -> None:
    """After a reload, a visit elsewhere and Escape, until it is given up by the button."""
    mounted = await prompt(stage, 'A question', EDITABLE)
    await (await begin_to_edit(stage)).fill('A better question')
    await stage.reload()
    mounted = await prompt(stage, 'A question', EDITABLE)
    await expect(stage.page.locator('.bubble')).to_have_text('A question')
    await expect(await begin_to_edit(stage)).to_have_value('A better question')
    await mounted.remove()
    await prompt(stage, 'A question', EDITABLE)
    await expect(await begin_to_edit(stage)).to_have_value('A better question')
    await edit_box(stage).press('Escape')
    await expect(await begin_to_edit(stage)).to_have_value('A better question')
    await stage.page.get_by_test_id('edit-cancel').click()
    await expect(await begin_to_edit(stage)).to_have_value('A question')


async def test_without_a_connection_an_edited_question_says_that_it_was_not_sent(stage: Stage) -> None:
    """The text stays, to be sent again; once another question has taken its place, nothing of it is kept."""
    mounted = await prompt(stage, 'A question', EDITABLE)
    await (await begin_to_edit(stage)).fill('A better question')
    await stage.connect(connected=False)
    await edit_box(stage).press('Enter')
    await expect(stage.page.get_by_role('alert')).to_have_text(LOST_MESSAGE)
    await expect(edit_box(stage)).to_have_value('A better question')
    assert await mounted.emitted('edit') == []
    await stage.connect(connected=True)
    await edit_box(stage).press('Enter')
    assert await mounted.emitted('edit', 1) == [['A better question']]
    await expect(stage.page.get_by_role('alert')).to_have_count(0)
    assert await kept(stage) == {'edit a': '"A better question"'}
    await mounted.remove()
    assert await kept(stage) == {}
