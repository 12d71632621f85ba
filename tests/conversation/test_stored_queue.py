"""The queue is on the disk: there is no moment at which the end of the process loses a prompt."""

import asyncio
from collections.abc import Sequence

from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord

from chat.conversation.content.messages import prompt_text
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.live_conversation import LiveConversation
from tests.support.scripted import HeldScript, MemoryStore, ScriptedModels, registry_with, saying, wait_until


async def others() -> None:
    """Let others have their turns."""
    for _ in range(20):
        await asyncio.sleep(0)


class SlowStore(MemoryStore):
    """A store that lets others look before and after each write."""

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        await others()
        await super().write_metadata(conversation_id, metadata)
        await others()

    async def write_record(
        self,
        record: ConversationRecord,
        *,
        new_entries: Sequence[ConversationEntry] = (),
        expected_revision: str | None,
    ) -> None:
        await others()
        await super().write_record(record, new_entries=new_entries, expected_revision=expected_revision)
        await others()


def waiting(live: LiveConversation) -> list[str]:
    return [prompt_text(prompt) for prompt in live.queue]


def asked(live: LiveConversation) -> list[str]:
    return [turn.question for turn in live.turns]


async def test_the_queue_outlasts_the_process_and_waits() -> None:
    store, speech = MemoryStore(), HeldScript()
    before = registry_with(ScriptedModels(speech), store)
    live = before.new()
    live.send('First')
    await speech.begun.wait()
    live.send('Second')
    await live.save_metadata()
    after = await registry_with(ScriptedModels(saying('ok')), store).open(live.id)
    assert (after.is_running, waiting(after)) == (False, ['Second'])
    after.regenerate()
    await wait_until(after, lambda: not after.is_running and not after.queue)
    assert asked(after) == ['First', 'Second']
    await before.close()


async def test_a_prompt_that_is_sent_from_a_halted_queue_is_there_whenever_the_process_ends() -> None:
    store, models = SlowStore(), ScriptedModels(HeldScript('So far'))
    live = registry_with(models, store).new()
    live.send('First')
    live.send('Second', turn_id='2')
    await live.stop()
    await live.save_metadata()
    models.script = saying('ok')
    live.send_now('2')
    while live.is_running:
        after = await registry_with(ScriptedModels(saying('ok')), store).open(live.id)
        assert [*asked(after), *waiting(after)] == ['First', 'Second']
        await asyncio.sleep(0)
    assert (asked(live), waiting(live)) == (['First', 'Second'], [])


async def test_a_prompt_is_in_the_queue_or_asked_whenever_the_process_ends() -> None:
    """Between leaving the queue and being stored as a message there is no moment without it."""
    store = SlowStore()
    live = registry_with(ScriptedModels(saying('ok')), store).new()
    live.send('First')
    live.send('Second')
    await live.save_metadata()
    await wait_until(live, lambda: live.turns[0].state != 'waiting')
    while live.is_running:
        after = await registry_with(ScriptedModels(saying('ok')), store).open(live.id)
        assert [*asked(after), *waiting(after)].count('Second') == 1
        await asyncio.sleep(0)
    assert asked(live) == ['First', 'Second']


class FullStore(MemoryStore):
    """A store that has room for so many changes of messages."""

    room = 0

    async def write_record(self, *args: object, **kwargs: object) -> None:
        if self.room == 0:
            raise OSError(28, 'No space left on device')
        self.room -= 1
        await super().write_record(*args, **kwargs)  # pyright: ignore[reportArgumentType]  # handed on as they are


async def test_a_prompt_that_could_not_be_stored_stays_in_the_stored_queue_until_it_is() -> None:
    """Then it waits no more, also where it is not shown."""
    store, first = FullStore(), HeldScript('So.')
    store.room = 2
    models = ScriptedModels(first)
    live = registry_with(models, store).new()
    live.send('First')
    await first.begun.wait()
    live.send('Second', turn_id='2')
    first.release.set()
    await wait_until(live, lambda: not live.is_running)
    stored = await store.read_metadata(live.id)
    assert [prompt_text(prompt) for prompt in stored.queue] == ['Second']
    assert (asked(live), live.turns[-1].state, waiting(live)) == (['First', 'Second'], 'failed', [])
    store.room, models.script = 9, saying('ok')
    live.edit('2', 'In other words')
    await wait_until(live, lambda: not live.is_running)
    assert (asked(live), waiting(live)) == (['First', 'In other words'], [])
    assert not (await store.read_metadata(live.id)).queue
