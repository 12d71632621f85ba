"""Long texts of the settings: the server hears of them in pauses, and before the field is gone."""

from playwright.async_api import expect

from tests.support.component_page import Stage

PAUSE = 600
"""Milliseconds without a key after which the server hears what was written."""


async def test_what_is_written_is_told_whatever_comes_first(paused: Stage) -> None:
    """A pause of the keys, the way back in the history, or a connection that was lost."""
    field = await paused.mount('text_field', {'text': 'Be brief.'})
    box = paused.page.get_by_role('textbox')
    await box.fill('Be kind.')
    assert await field.emitted('written') == []
    await paused.pass_time(PAUSE)
    assert await field.emitted('written') == [['Be kind.']]
    await box.press('End')
    await box.press_sequentially(' Rhyme.')
    await paused.page.evaluate('dispatchEvent(new PopStateEvent("popstate"))')
    assert await field.emitted('written') == [['Be kind.'], ['Be kind. Rhyme.']]
    await paused.connect(connected=False)
    await box.fill('Be careful.')
    await paused.pass_time(2 * PAUSE)
    assert len(await field.emitted('written')) == 2
    await paused.connect(connected=True)
    await paused.page.evaluate('document.dispatchEvent(new Event("parlour-connected"))')
    assert (await field.emitted('written'))[2:] == [['Be careful.']]
    await expect(box).to_have_value('Be careful.')
