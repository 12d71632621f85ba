"""Titles that a model finds: when, from what, and never in anybody's way."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    failing,
    preferences_store,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)
from tests.support.timeouts import WAIT_TIMEOUT


class Naming:
    """Finds titles when it is told to."""

    def __init__(self) -> None:
        self.title: str | Exception = 'Median of a stream'
        self.release = asyncio.Event()
        self.release.set()
        self.begun = asyncio.Event()
        self.ended = 0

    async def __call__(self) -> str:
        self.begun.set()
        try:
            await self.release.wait()
        finally:
            self.ended += 1
        if isinstance(self.title, Exception):
            raise self.title
        return self.title


@pytest.fixture
def naming() -> Naming:
    return Naming()


@pytest.fixture
def models(naming: Naming) -> ScriptedModels:
    return ScriptedModels(saying('With two heaps.'), naming=naming)


@pytest.fixture
def preferences() -> PreferencesStore:
    return preferences_store()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def registry(
    models: ScriptedModels, store: MemoryStore, preferences: PreferencesStore
) -> AsyncIterator[ConversationRegistry]:
    registry = registry_with(models, store, preferences)
    yield registry
    await registry.close()


async def ask(live: LiveConversation, prompt: str = 'How do I get a median?') -> None:
    live.send(prompt)
    await wait_until_answered(live)


async def called(live: LiveConversation, title: str) -> None:
    await wait_until(live, lambda: live.metadata.title == title)


async def test_the_first_answer_brings_a_better_title(
    registry: ConversationRegistry, models: ScriptedModels
) -> None:
    live = registry.new()
    live.send('How do I get a median?')
    assert live.metadata.title == 'How do I get a median?'
    await called(live, 'Median of a stream')
    assert models.read_for_titles == ['User: How do I get a median?\n\nAssistant: With two heaps.']
    counted = {day.model: (day.answers, day.titles, day.tokens > 0) for day in registry.ledger.days}
    assert counted == {'scripted': (1, 0, True), 'cheap': (0, 1, True)}
    await ask(live, 'And the mean?')
    assert len(models.read_for_titles) == 1


async def test_it_is_no_turn_and_is_kept(registry: ConversationRegistry, store: MemoryStore) -> None:
    live = registry.new()
    await ask(live)
    await called(live, 'Median of a stream')
    assert len(live.turns) == 1
    assert len(live.conversation.messages) == 2
    assert (await store.read_metadata(live.id)).title == 'Median of a stream'


async def test_a_name_that_a_person_gave_stays(
    registry: ConversationRegistry, naming: Naming, models: ScriptedModels
) -> None:
    naming.release.clear()
    live = registry.new()
    await ask(live)
    await naming.begun.wait()
    await live.update_metadata(lambda metadata: replace(metadata, title='Mine', has_own_title=True))
    naming.release.set()
    await ask(live, 'And the mean?')
    await ask(live, 'And the mode?')
    assert live.metadata.title == 'Mine'
    assert len(models.read_for_titles) == 1


async def test_a_title_gives_way_to_a_person_who_asks(
    registry: ConversationRegistry, naming: Naming, models: ScriptedModels
) -> None:
    """In whichever conversation; the title is found afterwards."""
    naming.release.clear()
    live = registry.new()
    await ask(live)
    await naming.begun.wait()
    naming.begun.clear()
    models.script = speech = HeldScript('One moment')
    other = registry.new()
    other.send('What is a heap?')
    await speech.begun.wait()
    assert naming.ended == 1
    assert not naming.begun.is_set()
    speech.release.set()
    naming.release.set()
    await called(live, 'Median of a stream')
    await called(other, 'Median of a stream')


async def test_nothing_is_asked_while_any_answer_is_under_way(
    registry: ConversationRegistry, naming: Naming, models: ScriptedModels
) -> None:
    models.script = speech = HeldScript('One moment')
    other = registry.new()
    other.send('What is a heap?')
    await speech.begun.wait()
    models.script = saying('With two heaps.')
    live = registry.new()
    await ask(live)
    await ask(live, 'And the mean?')  # by then a title that waits for nobody would have been asked for
    assert not naming.begun.is_set()
    speech.release.set()
    await called(live, 'Median of a stream')


async def test_only_a_whole_answer_is_named(registry: ConversationRegistry, models: ScriptedModels) -> None:
    models.script = failing(RuntimeError('broken'), 'With')
    live = registry.new()
    await ask(live)
    assert models.read_for_titles == []
    models.script = saying('With one heap.')
    await ask(live, 'And now?')
    await called(live, 'Median of a stream')
    assert models.read_for_titles == ['User: And now?\n\nAssistant: With one heap.']


async def test_a_failure_is_silent_and_not_repeated(
    registry: ConversationRegistry, naming: Naming, models: ScriptedModels, caplog: pytest.LogCaptureFixture
) -> None:
    naming.title = RuntimeError('How do I get a median?')
    live = registry.new()
    with caplog.at_level(logging.INFO):
        await ask(live)
        await naming.begun.wait()
        await ask(live, 'And the mean?')
        await ask(live, 'And the mode?')
    assert live.metadata.title == 'How do I get a median?'
    assert len(models.read_for_titles) == 1
    assert [turn.state for turn in live.turns] == ['done'] * 3
    assert 'median' not in caplog.text


@pytest.mark.parametrize('title', ['How do I get a median?', ''])
async def test_a_title_that_changes_nothing_is_counted_and_not_asked_for_again(
    registry: ConversationRegistry, naming: Naming, models: ScriptedModels, title: str
) -> None:
    naming.title = title
    live = registry.new()
    await ask(live)
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not any(day.titles for day in registry.ledger.days):
            await registry.ledger.changed.wait()
    await ask(live, 'And the mean?')
    await ask(live, 'And the mode?')
    await registry.close()
    assert len(models.read_for_titles) == 1


async def test_it_can_be_switched_off(
    registry: ConversationRegistry, preferences: PreferencesStore, models: ScriptedModels
) -> None:
    await preferences.update(lambda now: replace(now, refines_titles=False))
    live = registry.new()
    await ask(live)
    await ask(live, 'And the mean?')
    assert models.read_for_titles == []


async def test_a_long_conversation_is_not_read_whole(
    registry: ConversationRegistry, models: ScriptedModels
) -> None:
    models.script = saying('word ' * 20_000)
    for prompt in ('word ' * 20_000, '字' * 100_000):
        live = registry.new()
        await ask(live, prompt)
        await called(live, 'Median of a stream')
    assert all(len(read.split()) <= 250 + 2 and len(read) < 2000 for read in models.read_for_titles)


async def test_it_ends_with_the_conversations(registry: ConversationRegistry, naming: Naming) -> None:
    naming.release.clear()
    await ask(registry.new())
    await naming.begun.wait()
    await registry.close()
    assert naming.ended == 1
