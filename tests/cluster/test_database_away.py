"""PostgreSQL is restarted, killed, or lost for a while: answers go on, and nothing of them is missing."""

import asyncio
from collections.abc import Callable, Generator
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from chat.conversation.live_conversation import LiveConversation
from chat.store.postgres.database import DEFAULT_RETRY_TIMES, RetryTimes
from tests.cluster.team import SHORT_RETRIES, asked, node_of_team, said, text_of, until, without_database
from tests.support.postgres import PostgresServer, address_at, migrated, new_server, until_rows
from tests.support.profile import only_long, sized
from tests.support.scripted import HeldScript, ScriptedModels, saying
from tests.support.tcp_proxy import TcpProxy

CONVERSATION_WAITS = (
    'select from pg_stat_activity where datname = current_database() '
    "and wait_event_type = 'Lock' and query like '%%conversation%%'"
)


@pytest.fixture
def own_server(postgres: PostgresServer) -> Generator[PostgresServer]:
    """A server of the test's own, which it may kill.

    Its folder is not among those of pytest: another run closes these to other users, and one of them runs it.
    """
    with TemporaryDirectory(prefix='parlour-postgres-') as folder:
        Path(folder).chmod(0o755)
        template = postgres.folder.with_name('template')
        server = new_server(Path(folder) / 'server', {'synchronous_commit': 'on'}, template=template)
        yield server
        server.stop('immediate')


def is_over(live: LiveConversation, texts: list[str]) -> bool:
    """Whether an answer has ended; notes what is shown."""
    texts.append(text_of(live))
    return not live.is_running


@pytest.mark.long
@pytest.mark.parametrize('mode', ['immediate', only_long('fast')])
async def test_answers_outlast_a_database_that_is_killed_and_restarted(
    own_server: PostgresServer, mode: str
) -> None:
    """They are whole, at their node and elsewhere, no node takes another for dead, and no page shows less."""
    url = migrated(own_server.create_database('kept'))
    script = HeldScript('A ', 'cat', then=' sat.')
    models = [ScriptedModels(script), ScriptedModels(saying('More.'))]
    lease = sized(60, 3)
    async with (
        node_of_team(url, models[0], lease=lease) as owner,
        node_of_team(url, models[1], lease=lease) as follower,
    ):
        lives = [await asked(owner) for _ in range(sized(4, 20))]
        others = [await follower.open(live.id) for live in lives]
        for there in others:
            await until(there, lambda there=there: text_of(there) == 'A cat')
        shown = [[text_of(there)] for there in others]
        await asyncio.to_thread(own_server.stop, mode)
        script.release.set()
        await asyncio.sleep(sized(0, 8))  # longer than a lease
        await asyncio.to_thread(own_server.start)
        for here, there, texts in zip(lives, others, shown, strict=True):
            await until(there, partial(is_over, there, texts))
            await until(here, lambda here=here: not here.is_running and here.turns[-1].state == 'done')
            assert said(here) == said(there) == ['one: A cat sat.']
            assert there.turns[-1].state == 'done'
            assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
        assert (len(models[0].requests), models[1].requests) == (len(lives), [])


def send_another(live: LiveConversation) -> None:
    live.send('two', turn_id='two')


def edit_the_first(live: LiveConversation) -> None:
    live.edit('one', 'two')


@pytest.mark.parametrize('ask', [send_another, edit_the_first])
async def test_a_prompt_that_nobody_may_answer_is_stored_when_the_database_is_back(
    postgres_url: str, ask: Callable[[LiveConversation], None]
) -> None:
    """Whether a node may answer stands in the database; a prompt is not lost because that is away."""
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(address_at(line, postgres_url), ScriptedModels(saying('So.'))) as first,
        node_of_team(postgres_url, ScriptedModels(saying('Never.'))) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        for live in (here, there):
            await until(live, lambda live=live: not live.is_running and said(live) == ['one: So.'])
        with without_database(first, line):
            ask(here)
            await until(here, lambda: not here.is_running)
            assert (said(here)[-1], here.turns[-1].state) == ('two: ', 'failed')
        await until(there, lambda: said(there)[-1] == 'two: ')
        await until_rows(postgres_url, 'select where not exists (select from run)')
        assert said(here) == said(there)


