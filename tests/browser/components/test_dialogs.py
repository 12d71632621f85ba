"""The question before what cannot be taken back, and the versions that ask it."""

import pytest
from playwright.async_api import Locator, expect

from tests.support.component_page import Mounted, Stage

ASK = """void askToConfirm({ title: 'Delete?', text: 'For good.', action: 'Delete' })
    .then((is) => (window.answer = is))"""


async def asked(stage: Stage) -> Locator:
    """The dialog, opened from a button that has the focus."""
    await stage.show('<button id="before">Before</button>')
    await stage.page.locator('#before').focus()
    await stage.use('dialogs', ASK)
    dialog = stage.page.get_by_role('alertdialog', name='Delete?')
    await expect(dialog).to_contain_text('For good.')
    await expect(dialog.get_by_role('button', name='Cancel')).to_be_focused()
    return dialog


@pytest.mark.parametrize(
    ('keys', 'answer'),
    [(['Enter'], False), (['Escape'], False), (['Tab', 'Enter'], True)],
    ids=['enter', 'escape', 'tab and enter'],
)
async def test_it_is_answered_with_keys(stage: Stage, keys: list[str], *, answer: bool) -> None:
    """The focus begins where nothing is lost, and returns to where it was."""
    dialog = await asked(stage)
    for key in keys:
        await stage.page.keyboard.press(key)
    await expect(dialog).to_have_count(0)
    await expect(stage.page.locator('#before')).to_be_focused()
    await stage.page.wait_for_function('(wanted) => window.answer === wanted', arg=answer)


async def test_a_press_beside_it_is_a_no(stage: Stage) -> None:
    dialog = await asked(stage)
    await dialog.get_by_text('For good.').click()
    await expect(dialog).to_be_visible()
    await stage.page.mouse.click(5, 5)
    await expect(dialog).to_have_count(0)
    await stage.page.wait_for_function('window.answer === false')


async def test_a_tap_beside_it_presses_nothing_below(phone: Stage) -> None:
    """A finger's click falls on what lies under it when it is lifted, and the dialog is closed by then."""
    dialog = await asked(phone)
    before = phone.page.locator('#before')
    await before.evaluate("""(button) => {
        window.presses = 0;
        button.addEventListener("click", () => (window.presses += 1));
        button.style.cssText = "position: fixed; inset: 0";
    }""")
    await phone.page.touchscreen.tap(5, 5)
    await expect(dialog).to_have_count(0)
    await before.tap()  # what is pressed next, is
    await phone.page.wait_for_function('window.presses > 0')
    assert await phone.page.evaluate('window.presses') == 1


async def test_a_phone_does_not_zoom_into_the_box_for_a_text(phone: Stage) -> None:
    """It would, below 16 px."""
    await phone.use('dialogs', "void askForText({ title: 'New folder', label: 'Name', action: 'Create' })")
    await expect(phone.page.get_by_label('Name')).to_have_css('font-size', '16px')


TURN = """<div class="scroller" tabindex="0"><div class="thread"><article class="turn">
    <div id="here"></div></article></div></div>"""


async def versions(stage: Stage) -> Mounted:
    """A question in two versions, the second of which is shown."""
    await stage.show(TURN)
    props = {'turn': '1', 'text': 'Heads?', 'canAct': True, 'number': 2, 'count': 2}
    return await stage.mount('user_message', props, inside='#here')


async def test_steps_from_version_to_version_end_at_both_ends(stage: Stage) -> None:
    question = await versions(stage)
    await expect(stage.page.get_by_test_id('version-label')).to_have_text('2/2')
    await expect(stage.page.get_by_test_id('version-next')).to_be_disabled()
    await stage.page.get_by_test_id('version-prev').press('Enter')
    assert await question.emitted('switch', 1) == [[-1]]
    await question.change(number=1)
    await expect(stage.page.get_by_test_id('version-prev')).to_be_disabled()
    await question.change(count=1)
    await expect(stage.page.get_by_test_id('version-label')).to_have_count(0)


async def delete(stage: Stage) -> None:
    """Choose it in the menu at the end of the question's buttons."""
    await stage.page.get_by_test_id('turn-menu').click()
    await stage.page.get_by_test_id('version-delete').click()


async def test_a_version_is_deleted_when_the_question_is_answered(stage: Stage) -> None:
    question = await versions(stage)
    await delete(stage)
    await stage.page.keyboard.press('Escape')
    await expect(stage.page.get_by_role('alertdialog')).to_have_count(0)
    assert await question.emitted('delete') == []
    await delete(stage)
    await stage.page.get_by_test_id('confirm').click()
    assert len(await question.emitted('delete', 1)) == 1
    await expect(stage.page.locator('.scroller')).to_be_focused()


async def test_a_version_that_is_alone_by_now_is_not_deleted(stage: Stage) -> None:
    question = await versions(stage)
    await delete(stage)
    await question.change(number=1, count=1)
    await stage.page.get_by_test_id('confirm').click()
    await expect(stage.page.get_by_role('alertdialog')).to_have_count(0)
    assert await question.emitted('delete') == []
