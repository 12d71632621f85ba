"""The list of saved prompts above the message box: keys are tried in `test_library.py`, here fingers."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.components.composing import PROPS, box_of
from tests.support.component_page import Stage

PAGE = """<button id="behind" style="position: fixed; inset: 0"></button>
    <div id="dock" style="position: fixed; inset: auto 0 0"></div>"""
COUNT_PRESSES = """(button) => {
    window.presses = 0;
    button.addEventListener("click", () => (window.presses += 1));
}"""


async def listed(phone: Stage) -> Locator:
    """The rows that a slash in the box brings."""
    await phone.show(PAGE)
    await phone.page.locator('#behind').evaluate(COUNT_PRESSES)
    prompts = [[f'Prompt {number}', f'Text {number}'] for number in range(8)]
    await phone.mount('composer', {**PROPS, 'prompts': prompts}, inside='#dock')
    await box_of(phone).tap()
    await phone.page.keyboard.type('/')
    rows = phone.page.get_by_test_id('saved-prompt')
    await expect(rows).to_have_count(8)
    return rows


async def test_all_are_reached_above_a_keyboard(phone: Stage) -> None:
    await phone.page.set_viewport_size({'width': 390, 'height': 340})
    rows = await listed(phone)
    await expect(rows.first).to_be_in_viewport(ratio=0.9)
    await phone.page.keyboard.press('ArrowUp')
    await expect(rows.last).to_have_attribute('aria-selected', 'true')
    await expect(rows.last).to_be_in_viewport(ratio=0.9)
    await rows.first.tap()
    await expect(box_of(phone)).to_have_value('Text 0')


@pytest.mark.parametrize('way', ['tap', 'click alone'])
async def test_a_row_is_pressed_and_nothing_behind_it(phone: Stage, way: str) -> None:
    """Voice control and screen readers do nothing but click."""
    row = (await listed(phone)).nth(2)
    await (row.tap() if way == 'tap' else row.dispatch_event('click'))
    await expect(box_of(phone)).to_have_value('Text 2')
    await expect(box_of(phone)).to_be_focused()
    await expect(row).to_have_count(0)
    assert await phone.page.evaluate('window.presses') == 0
