"""What is kept besides the messages, whoever changes it: names, pins, and what nobody has read yet."""

from dataclasses import replace

import pytest

from chat.conversation.details import Details
from chat.conversation.looking import look, look_away
from chat.errors import ConversationNotFound
from tests.support.scripted import Held, MemoryStore, ScriptedModels, answered, opened_with, saying


def pinned(details: Details) -> Details:
    return replace(details, is_pinned=True)


async def test_an_open_conversation_is_changed_where_it_is_open() -> None:
    store = MemoryStore()
    opened = opened_with(ScriptedModels(saying('Hi')), store)
    live = opened.new()
    live.send('Hello')
    await answered(live)
    seen = live.changed.count
    await opened.amend(live.id, pinned)
    assert live.details.is_pinned
    assert live.changed.count > seen
    assert (await store.read_details(live.id)).is_pinned
    live.send('Again')
    await answered(live)
    assert (await store.read_details(live.id)).is_pinned


async def test_one_that_is_not_open_is_changed_in_the_store() -> None:
    store = MemoryStore()
    live = opened_with(ScriptedModels(saying('Hi')), store).new()
    live.send('Hello')
    await answered(live)
    await opened_with(ScriptedModels(saying('Hi')), store).amend(live.id, pinned)
    assert (await store.read_details(live.id)).is_pinned


async def test_an_unknown_one_cannot_be_changed() -> None:
    with pytest.raises(ConversationNotFound):
        await opened_with(ScriptedModels(saying('Hi'))).amend('nowhere', pinned)


async def test_what_is_the_same_is_not_told_anew() -> None:
    live = opened_with(ScriptedModels(saying('Hi'))).new()
    await live.amend(pinned)
    seen = live.changed.count
    await live.amend(pinned)
    assert live.changed.count == seen


async def test_an_answer_that_nobody_saw_is_unread_until_somebody_looks() -> None:
    live = opened_with(ScriptedModels(saying('Hi'))).new()
    live.send('Hello')
    await answered(live)
    assert live.details.is_unread
    page = object()
    await look(live, page)
    assert not live.details.is_unread
    live.send('Again')
    await answered(live)
    assert not live.details.is_unread
    look_away(live, page)
    live.send('And again')
    await answered(live)
    assert live.details.is_unread


async def test_deleting_ends_the_answer_and_keeps_what_it_said() -> None:
    speech = Held('So far', then=' and more')
    store = MemoryStore()
    opened = opened_with(ScriptedModels(speech), store)
    live = opened.new()
    live.send('Hello')
    await speech.begun.wait()
    await opened.delete(live.id)
    assert speech.closed.is_set()
    assert not opened.running
    assert opened.find(live.id) is None
    assert live.turns[-1].state == 'stopped'
    with pytest.raises(ConversationNotFound):
        await opened.open(live.id)
