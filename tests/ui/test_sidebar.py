"""The list of conversations, in every open page."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from nicegui.testing import User

from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.storage import ConversationSummary
from chat.ui.listing import listing
from tests.support.scripted import HeldScript, ScriptedModels, saying, wait_until, wait_until_answered
from tests.ui.row_lists import rows, sees, soon

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def summary(
    updated_at: datetime,
    conversation_id: str = 'x',
    *,
    folder: str = '',
    is_pinned: bool = False,
    is_archived: bool = False,
) -> ConversationSummary:
    return ConversationSummary(
        conversation_id=conversation_id,
        title='Some words',
        updated_at=updated_at,
        folder=folder,
        is_pinned=is_pinned,
        is_archived=is_archived,
    )


async def test_a_conversation_appears_in_all_pages(
    person: User, another: Callable[[], User], registry: ConversationRegistry
) -> None:
    other = another()
    await person.open('/')
    await other.open('/')
    live = registry.new()
    live.send('What is a median?')
    await wait_until_answered(live)
    await sees(person, 'What is a median?')
    await sees(other, 'What is a median?')


async def test_what_is_being_answered_is_marked_and_then_unread_until_somebody_looks(
    person: User, models: ScriptedModels, registry: ConversationRegistry
) -> None:
    models.script = speech = HeldScript('Wait')
    await person.open('/')
    live = registry.new()
    live.send('Hello')
    await speech.begun.wait()
    await sees(person, 'Hello')
    await wait_until(live, lambda: bool(live.turns[-1].text))
    [row] = rows(person)
    assert row['running']
    speech.release.set()
    await wait_until_answered(live)
    await marks(person, unread=True)
    await person.open(f'/c/{live.id}')
    person.find(marker='watching').trigger('pageVisibility', True)
    await marks(person, unread=False)
    models.script = saying('And more')
    live.send('Again')
    await wait_until_answered(live)
    await marks(person, unread=False)
    person.find(marker='watching').trigger('pageVisibility', False)
    live.send('And again')
    await wait_until_answered(live)
    await marks(person, unread=True)


async def marks(person: User, *, unread: bool) -> None:
    """Wait until the only row is as it should be, and nothing is being answered in it."""
    expected = {'unread': True} if unread else {}
    await soon(lambda: flags(person) == expected)
    assert flags(person) == expected


def flags(person: User) -> dict[str, bool]:
    [row] = rows(person)
    return {name: value for name, value in row.items() if value is True}


@pytest.mark.parametrize(
    ('days', 'heading'),
    [
        (0, 'Today'),
        (1, 'Yesterday'),
        (2, 'Previous 7 days'),
        (7, 'Previous 7 days'),
        (30, 'Previous 30 days'),
        (31, 'Older'),
    ],
)
def test_the_headings(days: int, heading: str) -> None:
    assert listing([summary(NOW - timedelta(days=days))], NOW).headings == [(0, heading)]


def test_yesterday_begins_at_midnight_where_the_person_is() -> None:
    assert listing([summary(NOW - timedelta(hours=1))], NOW).headings == [(0, 'Yesterday')]


@pytest.mark.parametrize(
    ('now', 'used', 'heading'),
    [
        # Berlin: on 25 October 2026 the day has 25 hours, on 29 March 23
        ('2026-10-25 12:00', '2026-10-25 00:30', 'Today'),
        ('2026-10-26 12:00', '2026-10-25 00:30', 'Yesterday'),
        ('2026-10-26 12:00', '2026-10-24 23:30', 'Previous 7 days'),
        ('2026-11-01 12:00', '2026-10-25 00:30', 'Previous 7 days'),
        ('2026-11-01 12:00', '2026-10-24 23:30', 'Previous 30 days'),
        ('2026-03-30 12:00', '2026-03-29 00:30', 'Yesterday'),
        ('2026-03-30 12:00', '2026-03-28 23:30', 'Previous 7 days'),
        ('2027-01-01 00:01', '2026-12-31 23:59', 'Yesterday'),
        ('2027-01-05 12:00', '2026-12-30 12:00', 'Previous 7 days'),
    ],
)
@pytest.mark.parametrize('is_here', [True, False])
def test_days_are_those_of_the_calendar(
    monkeypatch: pytest.MonkeyPatch, now: str, used: str, heading: str, is_here: bool
) -> None:
    """Also when the clock is changed and at the turn of the year, here and where the person is."""
    monkeypatch.setenv('TZ', 'Europe/Berlin' if is_here else 'Asia/Tokyo')
    time.tzset()
    zone = ZoneInfo('Europe/Berlin')
    moment = datetime.fromisoformat(now).replace(tzinfo=None if is_here else zone)
    last_used = datetime.fromisoformat(used).replace(tzinfo=zone)
    row = summary(last_used.astimezone(UTC))
    try:
        assert listing([row], moment).headings == [(0, heading)]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_temporary_chat_that_is_being_kept_is_listed_once() -> None:
    kept = summary(NOW)
    listed = listing([kept], NOW, [kept])
    assert (listed.rows, listed.headings) == ([kept], [(0, 'Temporary')])


def test_pinned_ones_stand_above_all_and_archived_ones_nowhere() -> None:
    rows = [
        summary(NOW, '1'),
        summary(NOW - timedelta(days=1), '2', is_archived=True),
        summary(NOW - timedelta(days=1), '3'),
        summary(NOW - timedelta(days=90), '4', is_pinned=True),
        summary(NOW - timedelta(days=99), '5'),
        summary(NOW - timedelta(days=99), '6', is_pinned=True, is_archived=True),
    ]
    listed = listing(rows, NOW)
    assert listed.ids == ['4', '1', '3', '5']
    assert listed.headings == [(0, 'Pinned'), (1, 'Today'), (2, 'Yesterday'), (3, 'Older')]