async def test_an_answer_that_could_not_begin_is_believed_by_nobody(postgres_url: str) -> None:
    """The database goes away between the right to answer and the place of the answer."""
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(address_at(line, postgres_url), ScriptedModels(saying('So.'))) as first,
        node_of_team(postgres_url, ScriptedModels(saying('Again.'))) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        for live in (here, there):
            await until(live, lambda live=live: not live.is_running and said(live) == ['one: So.'])
        async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
            await connection.execute('select from conversation for no key update')
            first.node.database.retry_times = SHORT_RETRIES
            here.regenerate()
            await until_rows(postgres_url, CONVERSATION_WAITS)
            with without_database(first, line):
                await until(here, lambda: not here.is_running)
        await until_rows(postgres_url, 'select where not exists (select from run)')
        await until(there, lambda: not there.is_running)
        there.regenerate()
        await until(there, lambda: said(there) == ['one: Again.'])


async def test_a_right_that_was_got_without_knowing_is_given_back(postgres_url: str) -> None:
    """The connection is lost in place of the answer that the node may answer."""
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(address_at(line, postgres_url), ScriptedModels(saying('So.'))) as first,
        node_of_team(postgres_url, ScriptedModels(saying('Again.'))) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        for live in (here, there):
            await until(live, lambda live=live: not live.is_running and said(live) == ['one: So.'])
        first.node.database.retry_times = RetryTimes(read=0, write=0)
        line.lost_answer_to = b'insert into run'
        here.regenerate()
        await until(here, lambda: not here.is_running)
        assert (said(here), here.turns[-1].state) == (['one: So.'], 'failed')
        first.node.database.retry_times = DEFAULT_RETRY_TIMES
        await until_rows(postgres_url, 'select where not exists (select from run)')
        await until(there, lambda: not there.is_running)
        there.regenerate()
        await until(there, lambda: said(there) == ['one: Again.'])


async def test_frames_that_a_crash_has_lost_are_said_again(postgres_url: str) -> None:
    """They wait for no disk; at a new connection the whole text is one frame, though nothing new is said."""
    script = HeldScript('A ', 'cat', then=' sat.')
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(address_at(line, postgres_url), ScriptedModels(script)) as owner,
        node_of_team(postgres_url, ScriptedModels(saying('More.'))) as follower,
    ):
        here = await asked(owner)
        there = await follower.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
            await connection.execute('delete from frame')
        line.cut()
        await until_rows(postgres_url, "select from frame where keep = 0 and tail like '%%A cat%%'")
        assert text_of(there) == 'A cat'
        async with node_of_team(postgres_url, ScriptedModels(saying('More.'))) as late:
            also = await late.open(here.id)
            await until(also, lambda: text_of(also) == 'A cat')
            script.release.set()
            for live in (here, there, also):
                await until(live, lambda live=live: not live.is_running)
                assert said(live) == ['one: A cat sat.']


async def test_what_is_told_while_nobody_listens_is_found_at_the_next_beat(postgres_url: str) -> None:
    """A lost notice makes a page late, and no more: also where nothing was answered when it was lost."""
    script = HeldScript('A ', 'cat', then=' sat.')
    async with (
        node_of_team(postgres_url, ScriptedModels(saying('So.'))) as first,
        node_of_team(postgres_url, ScriptedModels(script)) as second,
    ):
        there = await asked(first, 'zero')
        await until(there, lambda: not there.is_running)
        here = await second.open(there.id)
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as connection:
            await connection.execute('alter table run disable trigger tell')
            await connection.execute('alter table conversation disable trigger tell')
            await connection.execute('alter table frame disable trigger tell')
            try:
                here.send('one', turn_id='one')
                await until(there, lambda: text_of(there) == 'A cat')
                script.release.set()
                await until(there, lambda: not there.is_running and text_of(there) == 'A cat sat.')
            finally:
                for table in (b'run', b'conversation', b'frame'):
                    await connection.execute(b'alter table ' + table + b' enable trigger tell')
