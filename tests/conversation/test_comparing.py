"""One question to several models at once: their answers stand side by side until one is gone on with."""

import asyncio
import shutil
from pathlib import Path

import pytest
from pydantic_ai import ModelResponse, TextPart
from pydantic_ai.exceptions import ModelConnectionError

from chat.conversation.content.branches import Version
from chat.conversation.content.comparison import (
    GROWING,
    OVER,
    ModelCountWrong,
    joined_answers,
    separated_answers,
)
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from chat.errors import ConversationBusy, TurnMissing
from chat.store.data_folder import open_store
from tests.conversation.approving import FileAgent, delete, steps
from tests.conversation.approving import registry as registry_of
from tests.conversation.exchanges import asked, shown
from tests.support.scripted import (
    FullStore,
    HeldScript,
    MemoryStore,
    ScriptedModels,
    failing,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)


def compared(live: LiveConversation) -> list[tuple[str, str, str]]:
    """The model, the text and the state of each answer that a page shows side by side."""
    return [(column.model, column.text, column.state) for column in live.turns[-1].compared]


def compare(live: LiveConversation, question: str, *models: str) -> None:
    live.comparing.choose(models)
    live.send(question)


async def reopened(live: LiveConversation, store: ConversationStorage) -> LiveConversation:
    """The same conversation as another process would read it."""
    return await registry_with(ScriptedModels(saying('')), store).open(live.id)


async def test_all_answer_at_once_and_one_is_gone_on_with(
    registry: ConversationRegistry, models: ScriptedModels, any_store: ConversationStorage
) -> None:
    """Each is a version of the same question; what is shown side by side survives a restart."""
    live = registry.new()
    await asked(live, models, ('Zero?', 'Zero.'))
    slow, quick = HeldScript('Left', then=' end'), saying('Right end')
    models.scripts = {'a': slow, 'b': quick}
    compare(live, 'One?', 'a', 'b')
    await wait_until(live, lambda: compared(live) == [('a', 'Left', 'streaming'), ('b', 'Right end', 'done')])
    assert live.is_running
    with pytest.raises(ConversationBusy):
        live.regenerate()
    slow.release.set()
    await wait_until_answered(live)
    both = [('a', 'Left end', 'done'), ('b', 'Right end', 'done')]
    assert compared(live) == both
    assert live.turns[-1].answer_version == Version(1, 2)
    assert compared(again := await reopened(live, any_store)) == both
    assert [column.usage.models for column in again.turns[-1].compared] == [('a',), ('b',)]

    await live.comparing.keep(live.turns[-1].id, 1, 'b')
    assert shown(live) == [('Zero?', 'Zero.'), ('One?', 'Right end')]
    assert (compared(live), live.metadata.model) == ([], 'b')
    assert live.turns[-1].answer_version == Version(2, 2)
    again = await reopened(live, any_store)
    assert (shown(again), compared(again)) == (shown(live), [])
    models.scripts = {}
    await asked(live, models, ('Two?', 'Second.'))
    assert compared(live) == []
    await live.switch(live.turns[1].id, 'answer', -1)
    assert shown(live) == [('Zero?', 'Zero.'), ('One?', 'Left end')]


async def test_one_is_stopped_alone_and_then_all_together(
    registry: ConversationRegistry, models: ScriptedModels, any_store: ConversationStorage
) -> None:
    live = registry.new()
    models.scripts = {name: HeldScript(name) for name in 'abc'}
    compare(live, 'One?', 'a', 'b', 'c')
    await wait_until(live, lambda: [text for _, text, _ in compared(live)] == ['a', 'b', 'c'])
    live.comparing.stop(live.turns[-1].id, 1, 'b')
    await wait_until(live, lambda: compared(live)[1] == ('b', 'b', 'stopped'))
    assert [state for _, _, state in compared(live)] == ['streaming', 'stopped', 'streaming']
    await live.stop()
    assert compared(live) == [(name, name, 'stopped') for name in 'abc']
    assert compared(await reopened(live, any_store)) == compared(live)
    with pytest.raises(TurnMissing):
        live.comparing.stop(live.turns[-1].id, 5, 'b')


async def test_one_that_fails_harms_no_other(
    registry: ConversationRegistry, models: ScriptedModels, any_store: ConversationStorage
) -> None:
    """What says nothing is no version, and says in its place why; the conversation goes on with the good."""
    live = registry.new()
    models.scripts = {'bad': failing(ModelConnectionError('bad', 'refused')), 'good': saying('Here.')}
    compare(live, 'One?', 'bad', 'good')
    await wait_until_answered(live)
    bad, good = (await reopened(live, any_store)).turns[-1].compared
    assert (bad.state, good.state, good.text) == ('failed', 'done', 'Here.')
    assert bad.failure == 'The connection was lost in the middle of the answer.'
    assert shown(live) == [('One?', 'Here.')]
    assert live.turns[-1].answer_version == Version(1, 1)
    with pytest.raises(TurnMissing):
        await live.comparing.keep(live.turns[-1].id, 0, 'bad')

    models.scripts['good'] = models.scripts['bad']
    compare(live, 'Two?', 'bad', 'good')
    await wait_until_answered(live)
    assert [column.state for column in live.turns[-1].compared] == ['failed', 'failed']
    assert live.turns[-1].state == 'failed'


