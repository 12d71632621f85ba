"""The list of what a search has found, while it comes."""

from playwright.async_api import expect

from tests.support.component_page import Mounted, Stage

ROWS = [
    {
        'id': name,
        'entry': '',
        'title': name,
        'pieces': ['', '', ''],
        'moment': '2026-11-01T12:00:00+00:00',
        'href': f'/c/{name}',
    }
    for name in ('first', 'second', 'third')
]

NOTE_CLICKS = """() => {
    window.clicked = [];
    addEventListener("click", ({target}) => clicked.push(target.dataset.id), {capture: true});
}"""


async def search(stage: Stage) -> Mounted:
    """Open the dialog with all rows."""
    dialog = await stage.mount('search_dialog')
    await dialog.call('open')
    await dialog.call('show', '', ROWS)
    return dialog


async def test_a_row_that_was_chosen_is_taken_though_what_was_typed_is_not_found_yet(stage: Stage) -> None:
    await search(stage)
    await stage.page.evaluate(NOTE_CLICKS)
    await stage.page.keyboard.type('s')
    await stage.page.keyboard.press('ArrowDown')
    await stage.page.keyboard.press('Enter')
    await expect(stage.page.locator('dialog[open]')).to_have_count(0)
    assert await stage.page.evaluate('clicked') == ['second']


async def test_a_row_that_was_chosen_stays_chosen_when_others_are_found(stage: Stage) -> None:
    """Wherever it stands then; with another text, or if it is not among them, the first is chosen."""
    dialog = await search(stage)
    current = stage.page.locator('[aria-selected=true]')
    await stage.page.keyboard.type('s')
    await stage.page.keyboard.press('ArrowDown')
    await dialog.call('show', 's', ROWS[::-1][:2])
    await expect(current).to_have_attribute('data-id', 'second')
    await stage.page.keyboard.type('t')
    await dialog.call('show', 'st', ROWS)
    await expect(current).to_have_attribute('data-id', 'first')
    await stage.page.keyboard.press('ArrowUp')
    await expect(current).to_have_attribute('data-id', 'third')
    await dialog.call('show', 'st', ROWS[:2])
    await expect(current).to_have_attribute('data-id', 'first')
