"""Several nodes at one database: every node shows every answer, and what one leaves is not lost."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import pairwise

import pytest

from chat.conversation.live_conversation import LiveConversation
from tests.cluster.team import (
    DAY,
    SHORT_LEASE,
    SHORT_RETRIES,
    Member,
    asked,
    node_of_team,
    said,
    seen,
    text_of,
    until,
    without_database,
)
from tests.support.postgres import address_at, until_rows
from tests.support.scripted import HeldScript, ScriptedModels, saying
from tests.support.tcp_proxy import TcpProxy
from tests.support.timeouts import WAIT_TIMEOUT


class Team:
    """Two nodes; the first one answers in what it says, word by word, and waits until it is let go on."""

    def __init__(
        self, first: Member, second: Member, script: HeldScript, models: list[ScriptedModels]
    ) -> None:
        self.first, self.second, self.script, self.models = first, second, script, models

    async def ask(self, prompt: str = 'one') -> tuple[LiveConversation, LiveConversation]:
        """A new conversation in which the first node answers, at both."""
        here = await asked(self.first, prompt)
        await self.script.begun.wait()
        return here, await self.second.open(here.id)


@pytest.fixture
async def team(postgres_url: str) -> AsyncGenerator[Team]:
    script = HeldScript('A ', 'cat', then=' sat.')
    models = [ScriptedModels(script), ScriptedModels(saying('Of the second node.'))]
    async with (
        node_of_team(postgres_url, models[0]) as first,
        node_of_team(postgres_url, models[1]) as second,
    ):
        yield Team(first, second, script, models)


async def test_every_node_shows_an_answer_as_it_grows(team: Team) -> None:
    here, there = await team.ask()
    await until(there, lambda: text_of(there) == 'A cat')
    assert (there.is_running, there.turns[-1].state, said(there)) == (True, 'streaming', ['one: A cat'])
    team.script.release.set()
    await until(there, lambda: not there.is_running)
    await until(here, lambda: not here.is_running)
    assert said(there) == said(here) == ['one: A cat sat.']
    assert there.conversation.revision == here.conversation.revision
    there.send('two', turn_id='two')
    await until(there, lambda: not there.is_running and len(there.turns) == 2)
    await until(here, lambda: len(here.turns) == 2 and not here.is_running)
    assert said(here) == ['one: A cat sat.', 'two: Of the second node.']


async def test_who_opens_a_chat_in_mid_answer_sees_all_of_it_at_once(team: Team, postgres_url: str) -> None:
    """And never that it was interrupted, which it was not."""
    here = await asked(team.first)
    await until(here, lambda: text_of(here) == 'A cat')
    await until_rows(postgres_url, "select from frame where tail like '%%cat%%'")
    await until_rows(postgres_url, 'select from run where is_shown')
    catalog = team.second.storage.catalog
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not catalog.has(here.id):
            await catalog.changed.wait(catalog.changed.count)
    for there in await asyncio.gather(*(team.second.registry.open(here.id) for _ in range(2))):
        assert (said(there), there.turns[-1].state) == (['one: A cat'], 'streaming')


async def test_stop_and_send_at_another_node(team: Team) -> None:
    """What was sent waits at the node that answers, is shown everywhere, and asked once."""
    here, there = await team.ask()
    await until(there, lambda: there.is_running)
    for _ in range(2):
        there.send('two', turn_id='two')
        await there.wait_until_stored('two')
    await until(here, lambda: len(here.queue) == 1)
    await until(there, lambda: len(there.shown_queue) == 1)
    assert not there.is_halted
    await there.stop()
    await until(here, lambda: not here.is_running)
    await until(
        there, lambda: not there.is_running and bool(there.turns) and there.turns[-1].state == 'stopped'
    )
    assert said(there) == said(here) == ['one: A cat']
    there.send_now('two')
    await until(here, lambda: len(here.turns) == 2 and here.turns[-1].state == 'done')
    assert [text_of(here), here.queue] == ['Of the second node.', []]
    assert len(team.models[1].requests) == 1


async def test_two_nodes_asked_in_the_same_moment(team: Team) -> None:
    """One answers, and the other prompt waits its turn there: none is lost, and nobody sees a conflict."""
    team.script.release.set()
    here, there = await team.ask('zero')
    await until(here, lambda: not here.is_running)
    await until(there, lambda: bool(there.turns) and not there.is_running)
    here.send('one', turn_id='one')
    there.send('two', turn_id='two')
    await asyncio.gather(here.wait_until_stored('one'), there.wait_until_stored('two'))
    for live in (here, there):
        await until(live, lambda live=live: [turn.state for turn in live.turns] == ['done'] * 3)
    assert sorted(turn.id for turn in here.turns) == ['one', 'two', 'zero']
    assert said(here) == said(there)
    assert sum(len(models.requests) for models in team.models) == 3


async def test_two_nodes_begin_the_same_conversation_in_the_same_moment(team: Team) -> None:
    """As programs do that have one for all they ask: the second prompt waits for the first one's answer."""
    team.script.release.set()
    both = [member.registry.new('the same') for member in (team.first, team.second)]
    for prompt, live in zip(('one', 'two'), both, strict=True):
        live.send(prompt, turn_id=prompt)
    await asyncio.gather(both[0].wait_until_stored('one'), both[1].wait_until_stored('two'))
    for live in both:
        await until(live, lambda live=live: [turn.state for turn in live.turns] == ['done'] * 2)
    assert said(both[0]) == said(both[1])
    assert sum(len(models.requests) for models in team.models) == 2