async def test_the_queue_waits_for_all_and_a_guest_compares_nothing(
    registry: ConversationRegistry, models: ScriptedModels
) -> None:
    """What waits may be compared itself."""
    live = registry.new()
    slow = HeldScript('A')
    models.scripts = {'a': slow, 'b': saying('B')}
    live.comparing.choose(['a', 'b'])
    live.send('Of a guest?', by='Ada')
    await wait_until_answered(live)
    assert (compared(live), live.comparing.next_models) == ([], ('a', 'b'))
    live.send('One?')
    compare(live, 'Two?', 'b', 'c')
    await wait_until(live, lambda: compared(live)[1:] == [('b', 'B', 'done')])
    assert len(live.queue) == 1
    slow.release.set()
    await wait_until(live, lambda: len(live.turns) == 3 and not live.is_running)
    assert compared(live) == [('b', 'B', 'done'), ('c', 'Hi.', 'done')]
    assert 'compares' not in (live.turns[-1].prompt.metadata or {})


async def test_going_on_with_one_stops_the_others(
    registry: ConversationRegistry, models: ScriptedModels
) -> None:
    live = registry.new()
    models.scripts = {'a': HeldScript('Half'), 'b': saying('Whole.')}
    compare(live, 'One?', 'a', 'b')
    await wait_until(live, lambda: [state for _, _, state in compared(live)] == ['streaming', 'done'])
    await live.comparing.keep(live.turns[-1].id, 1, 'b')
    assert shown(live) == [('One?', 'Whole.')]
    await live.switch(live.turns[-1].id, 'answer', -1)
    assert (live.turns[-1].text, live.turns[-1].state) == ('Half', 'stopped')


@pytest.mark.parametrize('halts', [False, True])
async def test_the_queue_follows_the_answer_that_is_gone_on_with(
    registry: ConversationRegistry, models: ScriptedModels, halts: bool
) -> None:
    """At once, unless somebody has stopped all answers: then it waits, and follows that one all the same."""
    live = registry.new()
    models.scripts = {'a': HeldScript('Half'), 'b': saying('Whole.')}
    compare(live, 'One?', 'a', 'b')
    await wait_until(live, lambda: [state for _, _, state in compared(live)] == ['streaming', 'done'])
    live.send('Two?', turn_id='two')
    if halts:
        await live.stop()
    models.scripts['b'] = saying('After it.')
    await live.comparing.keep(live.turns[-1].id, 1, 'b')
    assert live.is_halted is halts
    if halts:
        live.send_now('two')
    await wait_until_answered(live)
    assert shown(live) == [('One?', 'Whole.'), ('Two?', 'After it.')]


async def test_a_question_that_was_answered_is_answered_again_by_several(
    registry: ConversationRegistry, models: ScriptedModels
) -> None:
    live = registry.new()
    await asked(live, models, ('One?', 'First.'))
    models.scripts = {'a': saying('A'), 'b': saying('B')}
    live.comparing.answer_again(live.turns[-1].id, ['a', 'b'])
    await wait_until_answered(live)
    assert compared(live) == [('a', 'A', 'done'), ('b', 'B', 'done')]
    assert live.turns[-1].answer_version == Version(2, 3)
    await live.switch(live.turns[-1].id, 'answer', -1)
    assert live.turns[-1].text == 'First.'
    for wrong in (['a'], ['a', 'a'], list('abcde')):
        with pytest.raises(ModelCountWrong):
            live.comparing.answer_again(live.turns[-1].id, wrong)
        with pytest.raises(ModelCountWrong):
            live.comparing.choose(wrong)


async def test_each_is_counted_with_its_model() -> None:
    """The usage of the conversation is the sum."""
    registry = registry_with(ScriptedModels(saying('Hi.')))
    live = registry.new()
    compare(live, 'One?', 'a', 'b')
    await wait_until_answered(live)
    left, right = (column.usage for column in live.turns[-1].compared)
    assert live.conversation.usage.output_tokens == (left.output or 0) + (right.output or 0) > 1
    assert live.conversation.usage.requests == 2
    assert {day.model for day in registry.ledger.days} == {'a', 'b'}


async def test_a_call_in_one_of_them_waits_until_that_is_gone_on_with() -> None:
    """Nothing is done twice: of several that would do it, the one that is chosen asks."""
    files = FileAgent()
    models = steps((delete('a'),), 'It is gone.')
    models.scripts = {'talks': saying('Do it yourself.')}
    live = registry_of(files, models).new()
    compare(live, 'Delete a', 'talks', 'acts')
    await wait_until_answered(live)
    assert [column.state for column in live.turns[-1].compared] == ['done', 'needs-approval']
    turn_id = live.turns[-1].id
    await live.comparing.keep(turn_id, 1, 'acts')
    await live.decisions.approve(turn_id, 'd1', by='Host')
    await wait_until_answered(live)
    assert (files.deleted, live.turns[-1].text) == (['a'], 'It is gone.')


