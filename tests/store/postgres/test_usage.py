"""What several nodes count of one person: one sum, to which each of them adds everything once."""

import asyncio
import logging

import pytest

from chat.conversation.usage_ledger import UsageLedger, today
from chat.errors import DayLimitReached
from chat.store.postgres.administration import PostgresAdministration
from chat.store.postgres.database import RetryTimes
from chat.store.postgres.storage import PostgresStorage
from tests.store.postgres.nodes import line_to, rows
from tests.store.store_samples import postgres_storage
from tests.support.postgres import until_reached


async def used(storage: PostgresStorage) -> list[tuple[str, int, int, float]]:
    """What stands in the database: models with their answers, tokens and costs."""
    usage = await storage.usage.read()
    return sorted((each.model, each.answers, each.tokens, each.cost) for each in usage)


async def test_all_nodes_add_to_one_row_of_a_day_and_model(postgres_url: str) -> None:
    """Also at once; each sees the sum when it looks, as the page does, and as a limit is checked."""
    async with postgres_storage(postgres_url) as one, postgres_storage(postgres_url) as other:
        ledgers = [UsageLedger(storage=each.usage) for each in (one, other)]
        await asyncio.gather(
            *(ledger.add('a:b', {'input': 10, 'cost': 0.1}) for ledger in ledgers for _ in range(10))
        )
        assert await used(one) == [('a:b', 20, 200, 2.0)]
        assert rows(postgres_url, 'select count(*) from day_usage') == [(1,)]
        assert [each.input for each in ledgers[0].days] == [100]
        for ledger in ledgers:
            with pytest.raises(DayLimitReached, match=r'^200 tokens were used today'):
                await ledger.check_day(200)
            await ledger.check_day(201)
            await ledger.check_day(0)
        await UsageLedger(storage=other.usage).add('odd \0', {'input': 7}, of='title')
        await ledgers[0].refresh()
        assert sorted(each.input for each in ledgers[0].days) == [7, 200]


async def test_an_addition_whose_answer_is_lost_is_not_done_twice(postgres_url: str) -> None:
    async with line_to(postgres_url) as (storage, line):
        ledger = UsageLedger(storage=storage.usage)
        for _ in range(3):
            line.lost_answer_to = b'insert into day_usage'
            await ledger.add('a:b', {'input': 10})
            assert line.lost_answer_to is None
        assert await used(storage) == [('a:b', 3, 30, 0.0)]


async def test_what_cannot_be_stored_is_with_the_next(postgres_url: str) -> None:
    """Until then it counts here, where the limit is checked by what is known."""
    async with line_to(postgres_url, retry_times=RetryTimes(write=0.5)) as (storage, line):
        ledger = UsageLedger(storage=storage.usage)
        await ledger.add('a:b', {'input': 10})
        line.lost_answer_to = b'insert into day_usage'
        line.is_down = True  # for those that come anew
        await ledger.add('a:b', {'input': 10})
        assert line.lost_answer_to is None
        await ledger.add('a:b', {'input': 10})
        with pytest.raises(DayLimitReached, match=r'^30 tokens'):
            await ledger.check_day(30)
        line.is_down = False
        await until_reached(storage.database)
        await ledger.refresh()
        assert await used(storage) == [('a:b', 3, 30, 0.0)]
        assert [each.input for each in ledger.days] == [30]


async def test_a_row_that_makes_no_sense_is_left_out(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Of what a person sees and of what administrators see, and the log says so once."""
    async with postgres_storage(postgres_url) as storage:
        ledger = UsageLedger(storage=storage.usage)
        await ledger.add('a:b', {'input': 10})
        await ledger.add('broken', {'input': 10})
        rows(postgres_url, "update day_usage set answers = 'NaN' where model = 'broken'")
        with caplog.at_level(logging.WARNING, 'chat.store.postgres.usage'):
            for _ in range(2):
                assert await used(storage) == [('a:b', 1, 10, 0.0)]
                report = await PostgresAdministration(storage.node).report()
                assert [(user.name, len(user.days)) for user in report.users] == [('anna', 1)]
        said = f'What was used of broken on {today()} is invalid, and is left out'
        told = [each.getMessage() for each in caplog.records if each.name == 'chat.store.postgres.usage']
        assert told == [said]
        assert rows(postgres_url, "select input from day_usage where model = 'broken'") == [(10,)]
