"""The list of conversations: keys, menu, names, and the part of it that a page has."""

from playwright.async_api import Locator, expect

from tests.support.component_page import Mounted, Stage
from tests.support.touch import long_press

TITLES = ('Rolling median', 'Plan for Lisbon', 'Flaky test', 'MVCC', 'Bread')


RIGHT_CLICK = """(element) => {
    const options = { bubbles: true, cancelable: true, button: 2 };
    return element.dispatchEvent(new MouseEvent("contextmenu", options));
}"""


def rows(*titles: str, first: int = 0) -> list[dict[str, object]]:
    return [
        {'id': f'id-{number}', 'title': title, 'pinned': False, 'running': False, 'unread': False}
        for number, title in enumerate(titles, first)
    ]


async def shown(stage: Stage, **props: object) -> Mounted:
    """The list in a window that is as high as the page."""
    await stage.show(
        '<div class="sidebar" style="display: flex; flex-direction: column; height: 100vh"></div>'
    )
    everything = {'rows': rows(*TITLES), 'start': 0, 'total': 5, 'headings': [[0, 'Today']], 'active': None}
    return await stage.mount('conversation_list', {**everything, **props}, inside='.sidebar')


def link(stage: Stage, title: str) -> Locator:
    return stage.page.get_by_test_id('conversation-link').filter(has_text=title)


async def test_keys_lead_through_it(stage: Stage) -> None:
    await shown(stage)
    await link(stage, TITLES[0]).focus()
    for key, title in (
        ('ArrowDown', 1),
        ('End', 4),
        ('ArrowDown', 4),
        ('ArrowUp', 3),
        ('Home', 0),
        ('ArrowUp', 0),
    ):
        await stage.page.keyboard.press(key)
        await expect(link(stage, TITLES[title])).to_be_focused()


async def test_a_row_that_goes_leaves_the_focus_in_its_place(stage: Stage) -> None:
    conversations = await shown(stage)
    await link(stage, TITLES[1]).focus()
    await stage.page.keyboard.press('Delete')
    assert await conversations.emitted('action', 1) == [[['delete', 'id-1']]]
    left = [row for row in rows(*TITLES) if row['id'] != 'id-1']
    await conversations.change(rows=left, total=4)
    await expect(link(stage, TITLES[2])).to_be_focused()


async def test_a_name_is_written_in_place(stage: Stage) -> None:
    """Enter keeps it, Escape does not, leaving the field does."""
    conversations, name = await shown(stage), stage.page.get_by_test_id('conversation-name')
    await link(stage, 'Flaky').focus()
    await stage.page.keyboard.press('F2')
    await expect(name).to_be_focused()
    await stage.page.keyboard.type('Steady test')
    await stage.page.keyboard.press('Enter')
    await expect(link(stage, 'Steady test')).to_be_focused()
    await stage.page.keyboard.press('F2')
    await name.fill('Not this')
    await stage.page.keyboard.press('Escape')
    await expect(link(stage, 'Steady test')).to_be_focused()
    await stage.page.keyboard.press('F2')
    await name.fill('Calm test')
    await name.blur()
    await expect(name).to_have_count(0)
    assert [act for (act,) in await conversations.emitted('action')] == [
        ['rename', 'id-2', 'Steady test'],
        ['rename', 'id-2', 'Calm test'],
    ]


async def test_a_name_that_is_written_has_the_menu_and_the_long_press_of_a_field(phone: Stage) -> None:
    """A finger places the cursor in it, or pastes."""
    conversations, name = await shown(phone), phone.page.get_by_test_id('conversation-name')
    await phone.page.get_by_role('button', name='Options for Flaky').tap()
    await phone.page.get_by_role('menuitem', name='Rename').tap()
    await name.fill('Steady')
    await expect(phone.page.locator('.conversation[data-long-press]')).to_have_count(len(TITLES) - 1)
    is_shown = await name.evaluate(RIGHT_CLICK)
    assert is_shown, 'the browser was kept from showing its own menu'
    await expect(phone.page.get_by_role('menu')).to_have_count(0)
    await expect(name).to_be_focused()
    await name.press('Enter')
    assert await conversations.emitted('action', 1) == [[['rename', 'id-2', 'Steady']]]


async def test_the_menu_by_its_button_and_by_keys(stage: Stage) -> None:
    conversations = await shown(stage)
    await link(stage, 'Flaky').focus()
    await stage.page.keyboard.press('Tab')
    await expect(stage.page.get_by_role('button', name='Options for Flaky test')).to_be_focused()
    await stage.page.keyboard.press('Enter')
    await stage.page.keyboard.press('a')
    await stage.page.keyboard.press('Enter')
    assert await conversations.emitted('action', 1) == [[['archive', 'id-2']]]
    await expect(stage.page.get_by_role('button', name='Options for Flaky test')).to_be_focused()
    await stage.page.keyboard.press('Enter')
    await stage.page.keyboard.press('r')
    await stage.page.keyboard.press('Enter')
    await expect(stage.page.get_by_test_id('conversation-name')).to_be_focused()


async def test_what_grows_what_nobody_has_read_and_what_is_shown_is_marked(stage: Stage) -> None:
    grows, is_unread, *others = rows(*TITLES)
    grows['running'] = is_unread['unread'] = True
    conversations = await shown(stage, rows=[grows, is_unread, *others], active='id-2')
    items = stage.page.locator('.conversation')
    await expect(items).to_have_class(
        ['conversation running', 'conversation unread', 'conversation active', *['conversation'] * 2]
    )
    await expect(link(stage, TITLES[0])).to_have_attribute('aria-label', f'{TITLES[0]}, answering')
    await expect(link(stage, TITLES[1])).to_have_attribute('aria-label', f'{TITLES[1]}, unread')
    await expect(stage.page.locator('[aria-current=page]')).to_have_attribute('href', '/c/id-2')
    await conversations.change(rows=rows(*TITLES))
    await expect(stage.page.locator('.running, .unread')).to_have_count(0)


