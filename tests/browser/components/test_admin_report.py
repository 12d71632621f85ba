"""The page of a team's administrators."""

import pytest
from playwright.async_api import expect

from tests.support.component_page import Stage

LONGEST_NAME = 'x' * 128


@pytest.mark.parametrize('width', [1012, 390])
async def test_a_long_name_leaves_room_for_the_figures(stage: Stage, width: int) -> None:
    await stage.page.set_viewport_size({'width': width, 'height': 800})
    users = [[LONGEST_NAME, '3', '74', '74', '$0.02']]
    runs = [[LONGEST_NAME, 'node-3a55de5f', '20 s']]
    await stage.mount('admin_report', {'users': users, 'runs': runs})
    tables = stage.page.locator('.admin-report .scroll')
    await expect(tables).to_have_count(2)
    for table in await tables.all():
        assert await table.evaluate('element => element.scrollWidth <= element.clientWidth')
