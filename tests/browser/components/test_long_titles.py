"""Titles that are too long for their place are cut at their end, in whichever direction they are read."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator

from tests.browser.components import test_conversation_list, test_search
from tests.support.component_page import Stage

HEBREW = 'תוכנית הטיול שלנו לליסבון בחודש מאי ' * 8
ENGLISH = 'The plan for our trip to Lisbon in the month of May ' * 8

FIRST_LETTER = """(element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const text = walker.nextNode();
    const range = document.createRange();
    range.setStart(text, text.data.search(/\\S/));
    range.setEnd(text, range.startOffset + 1);
    const [letter, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
    return [letter.left - box.left, box.right - letter.right, element.scrollWidth - element.clientWidth];
}"""


async def in_the_sidebar(stage: Stage, title: str) -> Locator:
    await test_conversation_list.shown(stage, rows=test_conversation_list.rows(title), total=1)
    return stage.page.locator('.conversation-title')


async def above_the_chat(stage: Stage, title: str) -> Locator:
    await stage.mount('chat_header', {'chat': 'id', 'title': title, 'folders': []})
    return stage.page.get_by_test_id('chat-title')


async def in_a_search(stage: Stage, title: str) -> Locator:
    dialog = await stage.mount('search_dialog')
    await dialog.call('open')
    await dialog.call('show', '', [{**test_search.ROWS[0], 'title': title}])
    return stage.page.locator('.search-title')


async def in_a_menu(stage: Stage, title: str) -> Locator:
    await stage.page.evaluate(
        """(title) => {
            import('parlour/menu.js').then(({ openMenu }) =>
                openMenu(document.querySelector('#stage'), 'Folders', [['one', title, 'folder']]));
        }""",
        title,
    )
    return stage.page.get_by_role('menuitem').locator('span')


async def in_the_queue(stage: Stage, title: str) -> Locator:
    chip = f'<div class="queued"><span class="queued-text">{title}</span></div>'
    await stage.show(f'<div style="width: 20rem"><div class="queue">{chip}</div></div>')
    return stage.page.locator('.queued-text')


async def in_the_archive(stage: Stage, title: str) -> Locator:
    await stage.show(f'<div style="width: 20rem; display: flex"><a class="list-title">{title}</a></div>')
    return stage.page.locator('.list-title')


PLACES = [in_the_sidebar, above_the_chat, in_a_search, in_a_menu, in_the_queue, in_the_archive]


@pytest.mark.parametrize('place', PLACES, ids=lambda place: place.__name__)
async def test_the_beginning_of_a_title_is_seen(
    stage: Stage, place: Callable[[Stage, str], Awaitable[Locator]]
) -> None:
    title = await place(stage, HEBREW)
    left, right, cut = await title.evaluate(FIRST_LETTER)
    assert cut > 0
    assert left > 0
    assert abs(right) < 2, 'it begins at the right'


@pytest.mark.parametrize('place', PLACES, ids=lambda place: place.__name__)
async def test_one_that_is_read_from_the_left_begins_there(
    stage: Stage, place: Callable[[Stage, str], Awaitable[Locator]]
) -> None:
    title = await place(stage, ENGLISH)
    left, right, cut = await title.evaluate(FIRST_LETTER)
    assert cut > 0
    assert right > 0
    assert abs(left) < 2