async def test_a_right_click_opens_the_menu_at_the_pointer(stage: Stage) -> None:
    await shown(stage)
    await link(stage, 'Flaky').click(button='right', position={'x': 40, 'y': 10})
    menu = stage.page.get_by_role('menu')
    row, box = await link(stage, 'Flaky').bounding_box(), await menu.bounding_box()
    assert row
    assert box
    assert abs(box['x'] - row['x'] - 40) < 10
    await expect(menu.get_by_role('menuitem', name='Pin')).to_be_focused()
    await stage.page.keyboard.press('Escape')
    await expect(menu).to_be_hidden()


async def test_a_long_press_selects_and_so_do_taps_from_then_on(phone: Stage) -> None:
    conversations = await shown(phone)
    before = phone.page.url
    await long_press(phone.page, link(phone, 'Flaky'))
    assert await conversations.emitted('select', 1) == [[['toggle', 'id-2']]]
    await expect(phone.page.get_by_role('menu')).to_have_count(0)
    await conversations.change(selected=1)
    await link(phone, 'Bread').tap()
    await phone.page.get_by_label('Select Rolling median').tap()
    assert (await conversations.emitted('select', 3))[1:] == [[['toggle', 'id-4']], [['toggle', 'id-0']]]
    assert phone.page.url == before


async def test_a_tap_selects_where_a_click_does_not_say_that_it_was_one(phone: Stage) -> None:
    """As in Safari before 18.4."""
    conversations = await shown(phone, selected=1)
    await phone.page.evaluate(
        """() => {
            const forget = (event) => Object.defineProperty(event, "pointerType", { value: undefined });
            addEventListener("click", forget, { capture: true });
        }"""
    )
    await link(phone, 'Bread').tap()
    assert await conversations.emitted('select', 1) == [[['toggle', 'id-4']]]


async def test_a_long_press_selects_no_words_in_safari(phone: Stage) -> None:
    """Which knows `user-select` by its older name alone."""
    await phone.forget_property('sidebar', 'user-select')
    await shown(phone)
    await expect(link(phone, 'Flaky')).to_have_css('user-select', 'none')


async def test_a_finger_that_moves_scrolls(phone: Stage) -> None:
    conversations = await shown(phone)
    await long_press(phone.page, link(phone, 'Flaky'), moving=30)
    assert await conversations.emitted('select') == []
    await expect(phone.page.get_by_role('menu')).to_have_count(0)


async def test_the_list_is_as_high_as_if_all_rows_were_there(stage: Stage) -> None:
    """It asks for those that come into view; End leads to the last one as soon as it is there."""
    conversations = await shown(stage, rows=rows(*(f'Chat {n}' for n in range(60))), total=1000)
    [[first]] = await conversations.emitted('visible-range', 1)
    assert first[0] == 0
    assert first[1] < 100
    box = stage.page.locator('.sidebar-list')
    height = await box.evaluate('(list) => list.scrollHeight')
    await link(stage, 'Chat 3').first.focus()
    await stage.page.keyboard.press('End')
    [_, [last]] = await conversations.emitted('visible-range', 2)
    assert last[0] <= 960
    assert last[1] >= 1000
    await conversations.change(rows=rows(*(f'Chat {n}' for n in range(940, 1000)), first=940), start=940)
    await expect(link(stage, 'Chat 999')).to_be_focused()
    await expect(link(stage, 'Chat 999')).to_be_in_viewport()
    assert await box.evaluate('(list) => list.scrollHeight') == height


async def test_chats_are_selected_by_clicks_and_keys(stage: Stage) -> None:
    """Ctrl takes one more or less, Shift all from there; what is selected is for the server to know."""
    conversations = await shown(stage)
    before = stage.page.url
    box = stage.page.get_by_label('Select Plan')
    await expect(box).to_have_css('opacity', '0')
    await link(stage, 'Plan').hover()
    await expect(box).to_have_css('opacity', '1')
    await link(stage, 'Plan').click(modifiers=['Control'])
    await link(stage, 'MVCC').click(modifiers=['Shift'])
    await conversations.change(rows=[*rows('Rolling median'), *rows(*TITLES)[1:]], selected=3)
    await expect(stage.page.get_by_test_id('selection-count')).to_have_text('3 selected')
    await expect(stage.page.locator('#stage').get_by_role('status')).to_have_text('3 chats selected')
    await link(stage, 'Rolling').focus()
    await stage.page.keyboard.press('Shift+ArrowDown')
    await stage.page.keyboard.press('Shift+ArrowDown')
    await stage.page.keyboard.press('Control+ArrowDown')
    await stage.page.keyboard.press(' ')
    await stage.page.keyboard.press('Control+a')
    await stage.page.keyboard.press('Escape')
    assert [act for (act,) in await conversations.emitted('select', 7)] == [
        ['toggle', 'id-1'],
        ['range', 'id-1', 'id-3'],
        ['range', 'id-0', 'id-1'],
        ['range', 'id-0', 'id-2'],
        ['toggle', 'id-3'],
        ['all'],
        ['none'],
    ]
    await stage.page.keyboard.press('Delete')
    assert await conversations.emitted('bulk', 1) == [['delete']]
    await conversations.change(selected=0)
    await expect(stage.page.locator('#stage').get_by_role('status')).to_have_text('Selection ended')
    assert stage.page.url == before
