"""Prompts that change nodes: none is lost, none asked twice, and all that was said of them goes along."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic_ai import Agent, ModelMessage, RunContext

from chat.agent_config import AgentConfig
from chat.cluster.shared_conversation import SharedConversation
from chat.conversation.content.messages import prompt_text
from chat.errors import StorageUnavailable
from tests.cluster.team import (
    SHORT_RETRIES,
    asked,
    columns,
    node_of_team,
    said,
    text_of,
    until,
    waiting,
    without_database,
)
from tests.conversation.approving import Call, steps
from tests.support.postgres import address_at, until_reached, until_rows
from tests.support.scripted import HeldScript, ScriptedModels, one_after_the_other, pinned, saying
from tests.support.tcp_proxy import TcpProxy

IS_LEAVING = 'select from node where is_leaving'


@asynccontextmanager
async def held_up(monkeypatch: pytest.MonkeyPatch, where: object, name: str) -> AsyncGenerator[asyncio.Event]:
    """Have all calls of a method wait for the end of this; the event is set when there is one."""
    called, goes_on, method = asyncio.Event(), asyncio.Event(), getattr(where, name)

    async def slow_method(*given: Any, **named: Any) -> Any:
        called.set()
        await goes_on.wait()
        return await method(*given, **named)

    try:
        with monkeypatch.context() as patch:
            patch.setattr(where, name, slow_method)
            yield called
    finally:
        goes_on.set()


async def test_a_queue_outlasts_that_another_node_opens_the_chat(postgres_url: str) -> None:
    """It had a prompt more when that node read it, which is asked by then."""
    held = [HeldScript('A ', 'cat', then=' sat.'), HeldScript('A ', 'dog', then=' ran.')]
    models = one_after_the_other(*held, saying('So.'))
    async with (
        node_of_team(postgres_url, models) as first,
        node_of_team(postgres_url, ScriptedModels(saying('Never.'))) as second,
    ):
        here = await asked(first)
        here.send('two', turn_id='two')
        await here.wait_until_stored('two')
        held[0].release.set()
        await held[1].begun.wait()
        there = await second.open(here.id)
        here.send('three', turn_id='three')
        await here.wait_until_stored('three')
        await until(there, lambda: waiting(there) == ['three'])
        await there.update_metadata(pinned)
        await until(here, lambda: here.metadata.is_pinned)
        assert waiting(here) == ['three']
        held[1].release.set()
        for live in (here, there):
            await until(live, lambda live=live: [turn.id for turn in live.turns] == ['one', 'two', 'three'])
            await until(live, lambda live=live: waiting(live) == [])


@pytest.mark.parametrize('is_new', [True, False])
async def test_models_that_are_compared_go_along(postgres_url: str, is_new: bool) -> None:
    models = ScriptedModels(saying('So.'), scripts={'a': saying('Left'), 'b': saying('Right')})
    async with (
        node_of_team(postgres_url, ScriptedModels(saying('So.'))) as leaving,
        node_of_team(postgres_url, models) as other,
    ):
        here = leaving.registry.new()
        if not is_new:
            here.send('zero', turn_id='zero')
            await until(here, lambda: said(here) == ['zero: So.'] and not here.is_running)
        await leaving.node.drain(0)
        here.comparing.choose(['a', 'b'])
        here.send('one', turn_id='one')
        there = await other.open(here.id)
        both = [('a', 'Left', 'done'), ('b', 'Right', 'done')]
        for live in (here, there):
            await until(live, lambda live=live: columns(live) == both)


async def test_what_is_sent_while_an_answer_waits_to_be_stored_is_answered(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in no way stored with the answer: all would believe that it was asked."""
    script = HeldScript('A ', 'cat', then=' sat.')
    rest = saying('Once.')
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(
            address_at(line, postgres_url),
            one_after_the_other(script, rest),
            retry_times=SHORT_RETRIES,
        ) as first,
        node_of_team(postgres_url, ScriptedModels(rest)) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        with without_database(first, line):
            script.release.set()
            await until(here, lambda: not here.is_running)
        conversations = first.storage.conversations
        async with held_up(monkeypatch, conversations.runs, 'claim') as claimed:
            async with held_up(monkeypatch, conversations, 'update_metadata') as storing:
                await storing.wait()
                here.send('two', turn_id='two')
            await claimed.wait()
            await until(there, lambda: text_of(there, 0) == 'A cat sat.')
        for live in (here, there):
            await until(live, lambda live=live: [turn.state for turn in live.turns] == ['done'] * 2)
        assert said(here) == said(there) == ['one: A cat sat.', 'two: Once.']


async def test_an_answer_that_could_not_be_stored_outlasts_what_is_sent_at_a_node_that_leaves(
    postgres_url: str,
) -> None:
    script = HeldScript('A ', 'cat', then=' sat.')
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(
            address_at(line, postgres_url), ScriptedModels(script), retry_times=SHORT_RETRIES
        ) as leaving,
        node_of_team(postgres_url, ScriptedModels(saying('Elsewhere.'))) as other,
    ):
        here = await asked(leaving)
        there = await other.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')
        draining = asyncio.create_task(leaving.node.drain(60))
        await until_rows(postgres_url, IS_LEAVING)
        with without_database(leaving, line):
            script.release.set()
            await until(here, lambda: not here.is_running)
        await until_reached(leaving.node.database)
        here.send('two', turn_id='two')
        await here.wait_until_stored('two')
        for live in (here, there):
            await until(live, lambda live=live: said(live) == ['one: A cat sat.', 'two: Elsewhere.'])
        await draining


