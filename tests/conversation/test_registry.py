"""One live object per conversation, whoever looks, and for how long."""

import asyncio
import gc
from dataclasses import replace

import pytest
from pydantic_ai import ModelResponse, TextPart

from chat.conversation.live import LiveConversation
from chat.errors import ConversationNotFound
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    prompts,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)


async def test_a_conversation_is_opened_again_as_it_was() -> None:
    store = MemoryStore()
    before = registry_with(ScriptedModels(saying('Hi')), store)
    live = before.new()
    await live.update_metadata(lambda metadata: replace(metadata, model='other'))
    live.send('Hello')
    await wait_until_answered(live)
    live.send('Stop me')
    await live.stop()
    models = ScriptedModels(saying('Again'))
    after = await registry_with(models, store).open(live.id)
    assert [turn.state for turn in after.turns] == ['done', 'stopped']
    assert (after.metadata.title, after.metadata.model) == ('Hello', 'other')
    after.send('Still there?')
    await wait_until_answered(after)
    assert prompts(models.requests[-1]) == ['Hello', 'Stop me', 'Still there?']


async def test_a_question_that_was_cut_off_can_be_retried() -> None:
    """The process ended before the first word: the turn says so, and nothing runs by itself."""
    store, speech = MemoryStore(), HeldScript()
    before = registry_with(ScriptedModels(speech), store)
    live = before.new()
    live.send('Are you there?')
    await speech.begun.wait()
    models = ScriptedModels(saying('Yes.'))
    after = await registry_with(models, store).open(live.id)
    assert (after.turns[-1].state, after.is_running) == ('failed', False)
    after.regenerate()
    await wait_until_answered(after)
    assert after.turns[-1].text == 'Yes.'
    await before.close()


async def test_everyone_looks_at_the_same_conversation() -> None:
    store = MemoryStore()
    first = registry_with(ScriptedModels(saying('Hi')), store).new()
    first.send('Hello')
    await wait_until_answered(first)
    opened = registry_with(ScriptedModels(saying('Hi')), store)
    one, other = await asyncio.gather(opened.open(first.id), opened.open(first.id))
    assert one is other
    with pytest.raises(ConversationNotFound):
        await opened.open('unknown')


async def test_a_run_goes_on_when_nobody_looks() -> None:
    speech = HeldScript('one ', then='two')
    opened = registry_with(ScriptedModels(speech))
    conversation_id = _asked(opened.new()).id
    gc.collect()
    assert opened.running == {conversation_id}
    speech.release.set()
    while opened.running:
        await opened.activity.wait()
    assert (await opened.open(conversation_id)).turns[-1].text == 'one two'


async def test_closing_stops_every_run_and_keeps_what_was_said() -> None:
    store = MemoryStore()
    opened = registry_with(ScriptedModels(HeldScript('so far')), store)
    lives = [_asked(opened.new()) for _ in range(3)]
    for live in lives:
        await wait_until(live, lambda live=live: live.turns[-1].text == 'so far')
    await opened.close()
    assert opened.running == frozenset()
    for live in lives:
        last = (await store.load_entries(live.id) or [])[-1].message
        assert isinstance(last, ModelResponse)
        assert last.parts == [TextPart('so far')]


def _asked(live: LiveConversation) -> LiveConversation:
    live.send('Go')
    return live
