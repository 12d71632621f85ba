"""A tool that needs a person: the run ends and waits, and goes on once everything is decided."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai import (
    Agent,
    DeferredToolRequests,
    DeferredToolResults,
    ModelMessage,
    ModelResponse,
    ModelRetry,
    RunContext,
    ToolCallPart,
)
from pydantic_ai.capabilities import HandleDeferredToolCalls
from pydantic_ai.exceptions import ApprovalRequired
from pydantic_ai.models.function import DeltaToolCall, DeltaToolCalls, FunctionModel

from chat.conversation.content.messages import CONTINUATION_PROMPT
from chat.conversation.storage import ConversationStorage
from chat.errors import ArgumentsInvalid, DecisionMade
from chat.file_difference import difference_of
from tests.conversation.approving import (
    Call,
    FileAgent,
    asked,
    calls_of,
    delete,
    history,
    registry,
    states,
    steps,
)
from tests.support.scripted import ScriptedModels, wait_until, wait_until_answered


@pytest.fixture
def files() -> FileAgent:
    return FileAgent()


async def test_a_call_waits_and_runs_when_it_is_approved(
    files: FileAgent, any_store: ConversationStorage
) -> None:
    models = steps((delete('a'),), 'Done.')
    live = await asked(registry(files, models, any_store).new())
    turn = live.turns[-1]
    assert (turn.state, states(live), files.deleted) == ('needs-approval', {'d1': 'needs-approval'}, [])
    record = await any_store.read_record(live.id)
    assert record
    assert record.deferred_tool_requests  # other programs see it as well
    await live.decisions.approve(turn.id, 'd1', by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].state, live.turns[-1].text, files.deleted) == ('done', 'Done.', ['a'])
    call = calls_of(live)['d1']
    assert call.approval
    assert call.approval.decision
    assert (call.approval.decision.by, call.state(is_running=False)) == ('Host', 'ok')
    record = await any_store.read_record(live.id)
    assert record
    assert record.deferred_tool_requests is None


async def test_a_call_without_arguments_is_kept(files: FileAgent) -> None:
    live = await asked(registry(files, steps((Call('clean_up'),), 'Clean.')).new())
    assert states(live) == {'d1': 'needs-approval'}
    await live.decisions.approve(live.turns[-1].id, 'd1', arguments={}, by='Host')
    await wait_until_answered(live)
    assert files.deleted == ['*']


async def test_edited_arguments_reach_the_tool_and_the_model(files: FileAgent) -> None:
    models = steps((delete('a'),), 'Done.')
    live = await asked(registry(files, models).new())
    await live.decisions.approve(live.turns[-1].id, 'd1', arguments={'path': 'A2'}, by='Host')
    await wait_until_answered(live)
    assert files.deleted == ['A2']
    assert history(models.requests[-1])[-2:] == [
        'delete_file success: deleted A2',
        'user: I changed the arguments of delete_file before I approved it; it ran with {"path":"A2"}.',
    ]
    call = calls_of(live)['d1']
    assert call.request.args == '{"path": "a"}'
    assert call.approval
    assert call.approval.decision
    assert call.approval.decision.arguments == {'path': 'A2'}
    assert len(live.turns) == 1  # the note begins no turn


async def test_wrong_arguments_are_no_decision(files: FileAgent) -> None:
    live = await asked(registry(files, steps((delete('a'),))).new())
    turn_id = live.turns[-1].id
    for arguments, sentences in (
        ({'path': 7}, {'path': 'It must be a text.'}),
        ({}, {'path': 'This is needed.'}),
        ({'path': 'a', 'force': True}, {'': 'There is no such argument: “force”.'}),
    ):
        with pytest.raises(ArgumentsInvalid) as raised:
            await live.decisions.approve(turn_id, 'd1', arguments=arguments, by='Host')
        assert raised.value.sentences == sentences
    assert states(live) == {'d1': 'needs-approval'}
    assert not live.metadata.waiting[live.turns[-1].version_id].decisions


async def test_three_calls_are_decided_one_by_one_and_resumed_once(files: FileAgent) -> None:
    """One edited, one denied, one answered from elsewhere; then the run asks again."""
    models = steps(
        (Call('look', id='l1'), delete('a'), delete('b', 'd2'), Call('measure', id='m1')),
        (delete('c', 'd3'),),
        'Done.',
    )
    live = await asked(registry(files, models).new())
    turn_id, decisions = live.turns[-1].id, live.decisions
    assert states(live) == {
        'l1': 'ok',
        'd1': 'needs-approval',
        'd2': 'needs-approval',
        'm1': 'needs-approval',
    }
    await decisions.approve(turn_id, 'd1', arguments={'path': 'A2'}, by='Host')
    await decisions.deny(turn_id, 'd2', by='Host')
    await decisions.take_back(turn_id, 'd2')
    await decisions.deny(turn_id, 'd2', reason='Keep it.', by='Phone')
    assert states(live) == {'l1': 'ok', 'd1': 'decided', 'd2': 'decided', 'm1': 'needs-approval'}
    assert (live.is_running, len(models.requests), files.deleted) == (False, 1, [])
    await decisions.answer(turn_id, 'm1', {'metres': 3}, by='Host')
    await wait_until_answered(live)
    assert states(live) == {'l1': 'ok', 'd1': 'ok', 'd2': 'denied', 'm1': 'ok', 'd3': 'needs-approval'}
    assert history(models.requests[1])[-4:] == [
        'delete_file success: deleted A2',
        'delete_file denied: Keep it.',
        "measure success: {'metres': 3}",
        'user: I changed the arguments of delete_file before I approved it; it ran with {"path":"A2"}.',
    ]
    await decisions.approve(turn_id, 'd3', by='Host')
    await wait_until_answered(live)
    assert (files.deleted, live.turns[-1].state) == (['A2', 'c'], 'done')
    with pytest.raises(DecisionMade):
        await decisions.take_back(turn_id, 'd1')


async def test_a_question_is_answered_and_another_is_not(files: FileAgent) -> None:
    models = steps(
        (Call('ask', {'question': 'Which?'}, 'q1'), Call('ask', {'question': 'Why?'}, 'q2')), 'I see.'
    )
    live = await asked(registry(files, models).new())
    turn_id, question = live.turns[-1].id, calls_of(live)['q1'].approval
    assert question
    assert (question.kind, question.details) == ('question', {'reason': 'Which?'})
    with pytest.raises(DecisionMade):
        await live.decisions.approve(turn_id, 'q1', by='Host')
    await live.decisions.answer(turn_id, 'q1', 'This one.', by='Host')
    await live.decisions.deny(turn_id, 'q2', reason='Never mind.', by='Host')
    await wait_until_answered(live)
    assert history(models.requests[1])[-2:] == ['ask success: This one.', 'ask failed: Never mind.']


async def test_the_first_of_two_decisions_wins(files: FileAgent) -> None:
    models = steps((delete('a'),), 'Done.')
    live = await asked(registry(files, models).new())
    turn_id = live.turns[-1].id
    results = await asyncio.gather(
        live.decisions.approve(turn_id, 'd1', by='Host'),
        live.decisions.deny(turn_id, 'd1', by='Phone'),
        return_exceptions=True,
    )
    await wait_until_answered(live)
    assert [type(result).__name__ for result in results] == ['NoneType', 'ConversationBusy']
    assert (files.deleted, len(models.requests)) == (['a'], 2)


async def test_decisions_outlast_the_process(files: FileAgent, any_store: ConversationStorage) -> None:
    models = steps((delete('a'), delete('b', 'd2')), 'Done.')
    live = await asked(registry(files, models, any_store).new())
    await live.decisions.approve(live.turns[-1].id, 'd1', arguments={'path': 'A2'}, by='Host')
    again = await registry(files, models, any_store).open(live.id)
    assert states(again) == {'d1': 'decided', 'd2': 'needs-approval'}
    await again.decisions.deny(again.turns[-1].id, 'd2', by='Phone')
    await wait_until_answered(again)
    assert (files.deleted, again.turns[-1].state) == (['A2'], 'done')
    third = await registry(files, models, any_store).open(live.id)
    (waiting,) = third.metadata.waiting.values()
    assert {known: (each.kind, each.by) for known, each in waiting.decisions.items()} == {
        'd1': ('approved', 'Host'),
        'd2': ('denied', 'Phone'),
    }


async def test_another_answer_and_back_it_waits_still(
    files: FileAgent, any_store: ConversationStorage
) -> None:
    """With the decisions that were made; nothing has run meanwhile."""
    models = steps((delete('a'), delete('b', 'd2')), 'Rather not.', 'Done.')
    live = await asked(registry(files, models, any_store).new())
    turn_id = live.turns[-1].id
    await live.decisions.approve(turn_id, 'd1', by='Host')
    live.regenerate(turn_id)
    await wait_until_answered(live)
    assert (live.turns[-1].text, live.turns[-1].state) == ('Rather not.', 'done')
    await live.switch(turn_id, 'answer', -1)
    assert (live.turns[-1].state, states(live)) == (
        'needs-approval',
        {'d1': 'decided', 'd2': 'needs-approval'},
    )
    record = await any_store.read_record(live.id)
    assert record
    assert record.deferred_tool_requests
    await live.decisions.deny(turn_id, 'd2', by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].text, files.deleted) == ('Done.', ['a'])


async def test_a_new_prompt_leaves_what_waits(files: FileAgent) -> None:
    models = steps((delete('a'),), 'Fine, it stays.')
    live = await asked(registry(files, models).new())
    first = live.turns[-1].id
    await asked(live, 'Never mind.')
    assert [turn.state for turn in live.turns] == ['stopped', 'done']
    assert history(models.requests[1])[-2:] == [
        'delete_file interrupted: This did not run: it was neither approved nor denied before the '
        'conversation went on.',
        'user: Never mind.',
    ]
    with pytest.raises(DecisionMade):
        await live.decisions.approve(first, 'd1', by='Host')
    assert files.deleted == []


async def test_the_queue_waits_for_the_person(files: FileAgent) -> None:
    models = steps((delete('a'),), 'Done.', 'The next.')
    live = registry(files, models).new()
    live.send('Clean up.')
    live.send('And then?')
    await wait_until_answered(live)
    assert (len(live.turns), len(live.queue), live.is_halted) == (1, 1, True)
    await live.decisions.approve(live.turns[-1].id, 'd1', by='Host')
    await wait_until(live, lambda: len(live.turns) == 2 and not live.is_running)
    assert (live.turns[-1].text, files.deleted) == ('The next.', ['a'])


async def test_what_tools_returned_is_kept_if_the_provider_then_fails(files: FileAgent) -> None:
    """And the answer goes on from there: nothing runs twice."""
    models = steps((delete('a'),), RuntimeError('gone'), 'Done.')
    live = await asked(registry(files, models).new())
    await live.decisions.approve(live.turns[-1].id, 'd1', by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].state, states(live)) == ('failed', {'d1': 'ok'})
    assert live.turns[-1].can_continue
    live.continue_answer()
    await wait_until_answered(live)
    assert (live.turns[-1].text, live.turns[-1].state, files.deleted) == ('Done.', 'done', ['a'])


def validated() -> Agent[None, str]:
    agent: Agent[None, str] = Agent()

    @agent.output_validator
    def polite(words: str) -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        if 'please' not in words:
            raise ModelRetry('Say please.')
        return words

    return agent


@pytest.mark.parametrize('agent', [validated(), Agent(output_type=[str, DeferredToolRequests])])
async def test_whatever_the_output_of_an_agent_is_it_waits(agent: Agent[None, str]) -> None:
    files = FileAgent(agent)
    live = await asked(registry(files, steps((delete('a'),), 'Done, please.')).new())
    assert live.turns[-1].state == 'needs-approval'
    await live.decisions.approve(live.turns[-1].id, 'd1', by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].state, files.deleted) == ('done', ['a'])


async def test_the_handler_of_the_agent_is_asked_first() -> None:
    """What it allows runs at once, and the rest waits."""

    def handler(_: RunContext[Any], requests: DeferredToolRequests) -> DeferredToolResults:
        easy = [call.tool_call_id for call in requests.approvals if 'tmp' in str(call.args)]
        return requests.build_results(approvals=dict.fromkeys(easy, True))

    agent: Agent[None, str] = Agent(capabilities=[HandleDeferredToolCalls(handler)])
    files = FileAgent(agent)
    live = await asked(registry(files, steps((delete('tmp'), delete('b', 'd2')), 'Done.')).new())
    assert (files.deleted, states(live)) == (['tmp'], {'d1': 'ok', 'd2': 'needs-approval'})
    await live.decisions.approve(live.turns[-1].id, 'd2', by='Host')
    await wait_until_answered(live)
    assert files.deleted == ['tmp', 'b']


async def test_a_tool_is_allowed_for_this_chat(files: FileAgent) -> None:
    """The calls of it that wait are approved, too, and the next ones need nobody."""
    models = steps(
        (delete('a'), delete('b', 'd2')), 'Done.', (delete('c', 'd3'),), 'Done.', (delete('d', 'd4'),)
    )
    live = await asked((chats := registry(files, models)).new())
    await live.decisions.approve(live.turns[-1].id, 'd1', scope='chat', by='Host')
    await wait_until_answered(live)
    assert (states(live), sorted(files.deleted)) == ({'d1': 'ok', 'd2': 'ok'}, ['a', 'b'])
    await asked(live, 'More.')
    assert (states(live), files.deleted[2:]) == ({'d3': 'ok'}, ['c'])
    assert calls_of(live)['d3'].allowed == 'chat'
    assert (await asked(chats.new())).turns[-1].state == 'needs-approval'  # not in another one


async def test_a_call_with_a_difference_is_not_approved_with_another(files: FileAgent) -> None:
    """Nobody has looked at it; the tool tells of a difference for a file that is there."""
    difference = difference_of('old', 'new', folder='/notes', path='b', digests=('1', '2'))

    @files.agent.tool
    def write(ctx: RunContext[None], path: str) -> str:  # pyright: ignore[reportUnusedFunction]  # the agent calls it
        if not ctx.tool_call_approved:
            raise ApprovalRequired(difference.details if path == 'b' else {})
        return 'written'

    calls = tuple(Call('write', {'path': path}, path) for path in 'abc')
    live = await asked(registry(files, steps(calls, 'Done.')).new())
    await live.decisions.approve(live.turns[-1].id, 'a', scope='chat', by='Host')
    assert states(live) == {'a': 'decided', 'b': 'needs-approval', 'c': 'decided'}


async def test_a_tool_is_allowed_everywhere_but_not_for_guests(files: FileAgent) -> None:
    models = steps((delete('a'),), 'Done.', (delete('b'),), 'Done.', (delete('c'), delete('d', 'd2')))
    live = await asked((chats := registry(files, models)).new())
    await live.decisions.approve(live.turns[-1].id, 'd1', scope='everywhere', by='Host')
    await wait_until_answered(live)
    other = await asked(chats.new())
    assert (files.deleted, calls_of(other)['d1'].allowed) == (['a', 'b'], 'everywhere')
    guests = chats.new()
    guests.send('Clean up.', by='Gina')
    await wait_until_answered(guests)
    assert (states(guests), files.deleted) == (dict.fromkeys(('d1', 'd2'), 'needs-approval'), ['a', 'b'])
    await guests.decisions.approve(guests.turns[-1].id, 'd1', scope='everywhere', by='Host')
    assert states(guests) == {'d1': 'decided', 'd2': 'needs-approval'}


async def test_what_was_interrupted_is_not_run_when_the_answer_is_continued(files: FileAgent) -> None:
    """The call was written, and then the answer was stopped."""
    begun, release = asyncio.Event(), asyncio.Event()

    async def script(_: list[ModelMessage]) -> AsyncIterator[str | DeltaToolCalls]:
        if len(models.requests) > 1:
            yield 'the end.'
            return
        yield 'Let me see. '
        yield {1: DeltaToolCall('clean_up', '{}', tool_call_id='d1')}
        yield {2: DeltaToolCall('look', '{}', tool_call_id='l1')}
        begun.set()
        await release.wait()

    models = ScriptedModels(script)  # pyright: ignore[reportArgumentType]  # which yields calls of tools as well
    live = registry(files, models).new()
    live.send('Clean up.')
    await begun.wait()
    await live.stop()
    assert states(live) == {'d1': 'stopped', 'l1': 'stopped'}
    live.continue_answer()
    await wait_until_answered(live)
    assert (live.turns[-1].state, files.deleted) == ('done', [])
    assert history(models.requests[1])[-3:] == [
        'clean_up interrupted: This was interrupted before it returned.',
        'look interrupted: This was interrupted before it returned.',
        f'user: {CONTINUATION_PROMPT}',
    ]


async def test_no_way_of_going_on_runs_what_was_not_approved(files: FileAgent) -> None:
    models = steps((Call('look', id='l1'), delete('a')), 'Again.', 'More.', 'And more.')
    live = await asked(registry(files, models).new())
    turn_id = live.turns[-1].id
    live.continue_answer()  # there is nothing to continue
    assert not live.is_running
    live.edit(turn_id, 'Clean up, please.')
    await wait_until_answered(live)
    await live.switch(turn_id := live.turns[-1].id, 'question', -1)
    assert live.turns[-1].state == 'needs-approval'
    live.regenerate()
    await wait_until_answered(live)
    await live.switch(live.turns[-1].id, 'answer', -1)
    await asked(live, 'Well?')
    assert files.deleted == []


async def test_what_another_program_has_stored_waits_here_too(
    files: FileAgent, any_store: ConversationStorage
) -> None:
    """A run of pydantic-ai's own, with its store."""
    models = steps('Done.')
    model = FunctionModel(
        lambda _, __: ModelResponse(parts=[ToolCallPart('delete_file', {'path': 'a'}, tool_call_id='d1')])
    )
    result = await files.agent.run('Clean up.', model=model, output_type=[str, DeferredToolRequests])
    assert isinstance(result.output, DeferredToolRequests)
    await any_store.save(result.conversation)
    live = await registry(files, models, any_store).open(result.conversation_id)
    assert states(live) == {'d1': 'needs-approval'}
    await live.decisions.approve(live.turns[-1].id, 'd1', by='Host')
    await wait_until_answered(live)
    assert (live.turns[-1].state, files.deleted) == ('done', ['a'])


