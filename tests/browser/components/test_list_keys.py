"""Where the keys lead in any list."""

import json

import pytest

from tests.support.component_page import Stage

FIVE = {'at': 1, 'count': 5}


@pytest.mark.parametrize(
    ('key', 'listed', 'place'),
    [
        ('ArrowDown', FIVE, 2),
        ('ArrowUp', {**FIVE, 'at': 0}, 4),
        ('ArrowDown', {**FIVE, 'at': 4}, 0),
        ('ArrowDown', {**FIVE, 'at': 4, 'wraps': False}, 4),
        ('ArrowUp', {**FIVE, 'at': -1}, 4),
        ('PageDown', {**FIVE, 'page': 10}, 4),
        ('PageUp', {**FIVE, 'page': 10}, 0),
        ('PageDown', FIVE, None),
        ('Home', FIVE, 0),
        ('End', FIVE, 4),
        ('End', {**FIVE, 'hasEnds': False}, None),
        ('ArrowDown', {'at': 0, 'count': 0}, None),
        ('x', FIVE, None),
    ],
)
async def test_a_key_leads_to_a_place(
    stage: Stage, key: str, listed: dict[str, object], place: int | None
) -> None:
    event = f'new KeyboardEvent("keydown", {{ key: "{key}" }})'
    assert await stage.use('list_keys', f'placeAfterKey({event}, {json.dumps(listed)}) ?? null') == place


@pytest.mark.parametrize(
    'how', ['isComposing: true', 'keyCode: 229', 'ctrlKey: true', 'metaKey: true', 'altKey: true']
)
async def test_a_key_that_means_something_else_leads_nowhere(stage: Stage, how: str) -> None:
    event = f'new KeyboardEvent("keydown", {{ key: "ArrowDown", {how} }})'
    assert await stage.use('list_keys', f'placeAfterKey({event}, {json.dumps(FIVE)}) ?? null') is None
