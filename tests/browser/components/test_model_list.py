"""The list of models: opened at a button, searched and worked with keys, without a server."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.support.component_page import Mounted, Stage

DOWN: dict[str, object] = {'heading': 'attic', 'models': [], 'problem': 'It is down.'}
GROUPS: list[dict[str, Any]] = [
    {'heading': 'Server', 'models': [{'name': 'server:tiny', 'label': 'tiny'}]},
    {
        'heading': 'Anthropic',
        'models': [
            {'name': f'anthropic:{name}', 'label': name} for name in ('sonnet-5', 'opus-5', 'haiku-5')
        ],
    },
    {'heading': 'No key needed', 'models': [{'name': 'demo', 'label': 'Demo'}]},
]


async def shown(stage: Stage, around: str = '{}', **props: object) -> Mounted:
    await stage.show(around.format('<button id="button">Model</button>'))
    await stage.page.evaluate('document.querySelector("dialog")?.showModal()')
    props = {'groups': GROUPS, 'selected': 'server:tiny', **props}
    models = await stage.mount('model_menu', props, inside='#button')
    await button(stage).click()
    await expect(search(stage)).to_be_focused()
    assert await models.emitted('open') == [[]]
    return models


def button(stage: Stage) -> Locator:
    return stage.page.locator('#button')


def search(stage: Stage) -> Locator:
    return stage.page.get_by_test_id('model-search')


async def is_at(stage: Stage, name: str) -> None:
    """See that the keys have reached this row; a screen reader is told the same."""
    row = stage.page.locator(f'.model-option.active[data-name="{name}"]')
    await expect(row).to_be_in_viewport()
    await expect(search(stage)).to_have_attribute(
        'aria-activedescendant', await row.get_attribute('id') or ''
    )


async def test_keys_lead_through_it(stage: Stage) -> None:
    models = await shown(stage)
    await is_at(stage, 'server:tiny')
    await expect(stage.page.locator('.active')).to_have_attribute('aria-selected', 'true')
    for key, name in (
        ('ArrowDown', 'anthropic:sonnet-5'),
        ('End', 'demo'),
        ('ArrowDown', 'server:tiny'),
        ('ArrowUp', 'demo'),
        ('Home', 'server:tiny'),
        ('PageDown', 'demo'),
        ('PageUp', 'server:tiny'),
    ):
        await stage.page.keyboard.press(key)
        await is_at(stage, name)
    await stage.page.keyboard.press('Enter')
    assert await models.emitted('pick', 1) == [['server:tiny']]
    await expect(search(stage)).to_have_count(0)
    await expect(button(stage)).to_be_focused()


@pytest.mark.parametrize('key', ['Escape', 'Tab'])
async def test_a_key_that_closes_it_gives_the_focus_back(stage: Stage, key: str) -> None:
    models = await shown(stage)
    await expect(button(stage)).to_have_attribute('aria-expanded', 'true')
    await stage.page.keyboard.press(key)
    await expect(search(stage)).to_have_count(0)
    await expect(button(stage)).to_be_focused()
    await expect(button(stage)).to_have_attribute('aria-expanded', 'false')
    assert await models.emitted('pick') == []
    assert await models.emitted('close', 1) == [[]]


@pytest.mark.parametrize('is_in_the_list', [True, False])
async def test_escape_and_the_way_back_of_a_phone_close_no_dialog_below(
    stage: Stage, *, is_in_the_list: bool
) -> None:
    """Android asks to close what is on top as Chromium does at a key Escape that nobody takes."""
    await shown(stage, '<dialog id="below">{}</dialog>')
    if not is_in_the_list:
        await search(stage).blur()
    await stage.page.keyboard.press('Escape')
    await expect(search(stage)).to_have_count(0)
    await expect(stage.page.locator('#below')).to_be_visible()
    await stage.page.keyboard.press('Escape')
    await expect(stage.page.locator('#below')).to_be_hidden()


async def test_models_are_compared_by_keys_alone(stage: Stage) -> None:
    models = await shown(stage, compares=True)
    keys, compare = stage.page.keyboard, stage.page.get_by_test_id('compare')
    await keys.press('Tab')
    await expect(compare).to_be_focused()
    await keys.press('Shift+Tab')
    await expect(search(stage)).to_be_focused()
    for key in ('Tab', 'Enter'):
        await keys.press(key)
    await expect(search(stage)).to_be_focused()
    for key in ('ArrowDown', 'Enter', 'Tab'):
        await keys.press(key)
    await expect(stage.page.get_by_test_id('compare-start')).to_be_focused()
    await keys.press('Enter')
    assert await models.emitted('compare', 1) == [[['server:tiny', 'anthropic:sonnet-5']]]
    await expect(button(stage)).to_be_focused()


async def test_tab_beyond_its_last_button_closes_it(stage: Stage) -> None:
    models = await shown(stage, compares=True)
    for key in ('Tab', 'Tab'):
        await stage.page.keyboard.press(key)
    assert await models.emitted('close', 1) == [[]]
    await expect(button(stage)).to_be_focused()


async def test_a_press_on_its_button_closes_it(stage: Stage) -> None:
    await shown(stage)
    await button(stage).click()
    await expect(search(stage)).to_have_count(0)


async def test_one_thing_lies_over_the_page_at_a_time(stage: Stage) -> None:
    await shown(stage)
    await stage.use('menu', 'void openMenu({ clientX: 9, clientY: 9 }, "Menu", [["one", "One", "x"]])')
    await expect(stage.page.get_by_role('menu')).to_be_visible()
    await expect(search(stage)).to_have_count(0)


async def test_it_stays_in_the_window_as_it_grows(stage: Stage) -> None:
    models = await shown(stage, groups=[])
    await button(stage).evaluate('(it) => (it.style.cssText = "position: fixed; right: 0; bottom: 0")')
    await models.change(groups=GROUPS)
    box = await stage.page.get_by_role('dialog', name='Models').bounding_box()
    assert box
    assert box['x'] + box['width'] <= 1280
    assert box['y'] + box['height'] <= 800


async def test_nothing_is_picked_before_the_key_is_released(stage: Stage) -> None:
    """Else the release would open the list again, whose button has the focus by then."""
    models = await shown(stage)
    await stage.page.keyboard.type('haiku')
    await stage.page.keyboard.down('Enter')
    assert await models.emitted('pick') == []
    await stage.page.keyboard.up('Enter')
    assert await models.emitted('pick', 1) == [['anthropic:haiku-5']]


async def test_the_key_that_opened_the_list_picks_nothing(stage: Stage) -> None:
    models = await shown(stage)
    await stage.page.keyboard.up('Enter')
    await search(stage).dispatch_event('keydown', {'key': 'Enter', 'repeat': True})
    await stage.page.keyboard.up('Enter')
    assert await models.emitted('pick') == []


@pytest.mark.parametrize(
    ('words', 'found'),
    [
        ('anthropic haiku', ['haiku-5']),
        ('5 OPUS', ['opus-5']),
        ('server:another', ['server:another']),
        ('server:tiny', ['tiny']),
        ('no such model', []),
    ],
)
async def test_words_find_models_and_a_name_is_taken_as_typed(
    stage: Stage, words: str, found: list[str]
) -> None:
    await shown(stage)
    await search(stage).fill(words)
    await expect(stage.page.get_by_test_id('model-option')).to_have_text(found)
    await expect(stage.page.get_by_text('No matching model.')).to_have_count(0 if found else 1)


async def test_a_server_without_models_says_why_and_is_passed_over(stage: Stage) -> None:
    models = await shown(stage, groups=[DOWN, *GROUPS])
    problem = stage.page.get_by_role('group', name='attic').get_by_test_id('server-problem')
    await expect(problem).to_have_text('It is down.')
    await is_at(stage, 'server:tiny')
    await search(stage).fill('haiku')
    await expect(problem).to_have_count(0)
    await search(stage).fill('att')
    await expect(problem).to_be_visible()
    await search(stage).press('Enter')
    assert await models.emitted('pick') == []


async def test_a_pointer_picks(stage: Stage) -> None:
    models = await shown(stage)
    await stage.page.get_by_role('option', name='opus-5').hover()
    await is_at(stage, 'anthropic:opus-5')
    await stage.page.get_by_role('option', name='opus-5').click()
    assert await models.emitted('pick', 1) == [['anthropic:opus-5']]


async def test_models_that_come_later(stage: Stage) -> None:
    models = await shown(stage, groups=[], selected='anthropic:opus-5')
    await expect(stage.page.get_by_role('dialog').get_by_role('status')).to_have_text('Loading models …')
    await models.change(groups=GROUPS)
    await is_at(stage, 'anthropic:opus-5')


async def test_the_row_that_was_reached_stays_the_same_model_when_others_come_above_it(stage: Stage) -> None:
    models = await shown(stage)
    await stage.page.keyboard.press('ArrowDown')
    await is_at(stage, 'anthropic:sonnet-5')
    attic = {
        'heading': 'attic',
        'models': [{'name': f'attic:{number}', 'label': 'x'} for number in range(30)],
    }
    recent = {'heading': 'Recent', 'recent': True, 'models': [GROUPS[1]['models'][0]]}
    await models.change(groups=[recent, attic, *GROUPS])
    await is_at(stage, 'anthropic:sonnet-5')
    group = stage.page.get_by_role('group', name='Anthropic')
    await expect(group.locator('.active')).to_have_count(1)
    await stage.page.keyboard.press('Enter')
    assert await models.emitted('pick', 1) == [['anthropic:sonnet-5']]


async def test_when_the_row_that_was_reached_is_gone_another_one_is(stage: Stage) -> None:
    models = await shown(stage)
    await stage.page.keyboard.press('End')
    await is_at(stage, 'demo')
    await models.change(groups=GROUPS[:1])
    await is_at(stage, 'server:tiny')