async def test_a_drain_that_cannot_store_the_last_words_leaves_those_before(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = HeldScript('A ', 'cat', then=' sat.')
    async with (
        node_of_team(postgres_url, ScriptedModels(script)) as leaving,
        node_of_team(postgres_url, ScriptedModels(saying('More.'))) as other,
    ):
        here = await asked(leaving)
        there = await other.open(here.id)
        await until(there, lambda: text_of(there) == 'A cat')

        async def refuse(conversation_id: str, messages: Sequence[ModelMessage]) -> None:
            raise StorageUnavailable(f'{conversation_id} {len(messages)}')

        monkeypatch.setattr(leaving.storage.conversations, 'write_checkpoint', refuse)
        await leaving.node.drain(0)
        for live in (here, there):
            await until(live, lambda live=live: not live.is_running and live.turns[-1].state == 'stopped')
            await until(live, lambda live=live: said(live) == ['one: A cat'])


async def test_a_node_that_is_told_to_end_while_an_answer_begins_leaves_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [ScriptedModels(saying('Here.')), ScriptedModels(saying('Elsewhere.'))]
    async with (
        node_of_team(postgres_url, models[0]) as leaving,
        node_of_team(postgres_url, models[1]) as other,
    ):
        here = await asked(leaving)
        await until(here, lambda: said(here) == ['one: Here.'] and not here.is_running)
        there = await other.open(here.id)
        assert isinstance(here, SharedConversation)
        is_given_up, give_up = asyncio.Event(), here.give_up

        async def give_up_and_tell() -> None:
            asyncio.get_running_loop().call_soon(is_given_up.set)
            await give_up()

        monkeypatch.setattr(here, 'give_up', give_up_and_tell)
        async with held_up(monkeypatch, leaving.storage.conversations.runs, 'claim') as claimed:
            here.send('two', turn_id='two')
            await claimed.wait()
            draining = asyncio.create_task(leaving.node.drain(0))
            await is_given_up.wait()
        await draining
        for live in (here, there):
            await until(live, lambda live=live: said(live)[1:] == ['two: Elsewhere.'])


async def test_a_prompt_that_could_not_be_sent_is_asked_after_what_others_sent(postgres_url: str) -> None:
    models = ScriptedModels(saying('So.'))
    async with (
        TcpProxy(postgres_url) as line,
        node_of_team(address_at(line, postgres_url), models, retry_times=SHORT_RETRIES) as first,
        node_of_team(postgres_url, models) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        await until(there, lambda: said(there) == ['one: So.'] and not there.is_running)
        await until(here, lambda: not here.is_running)
        with without_database(first, line):
            here.send('two', turn_id='two')
            await until(here, lambda: not here.is_running and here.turns[-1].state == 'failed')
            there.send('three', turn_id='three')
            await until(there, lambda: said(there) == ['one: So.', 'three: So.'] and not there.is_running)
        for live in (here, there):
            await until(live, lambda live=live: said(live) == ['one: So.', 'three: So.', 'two: So.'])


async def test_a_queued_prompt_stays_in_the_stored_queue_until_it_is_stored(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if another one is queued in this moment; and then each is asked once."""
    held = HeldScript('A ', 'cat')
    async with node_of_team(postgres_url, one_after_the_other(held, *[saying('So.')] * 2)) as member:
        here = await asked(member)
        here.send('two', turn_id='two')
        await here.wait_until_stored('two')
        async with held_up(monkeypatch, member.storage.conversations.runs, 'claim') as claimed:
            held.release.set()
            await claimed.wait()
            here.send('three', turn_id='three')
            await here.save_metadata()
            stored = await member.storage.conversations.read_metadata(here.id)
            assert [prompt_text(prompt) for prompt in stored.queue] == ['two', 'three']
            assert waiting(here) == ['three']


async def test_what_a_run_was_given_is_not_asked_again_where_it_is_taken_over(postgres_url: str) -> None:
    is_called, go_on, agent = asyncio.Event(), asyncio.Event(), Agent()

    @agent.tool
    async def upload(_: RunContext[object]) -> str:  # pyright: ignore[reportUnusedFunction]
        is_called.set()
        await go_on.wait()
        return 'all of it'

    scripts = iter([steps((Call('upload'),)).script, HeldScript('Voi', then='là.')])
    config = AgentConfig(agent)

    def script(messages: list[ModelMessage]) -> AsyncIterator[Any]:
        return next(scripts)(messages)

    async with (
        node_of_team(postgres_url, ScriptedModels(script), agent=config) as leaving,
        node_of_team(postgres_url, ScriptedModels(saying('Elsewhere.')), agent=config) as other,
    ):
        here = await asked(leaving)
        there = await other.open(here.id)
        await until(there, lambda: there.is_running)
        await is_called.wait()
        here.send('In French', turn_id='french')
        await here.wait_until_stored('french')
        await here.steering.steer('french')
        go_on.set()
        await until(there, lambda: text_of(there) == 'Voi')
        await leaving.node.drain(0)
        await until(there, lambda: not there.is_running)
        there.send('two', turn_id='two')
        await until(there, lambda: said(there)[1:] == ['two: Elsewhere.'] and not there.is_running)
        assert (len(there.turns), waiting(there)) == (2, [])