async def test_what_is_under_way_is_in_a_checkpoint() -> None:
    store, models = MemoryStore(), ScriptedModels(saying('Whole'))
    models.scripts = {'a': HeldScript('Half')}
    live = registry_with(models, store).new()
    compare(live, 'One?', 'a', 'b')
    await wait_until(live, lambda: [text for _, text, _ in compared(live)] == ['Half', 'Whole'])
    store.checkpointed.clear()
    live.changed.notify()
    await store.checkpointed.wait()
    (left, left_state), (right, right_state) = separated_answers(store.checkpoints[live.id])
    assert [(left_state, left[0].parts), (right_state, right[0].parts)] == [
        (GROWING, [TextPart('Half')]),
        (OVER, [TextPart('Whole')]),
    ]
    await live.stop()


async def test_a_fork_compares_nothing(
    registry: ConversationRegistry, models: ScriptedModels, any_store: ConversationStorage
) -> None:
    """Not even what has failed in the chat from which it comes."""
    live = registry.new()
    bad = failing(ModelConnectionError('bad', 'refused'))
    models.scripts = {'a': saying('A'), 'b': bad, 'c': bad}
    compare(live, 'One?', 'a', 'b', 'c')
    await wait_until_answered(live)
    fork = await registry.fork(live, live.turns[-1].answer_entry_id)
    for each in (fork, await reopened(fork, any_store)):
        assert (shown(each), compared(each)) == ([('One?', 'A')], [])
    assert len(compared(live)) == 3


async def test_each_keeps_what_it_has_said_when_the_process_dies(tmp_path: Path) -> None:
    """A checkpoint of several answers becomes as many versions with the next start."""
    folder = await open_store(tmp_path / 'running')
    live = registry_with(ScriptedModels(saying('Hi.')), folder.conversations).new()
    live.send('One?')
    await wait_until_answered(live)
    said = [ModelResponse(parts=[TextPart(text)]) for text in ('Half', 'Whole')]
    await folder.conversations.write_checkpoint(
        live.id, joined_answers([([said[0]], GROWING), ([], GROWING), ([said[1]], OVER)])
    )
    await asyncio.to_thread(shutil.copytree, tmp_path / 'running', tmp_path / 'killed')
    await folder.close()
    folder = await open_store(tmp_path / 'killed')
    entries = await folder.conversations.read_record(live.id)
    assert entries
    tips = [entries.head_id, *entries.branches]
    ends = [(await folder.conversations.read_entry(tip)).message for tip in tips if tip]
    assert [(message.parts[0], message.state) for message in ends if isinstance(message, ModelResponse)] == [
        (TextPart('Half'), 'interrupted'),
        (TextPart('Whole'), 'complete'),
    ]
    await folder.close()


async def test_on_a_full_disk_all_are_there_and_stored_once_there_is_room() -> None:
    store, models = FullStore(), ScriptedModels(saying('Hi.'))
    slow = HeldScript('A')
    models.scripts = {'a': slow, 'b': saying('B')}
    live = registry_with(models, store).new()
    compare(live, 'One?', 'a', 'b')
    await wait_until(live, lambda: compared(live)[1:] == [('b', 'B', 'done')])
    store.is_full = True
    slow.release.set()
    await wait_until_answered(live)
    assert [text for _, text, _ in compared(live)] == ['A', 'B']
    assert 'No space left' in str(live.turns[-1].failure)
    store.is_full = False
    models.scripts = {}
    await asked(live, models, ('Two?', 'Second.'))
    again = await reopened(live, store)
    assert shown(again) == [('One?', 'A'), ('Two?', 'Second.')]
    await again.switch(again.turns[0].id, 'answer', 1)
    assert again.turns[0].text == 'B'


async def test_a_temporary_chat_is_kept_with_all_of_them(tmp_path: Path) -> None:
    """Also while they are under way: nothing is on the disk before."""
    folder = await open_store(tmp_path)
    models, slow = ScriptedModels(saying('B')), HeldScript('A', then='!')
    models.scripts = {'a': slow}
    registry = registry_with(models, folder.conversations)
    live = registry.new()
    registry.temporary.begin(live)
    compare(live, 'One?', 'a', 'b')
    await wait_until(live, lambda: [text for _, text, _ in compared(live)] == ['A', 'B'])
    assert folder.catalog.summaries == []
    await registry.keep(live, folder.attachments, folder.drafts)
    slow.release.set()
    await wait_until_answered(live)
    again = await reopened(live, folder.conversations)
    assert compared(again) == compared(live) == [('a', 'A!', 'done'), ('b', 'B', 'done')]
    await registry.close()
    await folder.close()
