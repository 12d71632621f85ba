"""Many answers at once: over several nodes, and left by one that has died."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import psycopg
import pytest
from pydantic_ai import ModelMessage

from chat.conversation.live_conversation import LiveConversation
from chat.store.postgres.adoption import ADOPTIONS_AT_ONCE
from chat.store.postgres.database import POOL_SIZE, RetryTimes
from tests.cluster.team import DAY, SHORT_LEASE, asked, node_of_team, said, seen, text_of, until
from tests.support.postgres import until_rows
from tests.support.profile import sized
from tests.support.scripted import HeldScript, ScriptedModels, saying
from tests.support.timeouts import WAIT_TIMEOUT

WORDS = [f'word{number} ' for number in range(sized(10, 50))]
PACE = sized(0.02, 0.2)
"""Seconds from one word to the next; slower than any model, so that all answers are under way together."""

ALL_HAVE_SAID = "select from frame where tail like '%%cat%%' having count(distinct run) = %s"

IS_TAKEN_OVER = (
    'select where not exists '
    '(select from run join conversation on conversation.key = run.conversation where name = %s)'
)


async def speech(_: list[ModelMessage]) -> AsyncIterator[str]:
    for word in WORDS:
        yield word
        await asyncio.sleep(PACE)


async def until_shown(live: LiveConversation, text: str, state: str) -> None:
    """Return once this is shown; who has just opened it may not know yet that it is answered."""
    with suppress(TimeoutError):  # then it is told what is shown
        async with asyncio.timeout(sized(WAIT_TIMEOUT, 110)):
            while (said(live), live.turns[-1].state) != ([text], state):
                await live.changed.wait(live.changed.count)
    assert (said(live), live.turns[-1].state) == ([text], state)


@pytest.mark.long
async def test_many_answers_end_whole_at_their_node_and_elsewhere(postgres_url: str) -> None:
    """Each of three nodes answers a third of them, and follows another third."""
    async with AsyncExitStack() as stack:
        nodes = [
            await stack.enter_async_context(node_of_team(postgres_url, ScriptedModels(speech)))
            for _ in range(3)
        ]
        count = sized(12, 200)
        lives = [await asked(nodes[number % 3], f'{number}') for number in range(count)]
        others = [await nodes[(number + 1) % 3].open(live.id) for number, live in enumerate(lives)]
        whole = ''.join(WORDS)
        for number, views in enumerate(zip(lives, others, strict=True)):
            for live in views:
                await until_shown(live, f'{number}: {whole}', 'done')
        async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
            for table in (b'run', b'frame', b'command'):
                rows = await connection.execute(b'select from ' + table)
                assert rows.rowcount == 0, table


async def test_an_answer_is_whole_though_each_statement_has_to_wait(postgres_url: str) -> None:
    """For longer than is waited while the database is away: it is not, it has much to do."""
    script, is_over = HeldScript('A ', 'cat', then=' sat.'), asyncio.Event()
    async with (
        node_of_team(postgres_url, ScriptedModels(script), retry_times=RetryTimes(read=0.01)) as busy,
        node_of_team(postgres_url, ScriptedModels(saying('Never.'))) as other,
    ):

        async def work() -> None:
            while not is_over.is_set():
                await busy.node.database.execute('select pg_sleep(0.1)')

        working = [asyncio.create_task(work()) for _ in range(2 * POOL_SIZE)]
        here = await asked(busy)
        there = await other.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        script.release.set()
        for live in (here, there):
            await until(live, lambda live=live: not live.is_running)
            assert (said(live), live.turns[-1].state) == (['one: A cat sat.'], 'done')
        is_over.set()
        await asyncio.gather(*working)


@pytest.mark.long
async def test_many_answers_of_a_dead_node_are_taken_over(postgres_url: str) -> None:
    """Each by one node; first those that somebody looks at."""
    script = HeldScript('A ', 'cat')
    models = ScriptedModels(saying('Never.'))
    async with node_of_team(postgres_url, ScriptedModels(script), beat=3600) as dead:
        lives = [await asked(dead, f'{number}') for number in range(sized(12, 200))]
        await until_rows(postgres_url, ALL_HAVE_SAID, len(lives))
        async with (
            node_of_team(postgres_url, models, lease=SHORT_LEASE) as second,
            node_of_team(postgres_url, models, lease=SHORT_LEASE) as third,
        ):
            for number, live in enumerate(lives):
                there, also = await second.open(live.id), await third.open(live.id)
                for each in (there, also):
                    await until_shown(each, f'{number}: A cat', 'stopped')
        script.release.set()


async def test_what_somebody_looks_at_is_taken_over_first(postgres_url: str) -> None:
    """Also if all others have to be waited for; it is the youngest, and several are taken over at a time."""
    script = HeldScript('A ', 'cat')
    models = ScriptedModels(saying('Never.'))
    async with node_of_team(postgres_url, ScriptedModels(script), beat=3600) as dead:
        lives = [await asked(dead, f'{number}') for number in range(2 * ADOPTIONS_AT_ONCE)]
        await until_rows(postgres_url, ALL_HAVE_SAID, len(lives))
        await seen(postgres_url, dead, -DAY)
        async with node_of_team(postgres_url, models, lease=SHORT_LEASE) as other:
            there = await other.open(lives[-1].id)
            await until(there, lambda: text_of(there) == 'A cat')
            async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
                await connection.execute(
                    'select from conversation where name <> %s for no key update', [there.id]
                )
                await seen(postgres_url, dead, DAY)
                await until_rows(postgres_url, IS_TAKEN_OVER, there.id)
            await until_rows(postgres_url, 'select where not exists (select from run)')
            await until(there, lambda: not there.is_running)
        script.release.set()