async def test_a_title_that_another_node_gives_stays(team: Team) -> None:
    """Each node writes only what it has changed."""
    here, there = await team.ask()
    await until(there, lambda: there.is_running)
    await there.update_metadata(lambda metadata: replace(metadata, title='Cats', has_own_title=True))
    await until(here, lambda: here.metadata.title == 'Cats')
    team.script.release.set()
    await until(here, lambda: not here.is_running)
    await until(there, lambda: not there.is_running)
    assert here.metadata.title == there.metadata.title == 'Cats'


async def test_the_limit_of_a_day_is_one_for_all_nodes(postgres_url: str) -> None:
    """What was used at another node counts, though this one was there before."""
    models = [ScriptedModels(saying('A', 'cat')), ScriptedModels(saying('Never.'))]
    async with (
        node_of_team(postgres_url, models[0], limit_day=1) as first,
        node_of_team(postgres_url, models[1], limit_day=1) as second,
    ):
        here = await asked(first)
        await until(here, lambda: not here.is_running and here.turns[-1].state == 'done')
        new = await asked(second, 'two')
        await until(new, lambda: not new.is_running)
        assert 'and the limit is 1 a day' in (new.turns[-1].failure or '')
        assert models[1].requests == []


async def test_what_a_dead_node_has_said_is_there_and_can_be_continued(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Until it is taken over no page shows less, then it is marked; what the old node says is refused.

    Its log says so, also if the answer has ended before a sign of life could show it.
    """
    script = HeldScript('A ', 'cat', then=' sat.')
    models = ScriptedModels(saying('More.'))
    async with (
        node_of_team(postgres_url, ScriptedModels(script), beat=3600) as dead,
        node_of_team(postgres_url, models, lease=SHORT_LEASE) as second,
        node_of_team(postgres_url, models) as third,
    ):
        await seen(postgres_url, dead, -DAY)
        here, there = await Team(dead, second, script, []).ask()
        await until(there, lambda: text_of(there) == 'A cat')
        await seen(postgres_url, dead, DAY)
        shown = list[str]()

        def is_over() -> bool:
            shown.append(text_of(there))
            return not there.is_running

        await until(there, is_over)
        assert all(later.startswith(earlier) for earlier, later in pairwise(shown))
        also = await third.open(here.id)
        for live in (there, also):
            assert (said(live), live.turns[-1].state) == (['one: A cat'], 'stopped')
            assert live.turns[-1].can_continue
        script.release.set()
        await until(here, lambda: not here.is_running)
        await until(here, lambda: text_of(here) == 'A cat')
        assert caplog.messages.count('Another node has taken over an answer of this one') == 1
        there.continue_answer()
        await until(there, lambda: not there.is_running)
        await until(also, lambda: text_of(also) == text_of(there) != 'A cat')


async def test_an_answer_that_ends_while_the_database_is_away_is_stored_later(postgres_url: str) -> None:
    """The page says so meanwhile, and shows all of it."""
    script = HeldScript('A ', 'cat', then=' sat.')
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(
            address_at(line, postgres_url),
            ScriptedModels(script),
            lease=60,
            retry_times=SHORT_RETRIES,
        ) as first,
        node_of_team(postgres_url, ScriptedModels(saying('More.')), lease=60) as second,
    ):
        here, there = await Team(first, second, script, []).ask()
        await until(there, lambda: text_of(there) == 'A cat')
        with without_database(first, line):
            script.release.set()
            await until(here, lambda: not here.is_running)
            assert (text_of(here), here.turns[-1].state) == ('A cat sat.', 'failed')
            assert here.turns[-1].outcome
            assert 'database cannot be reached' in here.turns[-1].outcome.sentence
            assert there.is_running
        await until(there, lambda: text_of(there) == 'A cat sat.' and not there.is_running)
        await until(here, lambda: here.turns[-1].state == 'done')
