"""What is kept besides the messages, whoever changes it: names, pins, and what nobody has read yet."""

import pytest

from chat.errors import ConversationNotFound
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    pinned,
    registry_with,
    saying,
    wait_until_answered,
)


async def test_an_open_conversation_is_changed_where_it_is_open() -> None:
    store = MemoryStore()
    registry = registry_with(ScriptedModels(saying('Hi')), store)
    live = registry.new()
    live.send('Hello')
    await wait_until_answered(live)
    seen = live.changed.count
    await registry.update_metadata(live.id, pinned)
    assert live.metadata.is_pinned
    assert live.changed.count > seen
    assert (await store.read_metadata(live.id)).is_pinned
    live.send('Again')
    await wait_until_answered(live)
    assert (await store.read_metadata(live.id)).is_pinned


async def test_one_that_is_not_open_is_changed_in_the_store() -> None:
    store = MemoryStore()
    live = registry_with(ScriptedModels(saying('Hi')), store).new()
    live.send('Hello')
    await wait_until_answered(live)
    await registry_with(ScriptedModels(saying('Hi')), store).update_metadata(live.id, pinned)
    assert (await store.read_metadata(live.id)).is_pinned


async def test_an_unknown_one_cannot_be_changed() -> None:
    with pytest.raises(ConversationNotFound):
        await registry_with(ScriptedModels(saying('Hi'))).update_metadata('nowhere', pinned)


async def test_what_is_the_same_is_not_told_anew() -> None:
    live = registry_with(ScriptedModels(saying('Hi'))).new()
    await live.update_metadata(pinned)
    seen = live.changed.count
    await live.update_metadata(pinned)
    assert live.changed.count == seen


async def test_an_answer_that_nobody_saw_is_unread_until_somebody_looks() -> None:
    live = registry_with(ScriptedModels(saying('Hi'))).new()
    live.send('Hello')
    await wait_until_answered(live)
    assert live.metadata.is_unread
    page = object()
    await live.add_viewer(page)
    assert not live.metadata.is_unread
    live.send('Again')
    await wait_until_answered(live)
    assert not live.metadata.is_unread
    live.remove_viewer(page)
    live.send('And again')
    await wait_until_answered(live)
    assert live.metadata.is_unread


async def test_deleting_ends_the_answer_and_keeps_what_it_said() -> None:
    speech = HeldScript('So far', then=' and more')
    store = MemoryStore()
    registry = registry_with(ScriptedModels(speech), store)
    live = registry.new()
    live.send('Hello')
    await speech.begun.wait()
    await registry.delete(live.id)
    assert speech.closed.is_set()
    assert not registry.running
    assert registry.get(live.id) is None
    assert live.turns[-1].state == 'stopped'
    with pytest.raises(ConversationNotFound):
        await registry.open(live.id)
