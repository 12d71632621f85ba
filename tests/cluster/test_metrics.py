"""What nodes count of their work at the database."""

import asyncio
from collections.abc import AsyncIterator

from pydantic_ai import ModelMessage

from tests.cluster.team import SHORT_RETRIES, Member, asked, node_of_team, until
from tests.cluster.test_team import text_of
from tests.support.scripted import ScriptedModels, saying
from tests.support.timeouts import WAIT_TIMEOUT


def value(member: Member, name: str) -> float:
    return member.node.database.metrics.registry.get_sample_value(f'parlour_{name}') or 0


async def test_what_a_node_counts(postgres_url: str) -> None:
    """Frames where an answer is given, their age where it is followed, and what was taken over."""
    is_seen, is_over = asyncio.Event(), asyncio.Event()

    async def script(_: list[ModelMessage]) -> AsyncIterator[str]:
        yield 'A'
        await is_seen.wait()
        yield ' cat'
        await is_over.wait()

    async with (
        node_of_team(postgres_url, ScriptedModels(script), retry_times=SHORT_RETRIES) as first,
        node_of_team(postgres_url, ScriptedModels(saying('More.')), lease=3) as second,
    ):
        here = first.registry.new()
        here.send('one', turn_id='one')
        await here.wait_until_stored('one')
        there = await second.open(here.id)
        await until(there, lambda: bool(there.turns) and text_of(there) == 'A')
        assert value(second, 'followed_word_age_seconds_count') == 0  # it may have been said long before
        is_seen.set()
        await until(there, lambda: text_of(there) == 'A cat')
        async with asyncio.timeout(WAIT_TIMEOUT):
            while (
                value(first, 'frames_written_total') < 2
            ):  # it is counted once it is heard that it is written
                await first.node.database.read('select')
        await first.node.close()
        await until(there, lambda: not there.is_running)
        assert value(second, 'followed_word_age_seconds_count') > 0
        assert value(second, 'frames_written_total') == value(first, 'adoptions_total') == 0
        async with asyncio.timeout(WAIT_TIMEOUT):
            while not value(second, 'adoptions_total'):  # it is counted once all that was left is taken over
                await second.node.database.read('select')
        assert value(second, 'adoptions_total') == 1
        assert value(second, 'database_wait_seconds_count') >= value(second, 'database_seconds_count') > 0
        assert value(second, 'database_statements_total') > value(second, 'database_seconds_count')
        is_over.set()
        await until(here, lambda: not here.is_running)


async def test_what_is_told_often_is_looked_at_once_more(postgres_url: str) -> None:
    """A node that is short of time would else have ever more to do."""
    async with node_of_team(postgres_url, ScriptedModels(saying('So.')), beat=3600) as member:
        live = await asked(member)
        await until(live, lambda: not live.is_running)
        before = value(member, 'database_statements_total')
        key = member.storage.catalog.key_of(live.id)
        for _ in range(50):
            await member.cluster.on_notification('conversation', f'{key} anna')
            await member.cluster.on_notification('run', f'{key} anna')
        await member.cluster.close()
        assert 1 < value(member, 'database_statements_total') - before < 20
