"""The shortcuts: each presses a button of the page, unless one types or something lies over the page."""

import pytest
from playwright.async_api import expect

from tests.support.component_page import Stage

PRESSED = 'this.dataset.pressed = Number(this.dataset.pressed ?? 0) + 1'
BUTTONS = {
    'Control+Shift+O': 'new-chat',
    'Control+k': 'search',
    'Control+,': 'settings',
    'Escape': 'stop',
    'Control+Shift+Enter': 'regenerate',
}


def page_with(*names: str) -> str:
    buttons = (
        f'<button data-testid="{name}" data-action="{name}" onclick="{PRESSED}">x</button>' for name in names
    )
    box = '<div class="composer"><textarea data-testid="composer"></textarea></div>'
    return box + ''.join(buttons)


@pytest.mark.parametrize('where', ['box', 'page'])
@pytest.mark.parametrize(('keys', 'name'), BUTTONS.items(), ids=list(BUTTONS.values()))
async def test_a_shortcut_presses_its_button(stage: Stage, keys: str, name: str, where: str) -> None:
    """The last one of those that can be pressed."""
    await stage.show(page_with(name, name, name))
    await stage.page.get_by_test_id(name).last.evaluate('(button) => (button.disabled = true)')
    if where == 'box':
        await stage.page.get_by_test_id('composer').focus()
    await stage.page.keyboard.press(keys)
    await expect(stage.page.locator('[data-pressed="1"]')).to_have_count(1)
    await expect(stage.page.get_by_test_id(name).nth(1)).to_have_attribute('data-pressed', '1')


async def test_single_keys_are_letters_while_one_types(stage: Stage) -> None:
    await stage.show(page_with('search'))
    box = stage.page.get_by_test_id('composer')
    await stage.page.keyboard.press('/')
    await expect(box).to_be_focused()
    await stage.page.keyboard.type('a/b?')
    await expect(box).to_have_value('a/b?')
    await expect(stage.page.get_by_test_id('shortcuts')).to_have_count(0)


@pytest.mark.parametrize('over', ['the sheet', 'a question', 'a menu'])
async def test_what_lies_over_the_page_has_its_keys_to_itself(stage: Stage, over: str) -> None:
    """But whoever leaves the computer can lock it at once."""
    await stage.show(page_with('stop', 'search', 'lock'))
    ways = {
        'the sheet': ('shortcuts', 'showShortcuts()'),
        'a question': ('dialogs', 'void askToConfirm({ title: "?", text: "", action: "Yes" })'),
        'a menu': ('menu', 'void openMenu({ clientX: 9, clientY: 9 }, "Menu", [["one", "One", "x"]])'),
    }
    await stage.use(*ways[over])
    await stage.page.keyboard.press('Control+Shift+X')
    await expect(stage.page.get_by_test_id('lock')).to_have_attribute('data-pressed', '1')
    await stage.page.get_by_test_id('lock').evaluate('(button) => button.remove()')
    for keys in ('Control+k', 'Escape'):
        await stage.page.keyboard.press(keys)
    await expect(stage.page.locator('dialog[open], :popover-open')).to_have_count(0)
    await expect(stage.page.locator('[data-pressed]')).to_have_count(0)
    await stage.page.keyboard.press('Escape')
    await expect(stage.page.get_by_test_id('stop')).to_have_attribute('data-pressed', '1')


@pytest.mark.parametrize('keys', ['Control+/', '?'])
async def test_the_sheet_lists_them_and_gives_the_focus_back(stage: Stage, keys: str) -> None:
    """With Ctrl also while one types."""
    await stage.show(page_with('new-chat'))
    before = stage.page.get_by_test_id('new-chat' if keys == '?' else 'composer')
    await before.focus()
    await stage.page.keyboard.press(keys)
    sheet = stage.page.get_by_role('dialog', name='Shortcuts')
    for words in (
        'New chat',
        'Search',
        'Stop the answer',
        'Copy the last answer',
        'Regenerate the answer',
        'Rename',
    ):
        await expect(sheet.get_by_text(words, exact=True)).to_be_visible()
    await stage.page.keyboard.press('Escape')
    await expect(sheet).to_have_count(0)
    await expect(before).to_be_focused()
