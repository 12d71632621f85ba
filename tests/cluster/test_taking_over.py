"""What a node has left is taken over: at the right moment, once, and nothing of it is said twice."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest

from chat.store.postgres.commits import Commit
from chat.store.postgres.node import Node
from tests.cluster.team import DAY, SHORT_LEASE, asked, columns, node_of_team, said, seen, text_of, until
from tests.support.postgres import address_at, until_rows
from tests.support.scripted import HeldScript, ScriptedModels, saying
from tests.support.tcp_proxy import TcpProxy
from tests.support.timeouts import WAIT_TIMEOUT

FOREVER = 3600
"""Seconds between two beats of a node that is silent."""

SEEN_AGAIN = "select from node where id = %s and seen_at > clock_timestamp() - interval '1 day'"

IS_LATE = 'The sign of life of this node is late'


@asynccontextmanager
async def locked_node(url: str, node: Node) -> AsyncGenerator[psycopg.AsyncConnection]:
    """Have the sign of life of a node wait in the database; yields once it does."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute('select from node where id = %s for update', [node.name])
        await until_rows(
            url,
            'select from pg_stat_activity where datname = current_database() '
            "and wait_event_type = 'Lock' and query like 'with alive%%'",
        )
        yield connection


async def test_a_run_that_begins_while_the_heartbeat_looks_is_not_taken_for_lost(postgres_url: str) -> None:
    script = HeldScript('A ', 'cat', then=' sat.')
    async with node_of_team(postgres_url, ScriptedModels(script)) as member:
        async with locked_node(postgres_url, member.node):
            here = await asked(member)
            await until(here, lambda: text_of(here) == 'A cat')
        await seen(postgres_url, member, DAY)
        await until_rows(postgres_url, SEEN_AGAIN, member.node.name)
        script.release.set()
        await until(here, lambda: not here.is_running)
        assert (said(here), here.turns[-1].state) == (['one: A cat sat.'], 'done')


async def test_a_node_whose_answer_was_taken_over_stops_it(postgres_url: str) -> None:
    """It could not say that it lives; then it shows what is stored, and reads no more of its model."""
    script = HeldScript('A ', 'cat', then=' sat.')
    models = ScriptedModels(script)
    async with (
        node_of_team(postgres_url, models) as owner,
        node_of_team(postgres_url, ScriptedModels(saying('More.'))) as other,
    ):
        here = await asked(owner)
        there = await other.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        async with (
            locked_node(postgres_url, owner.node),
            node_of_team(postgres_url, ScriptedModels(saying('Never.')), lease=SHORT_LEASE),
        ):
            await until(there, lambda: not there.is_running)
            assert here.is_running
        await until(here, lambda: not here.is_running and here.turns[-1].state == 'stopped')
        await script.closed.wait()
        await until(here, lambda: here.conversation.revision == there.conversation.revision)
        assert said(here) == said(there) == ['one: A cat']
        assert len(models.requests) == 1
        here.continue_answer()
        script.release.set()
        await until(there, lambda: text_of(there) != 'A cat' and not there.is_running)


