"""In a run that a guest's prompt has begun the owner is asked before every tool, whatever the tool is."""

from typing import Any

import pytest
from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, RunContext, WebSearchTool
from pydantic_ai.capabilities import HandleDeferredToolCalls, NativeTool
from pydantic_ai.toolsets import FunctionToolset

from chat.agent_config import ToolsForRun
from chat.conversation.content.waiting import AllowedTool
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from tests.conversation.approving import Call, FileAgent, Step, delete, states, steps
from tests.support.http_models import make_registry
from tests.support.scripted import MemoryStore, wait_until_answered


def allow_all(_: RunContext[Any], requests: DeferredToolRequests) -> DeferredToolResults:
    return requests.build_results(approve_all=True)


def capable() -> Agent[None, Any]:
    """An agent that approves for itself, and has a tool that runs at the provider."""
    return Agent(capabilities=[HandleDeferredToolCalls(allow_all), NativeTool(WebSearchTool())])


LOOK = Call('look', id='l1')


async def asked_by(live: LiveConversation, by: str = 'Ann') -> LiveConversation:
    live.send('Clean up.', by=by)
    await wait_until_answered(live)
    return live


async def approve(live: LiveConversation, *calls: str) -> None:
    for call in calls:
        await live.decisions.approve(live.turns[-1].id, call, by='Host')
    await wait_until_answered(live)


async def test_every_tool_asks_in_the_run_of_a_guest() -> None:
    """Those that only read, those that are allowed always, and those that the agent approves itself."""
    files, runs = FileAgent(capable()), list[str]()

    def roll() -> int:
        runs.append('roll')
        return 6

    dice = FunctionToolset[Any]([roll], id='dice')
    calls = (LOOK, delete('a'), Call('roll', id='r1'))
    models = steps(calls, 'Done.', calls, (delete('b', 'd1'),), 'Done.')
    chats = make_registry(models, agent=files.agent, tools_for=lambda _: ToolsForRun(toolsets=(dice,)))
    live = chats.new()
    await live.decisions.allow(AllowedTool(agent='', tool='delete_file'), is_allowed=True)
    await asked_by(live, '')
    assert (states(live), files.deleted, runs) == ({'l1': 'ok', 'd1': 'ok', 'r1': 'ok'}, ['a'], ['roll'])

    await asked_by(live)
    assert set(states(live).values()) == {'needs-approval'}
    await approve(live, 'l1', 'd1')
    assert (files.deleted, runs) == (['a'], ['roll'])  # one is not decided yet
    await approve(live, 'r1')
    assert (files.deleted, runs) == (['a', 'a'], ['roll', 'roll'])
    assert live.turns[-1].state == 'needs-approval'  # for the next call, though it has the same id
    assert live.turns[-1].waiting[live.turns[-1].version_id].schemas.keys() == {'delete_file'}


async def test_a_tool_of_the_provider_is_not_given_to_the_run_of_a_guest() -> None:
    models = steps('Done.', 'Done.', 'Done.')
    live = make_registry(models, agent=capable()).new()
    for by in ('', 'Ann', ''):
        await asked_by(live, by)
    native = [info.model_request_parameters.native_tools for info in models.infos]
    assert [len(tools) for tools in native] == [1, 0, 1]


def chats_with(files: FileAgent, *said: Step, store: MemoryStore | None = None) -> ConversationRegistry:
    return make_registry(steps(*said), agent=files.agent, store=store)


async def test_whoever_goes_on_with_it_the_run_stays_that_of_the_guest() -> None:
    """The owner has it answered again, denies, goes on; only a prompt in words of their own is theirs."""
    files, store = FileAgent(), MemoryStore()
    looks = [(Call('look', id=f'l{number}'),) for number in range(9)]
    live = await asked_by(chats_with(files, *looks, store=store).new())
    assert states(live) == {'l0': 'needs-approval'}
    live.regenerate()
    await wait_until_answered(live)
    assert states(live) == {'l1': 'needs-approval'}
    await live.decisions.deny(live.turns[-1].id, 'l1', by='Host')
    await wait_until_answered(live)
    assert states(live)['l2'] == 'needs-approval'

    again = await chats_with(files, looks[3], looks[4], 'Done.', store=store).open(live.id)
    await approve(again, 'l2')
    assert states(again)['l3'] == 'needs-approval'
    again.edit(again.turns[-1].id, 'Look around.')
    await wait_until_answered(again)
    assert states(again) == {'l4': 'ok'}


async def test_an_answer_that_is_continued_still_belongs_to_the_guest() -> None:
    live = chats_with(FileAgent(), (LOOK,), ConnectionError('gone'), (Call('look', id='l2'),)).new()
    await asked_by(live)
    await live.decisions.deny(live.turns[-1].id, 'l1', by='Host')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'failed'
    live.continue_answer()
    await wait_until_answered(live)
    assert states(live) == {'l1': 'denied', 'l2': 'needs-approval'}


@pytest.mark.parametrize(('first', 'second', 'asks'), [('', 'Ann', True), ('Ann', '', False)])
async def test_a_prompt_of_the_queue_is_of_whoever_wrote_it(first: str, second: str, *, asks: bool) -> None:
    files = FileAgent()
    live = chats_with(files, 'Hello.', (LOOK,), 'Done.').new()
    live.send('Hello?', by=first)
    live.send('Look around.', by=second)
    await wait_until_answered(live)
    assert states(live) == {'l1': 'needs-approval' if asks else 'ok'}
