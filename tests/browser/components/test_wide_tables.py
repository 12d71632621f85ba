"""A table that is wider than its place fades at the edge where there is more of it."""

from playwright.async_api import expect

from chat.rendering import render
from tests.support.component_page import Stage

TABLE = render('| ' + ' | '.join(30 * ['column']) + ' |\n' + 30 * '|---' + '|\n' + 30 * '| word ' + '|')


async def test_it_fades_where_there_is_more_of_it(stage: Stage) -> None:
    await stage.show(f'<div class="prose">{TABLE}</div>')
    table = stage.page.get_by_role('region', name='Table')
    await expect(table).to_have_css('--fade-left', '0px')
    await expect(table).to_have_css('--fade-right', '36px')
    await table.evaluate('(table) => (table.scrollLeft = table.scrollWidth)')
    await expect(table).to_have_css('--fade-left', '36px')
    await expect(table).to_have_css('--fade-right', '0px')


async def test_it_never_fades_in_a_browser_that_cannot_tell_where_it_is_scrolled(stage: Stage) -> None:
    await stage.forget_property('prose', 'animation-timeline')
    await stage.show(f'<div class="prose">{TABLE}</div>')
    table = stage.page.get_by_role('region', name='Table')
    await expect(table).to_have_css('--fade-left', '0px')
    await expect(table).to_have_css('--fade-right', '0px')
