"""The menu of the page: opened at a button or at a pointer, worked with keys, closed by anything else."""

import pytest
from playwright.async_api import Locator, expect

from tests.support.component_page import Stage

HTML = """<button id="opens">…</button>
    <button id="other">Other</button>"""
OPEN = """(button) => {
    window.chosen = [];
    button.addEventListener("click", async () => {
        const { openMenu } = await import("parlour/menu.js");
        chosen.push(await openMenu(button, "Options", items));
    });
}"""
ITEMS = """window.items = [['pin', 'Pin', 'keep'], ['rename', 'Rename', 'edit'],
    ['read', 'Read', 'book'], ['delete', 'Delete', 'delete', 'danger']];"""


async def open_menu(stage: Stage) -> Locator:
    """The menu, opened with a key."""
    await stage.show(HTML)
    await stage.page.evaluate(ITEMS)
    await stage.page.locator('#opens').evaluate(OPEN)
    await stage.page.locator('#opens').focus()
    await stage.page.keyboard.press('Enter')
    menu = stage.page.get_by_role('menu', name='Options')
    await expect(menu).to_be_visible()
    return menu


async def chosen(stage: Stage) -> list[str | None]:
    return await stage.page.evaluate('chosen.map((name) => name ?? null)')


async def test_keys_lead_through_it(stage: Stage) -> None:
    menu = await open_menu(stage)
    for key, item in (
        ('', 'Pin'),
        ('ArrowDown', 'Rename'),
        ('ArrowUp', 'Pin'),
        ('ArrowUp', 'Delete'),
        ('ArrowDown', 'Pin'),
        ('End', 'Delete'),
        ('Home', 'Pin'),
        ('r', 'Rename'),
        ('R', 'Read'),
        ('r', 'Rename'),
        ('x', 'Rename'),
    ):
        if key:
            await stage.page.keyboard.press(key)
        await expect(menu.get_by_role('menuitem', name=item)).to_be_focused()
    await stage.page.keyboard.press('Enter')
    await expect(menu).to_be_hidden()
    await expect(stage.page.locator('#opens')).to_be_focused()
    assert await chosen(stage) == ['rename']


@pytest.mark.parametrize('key', ['Escape', 'Tab'])
async def test_a_key_that_closes_it_gives_the_focus_back(stage: Stage, key: str) -> None:
    menu, button = await open_menu(stage), stage.page.locator('#opens')
    await expect(button).to_have_attribute('aria-expanded', 'true')
    await stage.page.keyboard.press(key)
    await expect(menu).to_be_hidden()
    await expect(button).to_be_focused()
    await expect(button).to_have_attribute('aria-expanded', 'false')
    assert await chosen(stage) == [None]


async def test_the_way_back_of_a_phone_closes_it(stage: Stage) -> None:
    """Android asks for it as Chromium does at a key Escape that nobody takes."""
    menu = await open_menu(stage)
    await stage.page.evaluate('document.activeElement.blur()')
    await stage.page.keyboard.press('Escape')
    await expect(menu).to_be_hidden()
    await expect(stage.page.locator('#opens')).to_be_focused()
    assert await chosen(stage) == [None]


async def test_it_closes_when_the_page_before_is_shown(stage: Stage) -> None:
    await stage.page.evaluate('history.pushState({}, "")')
    menu = await open_menu(stage)
    await stage.page.evaluate('history.back()')
    await expect(menu).to_be_hidden()
    assert await chosen(stage) == [None]


async def test_a_press_elsewhere_closes_it_and_is_a_press_there(stage: Stage) -> None:
    menu = await open_menu(stage)
    await stage.page.locator('#other').click()
    await expect(menu).to_be_hidden()
    await expect(stage.page.locator('#other')).to_be_focused()
    assert await chosen(stage) == [None]


@pytest.mark.parametrize('seconds_held', [0, 0.5])
async def test_a_press_on_its_button_closes_it(stage: Stage, seconds_held: float) -> None:
    menu, button = await open_menu(stage), stage.page.locator('#opens')
    await button.click(delay=1000 * seconds_held)
    await stage.page.wait_for_function('chosen.length === 2')  # nothing, and nothing again
    await expect(menu).to_be_hidden()
    await button.click()
    await expect(menu).to_be_visible()


async def test_a_press_that_ends_elsewhere_is_no_press_on_its_button(stage: Stage) -> None:
    menu, button = await open_menu(stage), stage.page.locator('#opens')
    await button.hover()
    await stage.page.mouse.down()
    await expect(menu).to_be_hidden()
    await stage.page.locator('#other').hover()
    await stage.page.mouse.up()
    await button.press('Enter')
    await expect(menu).to_be_visible()


async def test_a_click_chooses(stage: Stage) -> None:
    menu = await open_menu(stage)
    await expect(menu.get_by_role('menuitem', name='Delete')).to_contain_class('danger')
    await menu.get_by_role('menuitem', name='Delete').click()
    await expect(menu).to_be_hidden()
    assert await chosen(stage) == ['delete']


async def test_it_stays_in_the_window(stage: Stage) -> None:
    menu = await open_menu(stage)
    await stage.page.keyboard.press('Escape')
    await stage.use('menu', "void openMenu({ clientX: innerWidth, clientY: innerHeight }, 'Options', items)")
    box = await menu.bounding_box()
    assert box
    assert box['x'] + box['width'] <= 1280
    assert box['y'] + box['height'] <= 800
