"""What people do with an answer of another node: done once, whoever dies, leaves or opens meanwhile."""

import asyncio

import psycopg
import pytest

from chat.errors import StorageUnavailable
from chat.store.postgres.node import open_node
from tests.cluster.team import (
    SHORT_LEASE,
    asked,
    node_of_team,
    said,
    until,
)
from tests.support.postgres import until_rows
from tests.support.scripted import ScriptedModels, saying
from tests.support.timeouts import WAIT_TIMEOUT

SEND_ONE = (
    '{"kind": "send", "seen": null, "prompt": {"kind": "request", "metadata": {"turn_id": "one"}, '
    '"parts": [{"part_kind": "user-prompt", "content": "one"}]}}'
)


async def test_a_command_is_done_though_the_node_that_has_taken_it_dies(postgres_url: str) -> None:
    async with (
        node_of_team(postgres_url, ScriptedModels(saying('So.')), lease=SHORT_LEASE) as first,
    ):
        here = await asked(first, 'zero')
        await until(here, lambda: not here.is_running)
        async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
            await connection.execute(
                'insert into node (id, seen_at) values (%s, clock_timestamp() - %s::interval)',
                ['dead', '1 hour'],
            )
            await connection.execute(
                'insert into command (conversation, document, node) select key, %s, %s from conversation',
                [SEND_ONE, 'dead'],
            )
        await until(here, lambda: said(here) == ['zero: So.', 'one: So.'])


async def test_what_is_to_be_done_for_somebody_who_has_nothing_open_is_not_forgotten(
    postgres_url: str,
) -> None:
    """A node is told of them, so that it opens what they have."""
    async with node_of_team(postgres_url, ScriptedModels(saying('So.'))) as first:
        here = await asked(first, 'zero')
        await until(here, lambda: not here.is_running)
    wanted = asyncio.Queue[str]()
    node = await open_node(postgres_url, beat=0.05)
    node.poller.on_wanted = wanted.put
    try:
        await leave_a_command_in_each(postgres_url)
        async with asyncio.timeout(WAIT_TIMEOUT):
            assert await wanted.get() == 'anna'
    finally:
        await node.close()


async def test_nobody_waits_for_another_whose_chats_open_slowly(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Each is told of once as long as that goes on, and again if it has failed; closing ends it."""
    wanted = asyncio.Queue[str]()

    async def open_slowly(owner: str) -> None:
        wanted.put_nowait(owner)
        if owner == 'anna':
            raise StorageUnavailable('Anna has to wait.')
        await asyncio.Event().wait()

    for owner in ('anna', 'bert'):
        async with node_of_team(postgres_url, ScriptedModels(saying('So.')), owner=owner) as member:
            live = await asked(member)
            await until(live, lambda live=live: not live.is_running)
    node = await open_node(postgres_url, beat=0.05)
    node.poller.on_wanted = open_slowly
    try:
        await leave_a_command_in_each(postgres_url)
        async with asyncio.timeout(WAIT_TIMEOUT):
            told = [await wanted.get() for _ in range(4)]
        assert sorted(told) == ['anna', 'anna', 'anna', 'bert']
        assert 'Anna has to wait.' in caplog.text
    finally:
        await node.close()


async def test_a_command_that_is_heard_while_all_is_closed_is_left_to_others(postgres_url: str) -> None:
    models = [ScriptedModels(saying('Never.')), ScriptedModels(saying('So.'))]
    async with node_of_team(postgres_url, models[1]) as first:
        here = await asked(first, 'zero')
        await until(here, lambda: not here.is_running)
    async with (
        await psycopg.AsyncConnection.connect(postgres_url) as locking,
        await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as telling,
        node_of_team(postgres_url, models[0]) as closing,
    ):
        await telling.execute(
            "insert into node (id, seen_at) values ('busy', clock_timestamp() + interval '1 hour')"
        )
        await telling.execute("insert into run (conversation, node) select key, 'busy' from conversation")
        for document in ('{"kind": "of a newer version"}', SEND_ONE):
            await telling.execute(
                'insert into command (conversation, document) select key, %s from conversation', [document]
            )
        await locking.execute('lock table conversation in access exclusive mode')
        await telling.execute('delete from run')
        await telling.execute("select pg_notify('parlour', 'command ' || conversation) from command limit 1")
        await until_rows(postgres_url, 'select from command where node is not null')
        ending = asyncio.create_task(closing.cluster.close())
        await asyncio.sleep(0)  # it has begun
        await locking.rollback()
        await ending
    async with node_of_team(postgres_url, models[1]) as second:
        there = await second.open(here.id)
        await until(there, lambda: said(there) == ['zero: So.', 'one: So.'])


async def test_a_command_that_comes_once_conversations_are_closed_is_left_to_others(
    postgres_url: str,
) -> None:
    """Nobody would wait for what it begins."""
    models = [ScriptedModels(saying('So.')), ScriptedModels(saying('Never.'))]
    async with node_of_team(postgres_url, models[0]) as first:
        here = await asked(first, 'zero')
        await until(here, lambda: not here.is_running)
    async with (
        await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as telling,
        node_of_team(postgres_url, models[1]) as closing,
    ):
        await closing.open(here.id)
        await closing.registry.close()
        await telling.execute(
            'insert into command (conversation, document) select key, %s from conversation', [SEND_ONE]
        )
        key = closing.storage.catalog.key_of(here.id)
        assert key
        closing.cluster.take_soon(key)
        await closing.cluster.close()
        async with node_of_team(postgres_url, models[0]) as second:
            there = await second.open(here.id)
            await until(there, lambda: said(there) == ['zero: So.', 'one: So.'])
    assert models[1].requests == []


async def leave_a_command_in_each(postgres_url: str) -> None:
    """As a node that is gone since did, to each conversation."""
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        await connection.execute(
            'insert into command (conversation, document, created_at) '
            "select key, %s, clock_timestamp() - interval '1 minute' from conversation",
            [SEND_ONE],
        )
