"""One live object per conversation, whoever looks, and for how long."""

import asyncio
import gc
from dataclasses import replace

import pytest
from pydantic_ai import ModelResponse, TextPart

from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.errors import ConversationNotFound
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    preferences_store,
    prompts,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)
from tests.support.timeouts import WAIT_TIMEOUT


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
    registry = registry_with(ScriptedModels(saying('Hi')), store)
    one, other = await asyncio.gather(registry.open(first.id), registry.open(first.id))
    assert one is other
    with pytest.raises(ConversationNotFound):
        await registry.open('unknown')


async def test_a_run_goes_on_when_nobody_looks() -> None:
    speech = HeldScript('one ', then='two')
    registry = registry_with(ScriptedModels(speech))
    conversation_id = _asked(registry.new()).id
    gc.collect()
    assert registry.running == {conversation_id}
    speech.release.set()
    while registry.running:
        await registry.activity.wait()
    assert (await registry.open(conversation_id)).turns[-1].text == 'one two'


async def test_closing_stops_every_run_and_keeps_what_was_said() -> None:
    store = MemoryStore()
    registry = registry_with(ScriptedModels(HeldScript('so far')), store)
    lives = [_asked(registry.new()) for _ in range(3)]
    for live in lives:
        await wait_until(live, lambda live=live: live.turns[-1].text == 'so far')
    await registry.close()
    assert registry.running == frozenset()
    for live in lives:
        last = (await store.load_entries(live.id) or [])[-1].message
        assert isinstance(last, ModelResponse)
        assert last.parts == [TextPart('so far')]


async def test_a_conversation_is_closed_when_nobody_holds_it_any_more() -> None:
    """At once, not when garbage is collected some day: it may be long."""
    preferences = preferences_store(Preferences(refines_titles=False))
    registry = registry_with(ScriptedModels(saying('Hi')), preferences=preferences)
    live = registry.new()
    live.send('Hello')
    await wait_until_answered(live)
    conversation_id = live.id
    del live
    await asyncio.sleep(0)  # the task of the answer ends
    assert registry.get(conversation_id) is None


class HeldStore(MemoryStore):
    """A store that goes on only when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.release = asyncio.Event()
        self.release.set()
        self.begun = asyncio.Event()

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        self.begun.set()
        await self.release.wait()
        await super().write_metadata(conversation_id, metadata)


async def test_closing_waits_for_a_branch_that_is_being_shown() -> None:
    """Also for the second of two, and when their pages have gone: what memory shows is what is stored."""
    store = HeldStore()
    registry = registry_with(ScriptedModels(saying('Hi')), store)
    live = _asked(registry.new())
    await wait_until_answered(live)
    live.regenerate()
    await wait_until_answered(live)
    turn_id = live.turns[0].id
    store.begun.clear()
    store.release.clear()
    pages = [asyncio.create_task(live.switch(turn_id, 'answer', -1)) for _ in range(2)]
    await store.begun.wait()
    assert all(page.cancel() for page in pages)
    await asyncio.gather(*pages, return_exceptions=True)
    changed, told, conversation_id = live.changed, live.changed.count, live.id
    del live, pages
    gc.collect()
    assert registry.get(conversation_id), 'nobody can open it a second time meanwhile'
    asyncio.get_running_loop().call_later(0.01, store.release.set)
    await registry.close()
    assert changed.count == told + 2, 'both were shown to the end'
    shown = await registry_with(ScriptedModels(saying('Hi')), store).open(conversation_id)
    assert shown.turns[0].answer_version.number == 1


class CuriousStore(MemoryStore):
    """A store in which somebody opens a conversation just before its metadata is written."""

    registry: ConversationRegistry
    early: LiveConversation

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        self.early = await self.registry.open(conversation_id)
        await super().write_metadata(conversation_id, metadata)


async def test_who_opens_a_fork_early_sees_its_title_too() -> None:
    store = CuriousStore()
    store.registry = registry_with(ScriptedModels(saying('Hi')), store)
    live = _asked(store.registry.new())
    await wait_until_answered(live)
    fork = await store.registry.fork(live, live.turns[0].answer_entry_id)
    assert fork is store.early
    assert fork.metadata == await store.read_metadata(fork.id)
    assert fork.metadata.title == 'Go (fork)'


def _asked(live: LiveConversation) -> LiveConversation:
    live.send('Go')
    return live


async def test_what_has_to_be_finished_before_it_is_closed() -> None:
    """An answer under way and a temporary chat; of a team, that keeps open what somebody has who has left."""
    speech = HeldScript('Hi')
    registry = registry_with(
        ScriptedModels(speech), MemoryStore(), preferences_store(Preferences(refines_titles=False))
    )
    live = registry.new()
    assert not registry.is_busy
    live.send('Hello')
    assert registry.is_busy
    speech.release.set()
    await wait_until_answered(live)
    async with asyncio.timeout(WAIT_TIMEOUT):
        while registry.is_busy:
            await registry.activity.wait()
    temporary = registry.new()
    registry.temporary.begin(temporary)
    temporary.send('Between us')
    await wait_until_answered(temporary)
    assert registry.is_busy
    await registry.delete(temporary.id)
    assert not registry.is_busy
    await registry.close()