async def test_what_waits_goes_with_its_answer_also_on_a_branch_that_is_not_shown(
    files: FileAgent, any_store: ConversationStorage
) -> None:
    """The arguments of a call are words of the conversation; those of calls that are left stay."""
    models = steps('Hi.', (delete('secret.txt'),), 'Well.', 'Hi again.', (delete('b.txt'),), 'Done.')
    live = await asked(registry(files, models, any_store).new(), 'Hello')
    await asked(live, 'Clean up.')
    live.edit(live.turns[1].id, 'Or rather')
    await wait_until_answered(live)
    live.regenerate(live.turns[0].id)
    await wait_until_answered(live)
    await asked(live, 'Clean up.')
    await live.switch(live.turns[0].id, 'answer', -1)
    assert [turn.text for turn in live.turns] == ['Hi.', 'Well.']
    await live.delete_version(live.turns[0].id, 'answer', live.turns[0].answer_entry_id)
    stored = await any_store.read_metadata(live.id)
    assert [call.args for waiting in stored.waiting.values() for call in waiting.calls] == [
        '{"path": "b.txt"}'
    ]
    await live.decisions.approve(live.turns[1].id, 'd1', by='Host')
    await wait_until_answered(live)
    assert (live.turns[1].text, files.deleted) == ('Done.', ['b.txt'])


async def test_a_decision_holds_in_one_conversation(files: FileAgent, any_store: ConversationStorage) -> None:
    """A fork asks again: else what was allowed once would run in both."""
    models = steps((delete('a'), delete('b', 'd2')), 'Done.', 'Done too.')
    conversations = registry(files, models, any_store)
    live = await asked(conversations.new())
    turn = live.turns[0]
    await live.decisions.approve(turn.id, 'd1', by='Host')
    fork = await conversations.fork(live, turn.answer_entry_id)
    assert states(fork) == {'d1': 'needs-approval', 'd2': 'needs-approval'}
    await live.decisions.approve(turn.id, 'd2', by='Host')
    await wait_until_answered(live)
    assert sorted(files.deleted) == ['a', 'b']
    for call_id in ('d1', 'd2'):
        await fork.decisions.deny(fork.turns[0].id, call_id, reason='', by='Host')
    await wait_until_answered(fork)
    assert (fork.turns[0].text, sorted(files.deleted)) == ('Done too.', ['a', 'b'])
