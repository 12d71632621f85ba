"""Typed results: fields, tables, large values and JSON, with what was refused before folded away."""

from playwright.async_api import expect

from chat.ui.chat.typed_result import MAX_ROWS, shape_of
from tests.support.axe import find_violations
from tests.support.component_page import Stage

ROWS = [{'city': f'City {number}', 'people': number * 1000} for number in range(MAX_ROWS + 50)]
TITLES = {'people': 'Inhabitants'}


async def test_a_result_of_each_kind(stage: Stage) -> None:
    place = {'name': 'Lisbon', 'people': 5, 'tags': ['old', 'west'], 'mayor': {'name': 'Ana', 'since': None}}
    result = await stage.mount(
        'typed_result',
        {'title': 'City', 'live': True, 'attempts': [], 'shape': shape_of({'name': 'Lis'}, {})},
    )
    card = stage.page.get_by_test_id('typed-result')
    await expect(card).to_have_attribute('data-live', 'true')
    await expect(card.get_by_role('definition')).to_have_text(['Lis'])
    attempt = {'hint': 'name: Atlantis', 'reason': 'There is no such city.'}
    await result.change(live=False, attempts=[attempt], shape=shape_of(place, TITLES))
    await expect(card).not_to_have_attribute('data-live', 'true')
    await expect(card.locator('.fields > dt')).to_have_text(['Name', 'Inhabitants', 'Tags', 'Mayor'])
    await expect(card.get_by_role('listitem')).to_have_text(['old', 'west'])
    await expect(card.locator('dd dl dd')).to_have_text(['Ana', '—'])
    await expect(card.get_by_text('There is no such city.')).to_be_hidden()
    assert await find_violations(stage.page, 'a list of fields') == []
    await card.get_by_text('1 earlier attempt').click()
    await expect(card.get_by_text('There is no such city.')).to_be_visible()

    await result.change(title='', attempts=[], shape={**shape_of(ROWS, TITLES), 'version': 1})
    await expect(card.get_by_role('columnheader')).to_have_text(['City', 'Inhabitants'])
    assert await find_violations(stage.page, 'a table') == []
    rows = card.locator('tbody tr')
    await expect(rows).to_have_count(MAX_ROWS)
    await card.get_by_role('button', name='Show all 250 rows').click()
    assert await result.emitted('all', 1)
    rest = shape_of(ROWS[MAX_ROWS:], TITLES)['rows']
    await result.call('provide', 1, rest[:30], 0)
    await result.call('provide', 1, rest[30:], 30)
    await expect(rows).to_have_count(MAX_ROWS + 50)
    await expect(card.get_by_role('button')).to_have_count(0)
    await result.change(shape={**shape_of(ROWS[::-1], TITLES), 'version': 2})  # of another answer
    await expect(rows).to_have_count(MAX_ROWS)
    await expect(card.get_by_role('button')).to_have_count(1)

    await result.change(shape=shape_of(True, {}))
    await expect(card.locator('.value')).to_have_text('Yes')
    await result.change(shape=shape_of(['a'], {}))
    await expect(card.locator('pre')).to_contain_text('"a"')
