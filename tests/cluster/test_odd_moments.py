"""Odd moments between nodes: commands that come late, a node that leaves, a chat deleted elsewhere."""

import asyncio
from collections.abc import Callable

import psycopg
import pytest

from chat.cluster.shared_conversation import SharedConversation
from chat.conversation.content.metadata import ConversationMetadata
from chat.errors import NodeLeaving
from chat.store.postgres.node import open_node
from tests.cluster.team import (
    SHORT_RETRIES,
    Member,
    asked,
    node_of_team,
    said,
    text_of,
    until,
    waiting,
    without_database,
)
from tests.support.postgres import address_at, until_reached, until_rows
from tests.support.scripted import HeldScript, ScriptedModels, one_after_the_other, pinned, saying
from tests.support.tcp_proxy import TcpProxy
from tests.support.timeouts import WAIT_TIMEOUT

COMMAND_WAITS = (
    'select from pg_stat_activity where datname = current_database() '
    "and wait_event_type = 'Lock' and query like 'insert into command%%'"
)
ENTRY_WAITS = COMMAND_WAITS.replace('command', 'entry')


async def test_a_stop_that_comes_late_stops_no_later_answer(postgres_url: str) -> None:
    held = [HeldScript('A ', 'cat', then=' sat.'), HeldScript('A ', 'dog', then=' ran.')]
    async with (
        node_of_team(postgres_url, one_after_the_other(*held)) as first,
        node_of_team(postgres_url, ScriptedModels(saying('Never.'))) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
            await connection.execute('lock table command in share row exclusive mode')
            stopping = asyncio.create_task(there.stop())
            await until_rows(postgres_url, COMMAND_WAITS)
            held[0].release.set()
            await until(here, lambda: not here.is_running)
            here.send('two', turn_id='two')
            await until(there, lambda: text_of(there) == 'A dog')
        await stopping
        await until_rows(postgres_url, 'select where not exists (select from command)')
        assert here.is_running
        held[1].release.set()
        await until(there, lambda: said(there) == ['one: A cat sat.', 'two: A dog ran.'])


async def test_what_is_deleted_at_another_node_keeps_what_was_said(postgres_url: str) -> None:
    """The node that answers stops; once it is restored, all that was heard is there."""
    script = HeldScript('A ', 'cat', then=' sat.')
    async with (
        node_of_team(postgres_url, ScriptedModels(script)) as first,
        node_of_team(postgres_url, ScriptedModels(saying('Never.'))) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        await second.registry.delete(here.id)
        await script.closed.wait()
        await until(here, lambda: not here.is_running)
        await second.storage.trash.restore(here.id)
        again = await second.open(here.id)
        assert (said(again), again.turns[-1].state) == (['one: A cat'], 'stopped')


async def test_nothing_begins_at_a_node_that_leaves(postgres_url: str) -> None:
    """What is sent there is asked elsewhere, also what waited; what cannot be handed over says why."""
    script = HeldScript('A ', 'cat', then=' sat.')
    models = [ScriptedModels(script), ScriptedModels(saying('Elsewhere.'))]
    async with (
        node_of_team(postgres_url, models[0]) as leaving,
        node_of_team(postgres_url, models[1]) as other,
    ):
        here = await asked(leaving)
        there = await other.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        here.send('two', turn_id='two')
        await here.wait_until_stored('two')
        await until(there, lambda: waiting(there) == ['two'])
        draining = asyncio.create_task(leaving.node.drain(60))
        await until_rows(postgres_url, 'select from node where is_leaving')
        new = await asked(leaving, 'three')
        await until(new, lambda: said(new) == ['three: Elsewhere.'])
        assert here.is_running
        script.release.set()
        await until(here, lambda: not here.is_answering)
        leaving.cluster.beat()  # before it has seen what is stored
        for live in (here, there):
            await until(live, lambda live=live: said(live) == ['one: A cat sat.', 'two: Elsewhere.'])
        await draining
        await until(here, lambda: not here.is_running)
        with pytest.raises(NodeLeaving, match='being restarted'):
            here.regenerate()
        assert (len(models[0].requests), len(models[1].requests)) == (1, 2)


async def test_a_guest_of_the_database_is_nobody_to_leave_an_answer_to(postgres_url: str) -> None:
    """As whoever takes a folder over: the last node that ends goes on with its answers as long as it can."""
    script = HeldScript('A ', 'cat', then=' sat.')
    async with node_of_team(postgres_url, ScriptedModels(script)) as last:
        guest = await open_node(postgres_url, is_guest=True)
        try:
            here = await asked(last)
            await script.begun.wait()
            await last.node.drain(0)
            assert here.is_running
            script.release.set()
            await until(here, lambda: not here.is_running)
            assert (said(here), here.turns[-1].state) == (['one: A cat sat.'], 'done')
        finally:
            await guest.close()


async def test_the_answer_before_is_not_shown_as_the_next_one(postgres_url: str) -> None:
    """It ended while the database was away; its frames are still there when the next prompt is asked."""
    held = [HeldScript('A ', 'cat', then=' sat.'), HeldScript('')]
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(
            address_at(line, postgres_url),
            one_after_the_other(*held),
            retry_times=SHORT_RETRIES,
        ) as first,
        node_of_team(postgres_url, ScriptedModels(held[1])) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        with without_database(first, line):
            held[0].release.set()
            await until(here, lambda: not here.is_running)
        shown: list[list[str]] = []
        await until_reached(first.node.database)
        here.send('two', turn_id='two')

        def is_asked() -> bool:
            shown.append(said(there))
            return len(there.turns) == 2 and there.turns[-1].is_running

        await until(there, is_asked)
        async with asyncio.timeout(WAIT_TIMEOUT):
            await held[1].begun.wait()
        held[1].release.set()
        await until(there, lambda: not there.is_running)
        assert all(text == 'two: ' for texts in shown for text in texts[1:])
        assert said(there)[0] == 'one: A cat sat.'


async def test_what_is_sent_while_the_answer_before_is_stored_late_is_asked(postgres_url: str) -> None:
    """The end of one run and the beginning of the next are not mixed up: nobody takes the next one over."""
    held = [HeldScript('A ', 'cat', then=' sat.'), HeldScript('A ', 'dog', then=' ran.')]
    async with (
        TcpProxy(postgres_url) as line,
        await psycopg.AsyncConnection.connect(postgres_url) as other,
        node_of_team(
            address_at(line, postgres_url),
            one_after_the_other(*held),
            beat=0.005,
            retry_times=SHORT_RETRIES,
        ) as first,
    ):
        here = await asked(first)
        await held[0].begun.wait()
        with without_database(first, line):
            held[0].release.set()
            await until(here, lambda: not here.is_running)
            await other.execute('lock table entry in share mode')
        await until_rows(postgres_url, ENTRY_WAITS)
        here.send('two', turn_id='two')
        for _ in range(3):  # whatever it does at once is done by then
            await first.node.database.read('select')
        await other.rollback()
        async with asyncio.timeout(WAIT_TIMEOUT):
            await held[1].begun.wait()
        held[1].release.set()
        await until(here, lambda: said(here) == ['one: A cat sat.', 'two: A dog ran.'])


async def test_what_is_queued_while_the_rows_are_read_stays_in_the_queue(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before it was stored is not taken for the news."""
    has_read, goes_on, shown = asyncio.Event(), asyncio.Event(), list[list[str]]()
    async with node_of_team(postgres_url, ScriptedModels(HeldScript('A'))) as member:
        here = await asked(member)
        assert isinstance(here, SharedConversation)
        read = member.storage.conversations.read_metadata

        async def read_slowly(conversation_id: str) -> ConversationMetadata:
            metadata = await read(conversation_id)
            if len(metadata.queue) == 1:
                has_read.set()
                await goes_on.wait()
            return metadata

        monkeypatch.setattr(member.storage.conversations, 'read_metadata', read_slowly)
        here.send('two', turn_id='two')
        await here.save_metadata()
        await has_read.wait()
        here.send('three', turn_id='three')
        await here.save_metadata()
        goes_on.set()
        while here.sync_lock.locked():
            await asyncio.sleep(0)
            shown.append(waiting(here))
        assert all(texts == ['two', 'three'] for texts in shown)


async def test_a_prompt_whose_page_has_changed_nodes_is_asked_once(postgres_url: str) -> None:
    """A page sends again what it has no reply to, maybe to a node that had the chat open before."""
    models = [ScriptedModels(saying('So.')), ScriptedModels(saying('Again.'))]
    async with (
        node_of_team(postgres_url, models[0]) as first,
        node_of_team(postgres_url, models[1]) as second,
    ):
        here = await asked(first, 'zero')
        there = await second.open(here.id)
        await until(there, lambda: said(there) == ['zero: So.'])
        here.send('one', turn_id='one')
        await until(there, lambda: said(there) == ['zero: So.', 'one: So.'] and not there.is_running)
        there.send('one', turn_id='one')
        await there.wait_until_stored('one')
        assert (there.is_running, len(there.turns), models[1].requests) == (False, 2, [])


async def test_the_list_of_every_node_shows_which_chats_are_answered(postgres_url: str) -> None:
    script = HeldScript('A ', 'cat')
    async with (
        node_of_team(postgres_url, ScriptedModels(script)) as first,
        node_of_team(postgres_url, ScriptedModels(script)) as second,
    ):
        here = await asked(first)

        async def listed(member: Member, is_shown: Callable[[Member], bool]) -> None:
            async with asyncio.timeout(WAIT_TIMEOUT):
                while not is_shown(member):
                    await member.registry.activity.wait(member.registry.activity.count)

        await listed(second, lambda member: member.registry.running == frozenset({here.id}))
        script.release.set()
        await listed(second, lambda member: not member.registry.running)


async def test_metadata_is_merged_while_an_answer_grows(postgres_url: str) -> None:
    """The model that the first answer fixes stays, though another node stores something else meanwhile."""
    script = HeldScript('A ', 'cat')
    async with (
        node_of_team(postgres_url, ScriptedModels(script)) as first,
        node_of_team(postgres_url, ScriptedModels(script)) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        await second.registry.update_metadata(here.id, pinned)
        await until(here, lambda: here.metadata.is_pinned)
        script.release.set()
        for live in (here, there):
            await until(live, lambda live=live: not live.is_running)
            await until(
                live, lambda live=live: (live.metadata.model, live.metadata.is_pinned) == ('scripted', True)
            )


async def test_a_temporary_chat_stays_in_the_memory_of_its_node(postgres_url: str) -> None:
    """No row is written of it, and nothing of it can be taken over."""
    script = HeldScript('A ', 'cat', then=' sat.')
    async with node_of_team(postgres_url, ScriptedModels(script)) as member:
        live = member.registry.new()
        member.registry.temporary.begin(live)
        live.send('one', turn_id='one')
        await until(live, lambda: text_of(live) == 'A cat')
        async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
            for table in (b'conversation', b'entry', b'run', b'frame', b'command'):
                rows = await connection.execute(b'select from ' + table)
                assert rows.rowcount == 0, table
        script.release.set()
        await until(live, lambda: not live.is_running)
        assert said(live) == ['one: A cat sat.']