async def test_a_prompt_whose_node_is_held_up_before_it_is_stored_is_asked_by_another(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others have taken the answer over by then; the prompt is handed over to them."""
    models = [ScriptedModels(saying('So.')), ScriptedModels(saying('Elsewhere.'))]
    is_about_to, goes_on = asyncio.Event(), asyncio.Event()
    async with (
        node_of_team(postgres_url, models[0], beat=FOREVER) as held_up,
        node_of_team(postgres_url, models[1], lease=5) as other,
    ):
        commit = held_up.storage.conversations.commit

        async def commit_late(change: Commit) -> None:
            is_about_to.set()
            await goes_on.wait()
            await commit(change)

        await seen(postgres_url, held_up, -DAY)
        here = await asked(held_up, 'zero')
        await until(here, lambda: not here.is_running)
        there = await other.open(here.id)
        monkeypatch.setattr(held_up.storage.conversations, 'commit', commit_late)
        here.send('one', turn_id='one')
        await is_about_to.wait()
        await seen(postgres_url, held_up, DAY)
        await until_rows(postgres_url, 'select where not exists (select from run)')
        goes_on.set()
        await here.wait_until_stored('one')
        for live in (here, there):
            await until(live, lambda live=live: said(live) == ['zero: So.', 'one: Elsewhere.'])
            await until(live, lambda live=live: not live.is_running)
        assert (len(models[0].requests), len(models[1].requests)) == (1, 1)


@pytest.mark.parametrize('is_away', [True, False], ids=['the database was away', 'all was held up'])
async def test_who_could_not_say_that_it_lives_takes_over_nothing_for_one_lease(
    postgres_url: str, caplog: pytest.LogCaptureFixture, is_away: bool
) -> None:
    """The others could not say so either."""
    script, lease = HeldScript('A ', 'cat'), timedelta(seconds=1)
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(postgres_url, ScriptedModels(script), beat=FOREVER) as silent,
        node_of_team(address_at(line, postgres_url), ScriptedModels(script), lease=1) as other,
        await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as connection,
    ):
        await seen(postgres_url, silent, -DAY)
        here = await asked(silent)
        there = await other.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        row = await (await connection.execute('select clock_timestamp()')).fetchone()
        assert row
        [back_at] = row
        if is_away:
            line.go_down()
            await seen(postgres_url, silent, DAY)
            async with asyncio.timeout(WAIT_TIMEOUT):
                while IS_LATE not in caplog.text:  # noqa: ASYNC110  # only the log tells
                    await asyncio.sleep(0.02)
            line.is_down = False
        else:
            await seen(postgres_url, silent, timedelta(0))
            time.sleep(1.5)  # noqa: ASYNC251  # so is the loop of all
            back_at += timedelta(seconds=1.5)
        await until(there, lambda: not there.is_running)
        row = await (await connection.execute('select updated_at from conversation')).fetchone()
        assert row
        assert row[0] >= back_at + lease


async def test_what_is_given_up_is_taken_over_without_waiting_for_a_lease(postgres_url: str) -> None:
    script = HeldScript('A ', 'cat')
    async with (
        node_of_team(postgres_url, ScriptedModels(script), beat=FOREVER) as owner,
        node_of_team(postgres_url, ScriptedModels(saying('More.')), lease=60) as other,
    ):
        here = await asked(owner)
        there = await other.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        await owner.node.drain(0)
        [used] = await other.storage.usage.read()
        assert (used.answers, used.tokens > 0) == (1, True)
        for live in (here, there):
            await until(live, lambda live=live: not live.is_running)
            assert (said(live), live.turns[-1].state) == (['one: A cat'], 'stopped')


async def test_an_answer_is_gone_on_with_once_and_never_twice(postgres_url: str) -> None:
    """An answer that kills its node must not kill the next one as well: a person has to go on with it."""
    held, second = HeldScript('A ', 'cat'), HeldScript(' sat')
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(postgres_url, ScriptedModels(held), beat=FOREVER, lease=SHORT_LEASE) as first,
    ):
        here = await asked(first)
        await until_rows(postgres_url, "select from frame where tail like '%%cat%%'")
        async with node_of_team(
            address_at(line, postgres_url), ScriptedModels(second), lease=SHORT_LEASE, continues=True
        ) as killed:
            there = await killed.open(here.id)
            await until(there, lambda: text_of(there) == 'A cat sat')
            assert there.turns[-1].state == 'streaming'
            await until_rows(postgres_url, "select from frame where tail like '%% sat%%'")
            line.go_down()
            third = ScriptedModels(saying('Never.'))
            async with node_of_team(postgres_url, third, lease=SHORT_LEASE, continues=True) as last:
                also = await last.open(here.id)
                await until(also, lambda: not also.is_running and also.turns[-1].state == 'stopped')
                await until_rows(postgres_url, 'select where not exists (select from command)')
                assert (said(also), also.turns[-1].can_continue) == (['one: A cat sat'], True)
                assert (also.is_running, third.requests) == (False, [])
            line.is_down = False


async def test_what_a_person_has_stopped_is_not_gone_on_with_for_a_prompt_that_was_lost(
    postgres_url: str,
) -> None:
    """A node dies with the right to answer the next prompt, before that is stored."""
    models = ScriptedModels(saying('Never.'))
    async with (
        node_of_team(postgres_url, ScriptedModels(HeldScript('A ', 'cat')), beat=FOREVER) as dead,
        node_of_team(postgres_url, models, lease=SHORT_LEASE, continues=True) as other,
    ):
        await seen(postgres_url, dead, -DAY)
        here = await asked(dead)
        await until(here, lambda: text_of(here) == 'A cat')
        await here.stop()
        there = await other.open(here.id)
        await until(there, lambda: not there.is_running and there.turns[-1].can_continue)
        assert await dead.storage.conversations.runs.claim(here.id, here.conversation.revision)
        await seen(postgres_url, dead, DAY)
        await until_rows(postgres_url, 'select where not exists (select from run)')
        await until_rows(postgres_url, 'select where not exists (select from command)')
        assert (said(there), there.is_answering, models.requests) == (['one: A cat'], False, [])


async def test_compared_answers_of_a_dead_node_still_stand_side_by_side(postgres_url: str) -> None:
    """What each has said stays; a person goes on with one, and none is gone on with by itself."""
    scripts = {'a': HeldScript('A ', 'cat'), 'b': saying('Right end'), 'c': HeldScript('')}
    models = ScriptedModels(saying(' sat.'))
    async with (
        node_of_team(postgres_url, ScriptedModels(saying('So.'), scripts={**scripts}), beat=FOREVER) as dead,
        node_of_team(postgres_url, models, lease=SHORT_LEASE, continues=True) as other,
    ):
        await seen(postgres_url, dead, -DAY)
        here = dead.registry.new()
        here.comparing.choose(['a', 'b', 'c'])
        here.send('one', turn_id='one')
        await here.wait_until_stored('one')
        there = await other.open(here.id)
        await until(there, lambda: [text for _, text, _ in columns(there)] == ['A cat', 'Right end', ''])
        await until(there, lambda: columns(there)[1] == ('b', 'Right end', 'done'))
        await seen(postgres_url, dead, DAY)
        await until(there, lambda: not there.is_running)
        await until_rows(postgres_url, 'select where not exists (select from command)')
        assert columns(there) == [('a', 'A cat', 'stopped'), ('b', 'Right end', 'done'), ('c', '', 'failed')]
        assert (there.is_running, models.requests) == (False, [])
        await there.comparing.keep('one', 0, 'a')
        there.continue_answer()
        await until(there, lambda: not there.is_running and text_of(there) == 'A cat sat.')
        assert there.metadata.model == 'a'


async def test_models_that_have_said_nothing_are_all_asked_again(postgres_url: str) -> None:
    scripts = {'a': HeldScript(''), 'b': HeldScript('')}
    again = ScriptedModels(saying('Never.'), scripts={'a': saying('Left'), 'b': saying('Right')})
    async with (
        node_of_team(postgres_url, ScriptedModels(saying('So.'), scripts={**scripts}), beat=FOREVER) as dead,
        node_of_team(postgres_url, again, lease=SHORT_LEASE, continues=True) as other,
    ):
        await seen(postgres_url, dead, -DAY)
        here = dead.registry.new()
        here.comparing.choose(['a', 'b'])
        here.send('one', turn_id='one')
        await here.wait_until_stored('one')
        there = await other.open(here.id)
        await until(there, lambda: columns(there) == [('a', '', 'waiting'), ('b', '', 'waiting')])
        await seen(postgres_url, dead, DAY)
        await until(there, lambda: columns(there) == [('a', 'Left', 'done'), ('b', 'Right', 'done')])
