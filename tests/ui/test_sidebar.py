"""The list of conversations, in every open page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from nicegui.testing import User

from chat.conversation.opened import OpenConversations
from chat.ui.sidebar.sidebar import period_of
from tests.support.scripted import answered


async def test_a_conversation_appears_in_all_pages(
    person: User, another: Callable[[], User], opened: OpenConversations
) -> None:
    other = another()
    await person.open('/')
    await other.open('/')
    live = opened.new()
    live.send('What is a median?')
    await answered(live)
    await person.should_see('What is a median?')
    await other.should_see('What is a median?')
    other.find('What is a median?').click()


@pytest.mark.parametrize(
    ('days', 'period'),
    [
        (0, 'Today'),
        (1, 'Yesterday'),
        (2, 'Previous 7 days'),
        (7, 'Previous 7 days'),
        (30, 'Previous 30 days'),
        (31, 'Older'),
    ],
)
def test_the_headings(days: int, period: str) -> None:
    now = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert period_of(now - timedelta(days=days), now) == period


def test_yesterday_begins_at_midnight_where_the_person_is() -> None:
    now = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert period_of(now - timedelta(hours=1), now) == 'Yesterday'
