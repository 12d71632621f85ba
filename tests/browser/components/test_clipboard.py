"""Copying with a clipboard, without one, and where neither way works."""

from typing import Literal

import pytest
from playwright.async_api import Locator, expect

from tests.browser.components import test_conversation_list
from tests.support.component_page import Stage
from tests.support.screen_reader import heard, listen

ANNOUNCED_AFTER = 100
"""Milliseconds until those who listen are told; a button says it at once, and not for long."""

CODE = 'if True:\n\tprint("1 < 2")  \n\n'
FIGURE = """<figure><button class="copy" aria-label="Copy code">Copy</button><code></code></figure>
    <textarea id="box"></textarea>"""
WAYS = {
    'clipboard': '() => {}',
    'none': '() => Object.defineProperty(navigator, "clipboard", { value: undefined })',
    'refused': '() => { navigator.clipboard.writeText = () => Promise.reject(new Error("no")); }',
}


@pytest.mark.parametrize('way', WAYS.values(), ids=list(WAYS))
async def test_code_is_copied_to_the_last_byte(paused: Stage, way: str) -> None:
    """Over plain HTTP there is no clipboard; a browser may also refuse it."""
    await paused.page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    await paused.show(FIGURE)
    await paused.page.evaluate(way)
    await paused.page.locator('code').evaluate('(code, text) => (code.textContent = text)', CODE)
    button = paused.page.get_by_role('button', name='Copy code')
    await button.click()
    await expect(button).to_have_text('Copied')
    await expect(button).to_be_focused()
    await paused.pass_time(ANNOUNCED_AFTER)
    await expect(paused.page.locator('.announcer')).to_have_text('Copied')
    await paused.page.locator('#box').press('Control+V')
    await expect(paused.page.locator('#box')).to_have_value(CODE)


async def test_what_is_not_copied_says_so(paused: Stage) -> None:
    await paused.show(FIGURE)
    await paused.page.evaluate(WAYS['none'])
    await paused.page.evaluate('() => { document.execCommand = () => false; }')
    button = paused.page.get_by_role('button', name='Copy code')
    await button.click()
    await expect(button).to_have_text('Not copied')
    await paused.pass_time(ANNOUNCED_AFTER)
    await expect(paused.page.locator('.announcer')).to_have_text('Not copied')


async def copy_link(stage: Stage, button: Literal['left', 'right']) -> Locator:
    """Copy that of a chat, from the menu at its row, or from that where the pointer is; return the button."""
    await test_conversation_list.shown(stage)
    row = stage.page.get_by_role('listitem').filter(has_text=test_conversation_list.TITLES[1])
    await row.hover()
    menu = row.get_by_test_id('conversation-menu')
    await (menu if button == 'left' else row).click(button=button)
    await stage.page.get_by_role('menuitem', name='Copy link').click()
    return menu


@pytest.mark.parametrize('button', ['left', 'right'])
async def test_the_link_of_a_chat_is_copied(stage: Stage, button: Literal['left', 'right']) -> None:
    await stage.page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    await copy_link(stage, button)
    await expect(stage.page.locator('.announcer')).to_have_text('Copied')
    copied = await stage.page.evaluate('() => navigator.clipboard.readText()')
    assert copied.endswith('/c/id-1')


async def test_the_button_of_a_menu_says_how_it_went(paused: Stage) -> None:
    await paused.page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    menu = await copy_link(paused, 'left')
    await expect(menu).to_have_attribute('data-outcome', 'Copied')


async def test_a_button_says_for_a_moment_how_it_went(paused: Stage) -> None:
    await paused.show(FIGURE)
    await paused.page.evaluate(WAYS['none'])
    button = paused.page.get_by_role('button', name='Copy code')
    await button.click()
    await expect(button).to_have_text('Copied')
    await paused.pass_time(1600)
    await expect(button).to_have_text('Copy')


async def test_what_is_copied_twice_is_said_twice(stage: Stage) -> None:
    await stage.show(FIGURE)
    await stage.page.evaluate(WAYS['none'])
    await listen(stage.page)
    button = stage.page.get_by_role('button', name='Copy code')
    await button.click()
    assert await heard(stage.page, 1) == ['Copied']
    await button.click()
    assert await heard(stage.page, 2) == ['Copied', 'Copied']


async def test_what_is_copied_in_a_dialog_is_heard(stage: Stage) -> None:
    """What is beside a modal dialog is not there for a screen reader."""
    await stage.show(f'<dialog>{FIGURE}</dialog>')
    await stage.page.evaluate(WAYS['none'])
    await stage.page.locator('dialog').evaluate('(dialog) => dialog.showModal()')
    await listen(stage.page)
    await stage.page.get_by_role('button', name='Copy code').click()
    assert await heard(stage.page, 1) == ['Copied']
