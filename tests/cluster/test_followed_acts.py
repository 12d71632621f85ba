"""What people see and do at another node than the one that answers is as if they were there."""

import asyncio
from dataclasses import dataclass

import pytest
from pydantic_ai import Agent, CustomEvent, RunContext

from chat.agent_config import AgentConfig
from chat.cluster import shared_conversation
from chat.conversation.content.answer_parts import ToolCallView
from chat.conversation.content.messages import prompt_text
from chat.conversation.live_conversation import LiveConversation
from chat.errors import ConversationBusy
from tests.cluster.team import asked, columns, node_of_team, said, text_of, until, waiting
from tests.conversation.approving import Call, FileAgent, delete, states, steps
from tests.support.scripted import HeldScript, ScriptedModels, saying
from tests.support.timeouts import WAIT_TIMEOUT


@dataclass(kw_only=True)
class FollowedUpload(CustomEvent):
    done: int
    total: int


def calls_of(live: LiveConversation) -> list[ToolCallView]:
    parts = live.turns[-1].answer_parts if live.turns else []
    return [part.tool_call for part in parts if part.tool_call]


async def test_progress_of_tools_and_steering_elsewhere(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page at another node sees how far a tool is, and gives its run a prompt at the next step."""
    monkeypatch.setattr(shared_conversation, 'TAKE_BACK_TIMEOUT', WAIT_TIMEOUT)
    go_on, agent = asyncio.Event(), Agent()

    @agent.tool
    async def upload(ctx: RunContext[object]) -> str:  # pyright: ignore[reportUnusedFunction]
        await ctx.emit(FollowedUpload(done=3, total=4))
        await go_on.wait()
        return 'all of it'

    models = steps((Call('upload'),), 'Voilà.')
    async with (
        node_of_team(postgres_url, models, agent=AgentConfig(agent)) as first,
        node_of_team(postgres_url, ScriptedModels(saying('Never.')), agent=AgentConfig(agent)) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        await until(there, lambda: bool(calls_of(there)) and calls_of(there)[0].progress is not None)
        progress = calls_of(there)[0].progress
        assert progress
        assert (progress.message, progress.share) == ('3 of 4', 0.75)
        assert states(there) == states(here)
        there.send('In French', turn_id='french')
        there.send('Later', turn_id='later')
        await until(there, lambda: waiting(there) == ['In French', 'Later'])
        [french, later] = there.shown_queue
        assert there.steering.is_possible(french)
        await there.steering.steer('french')
        await until(there, lambda: there.steering.is_marked(there.queue[0]))
        assert (await there.remove_from_queue('later')) == later
        assert waiting(there) == waiting(here) == ['In French']
        go_on.set()
        for live in (here, there):
            await until(live, lambda live=live: not live.is_running)
            assert (said(live), waiting(live)) == (['one: Voilà.'], [])
            assert [prompt_text(prompt) for prompt in live.turns[0].steering_prompts] == ['In French']


async def test_compared_answers_elsewhere(postgres_url: str) -> None:
    """Each has its column also before the first has said a word; one is stopped, and one is gone on with."""
    slow, quick = HeldScript('', then=' end'), saying('Right end')
    models = ScriptedModels(saying('So.'), scripts={'a': slow, 'b': quick})
    async with (
        node_of_team(postgres_url, models) as first,
        node_of_team(postgres_url, ScriptedModels(saying('After that.'))) as second,
    ):
        here = first.registry.new()
        here.comparing.choose(['a', 'b'])
        here.send('one', turn_id='one')
        await here.wait_until_stored('one')
        there = await second.open(here.id)
        await until(there, lambda: columns(there) == [('a', '', 'waiting'), ('b', 'Right end', 'done')])
        with pytest.raises(ConversationBusy):
            there.comparing.answer_again('one', ['a', 'b'])
        there.comparing.stop('one', 0, 'a')
        await until(there, lambda: not there.is_running)
        assert columns(there)[1] == columns(here)[1] == ('b', 'Right end', 'done')
        await there.comparing.keep('one', 1, 'b')
        there.send('two', turn_id='two')
        await until(here, lambda: said(here) == ['one: Right end', 'two: After that.'])


async def test_an_approval_after_all_nodes_were_restarted(postgres_url: str) -> None:
    """It waits in the database; whoever approves begins a new run, and every page shows what was decided."""
    files = FileAgent()
    models = steps((delete('a'), delete('b', 'd2')))
    async with node_of_team(postgres_url, models, agent=AgentConfig(files.agent)) as first:
        here = await asked(first)
        await until(here, lambda: not here.is_running)
    models = steps('Both are gone.')
    async with (
        node_of_team(postgres_url, steps(), agent=AgentConfig(files.agent)) as second,
        node_of_team(postgres_url, models, agent=AgentConfig(files.agent)) as third,
    ):
        there, also = await second.open(here.id), await third.open(here.id)
        assert states(also) == {'d1': 'needs-approval', 'd2': 'needs-approval'}
        turn_id = there.turns[-1].id
        await there.decisions.approve(turn_id, 'd1', by='Anna')
        await until(also, lambda: states(also) == {'d1': 'decided', 'd2': 'needs-approval'})
        assert files.deleted == []
        await also.decisions.approve(turn_id, 'd2', by='Anna')
        for live in (there, also):
            await until(live, lambda live=live: not live.is_running and text_of(live) == 'Both are gone.')
        assert sorted(files.deleted) == ['a', 'b']


async def test_decisions_about_two_calls_in_the_same_moment(postgres_url: str) -> None:
    """Neither is lost, though each node knew only its own when it stored it."""
    files = FileAgent()
    models = steps((delete('a'), delete('b', 'd2'), delete('c', 'd3')), 'Two are gone.')
    async with (
        node_of_team(postgres_url, models, agent=AgentConfig(files.agent)) as first,
        node_of_team(postgres_url, models, agent=AgentConfig(files.agent)) as second,
    ):
        here = await asked(first)
        there = await second.open(here.id)
        for live in (here, there):
            await until(live, lambda live=live: not live.is_running and len(states(live)) == 3)
        turn_id = here.turns[-1].id
        await asyncio.gather(
            here.decisions.approve(turn_id, 'd1', by='Anna'), there.decisions.deny(turn_id, 'd2', by='Ben')
        )
        decided = {'d1': 'decided', 'd2': 'decided', 'd3': 'needs-approval'}
        for live in (here, there):
            await until(live, lambda live=live: states(live) == decided)
        await here.decisions.approve(turn_id, 'd3', by='Anna')
        await until(there, lambda: not there.is_running and text_of(there) == 'Two are gone.')
        assert sorted(files.deleted) == ['a', 'c']
