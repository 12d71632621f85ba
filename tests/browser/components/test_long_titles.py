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


def in_html(html: str, selector: str) -> Callable[[Stage, str], Awaitable[Locator]]:
    async def place(stage: Stage, title: str) -> Locator:
        await stage.show(f'<div style="width: 20rem; display: flex">{html.format(title)}</div>')
        return stage.page.locator(selector)

    return place


QUEUED = '<div class="queued"><span class="queued-text">{}</span></div>'

FILE = '<span class="attachment-words"><span class="attachment-name">{}</span></span>'

PLACES = {
    'sidebar': in_the_sidebar,
    'chat': above_the_chat,
    'search': in_a_search,
    'menu': in_a_menu,
    'queue': in_html(f'<div class="queue" style="width: 20rem">{QUEUED}</div>', '.queued-text'),
    'archive': in_html('<a class="list-title">{}</a>', '.list-title'),
    'files': in_html(f'<a class="attached-file">{FILE}</a>', '.attachment-name'),
    'prompts': in_html(
        '<div class="saved-prompt" style="min-width: 0"><span>{}</span></div>', '.saved-prompt > span'
    ),
    'people': in_html(
        '<span class="presence"><span class="presence-names">{}</span></span>', '.presence-names'
    ),
    'tool': in_html('<span class="tool-hint">{}</span>', '.tool-hint'),
}


@pytest.mark.parametrize('place', PLACES.values(), ids=list(PLACES))
async def test_the_beginning_of_a_title_is_seen(
    stage: Stage, place: Callable[[Stage, str], Awaitable[Locator]]
) -> None:
    title = await place(stage, HEBREW)
    left, right, cut = await title.evaluate(FIRST_LETTER)
    assert cut > 0
    assert left > 0
    assert abs(right) < 2, 'it begins at the right'


@pytest.mark.parametrize('place', PLACES.values(), ids=list(PLACES))
async def test_one_that_is_read_from_the_left_begins_there(
    stage: Stage, place: Callable[[Stage, str], Awaitable[Locator]]
) -> None:
    title = await place(stage, ENGLISH)
    left, right, cut = await title.evaluate(FIRST_LETTER)
    assert cut > 0
    assert right > 0
    assert abs(left) < 2
