"""What is sent while an answer is under way waits for its turn, and is never lost."""

import asyncio
from collections.abc import AsyncIterator

from pydantic_ai import ModelMessage, ModelRequest
from pydantic_ai.exceptions import ModelConnectionError
from pydantic_ai.models.function import DeltaThinkingCalls

from chat.conversation.content.messages import prompt_text, turn_id_of
from chat.conversation.live_conversation import LiveConversation
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    failing,
    prompts,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)


def waiting(live: LiveConversation) -> list[str]:
    return [prompt_text(prompt) for prompt in live.queue]


def asked(live: LiveConversation) -> list[str]:
    return [turn.question for turn in live.turns]


async def test_the_queue_is_asked_in_order_one_after_the_other() -> None:
    speech = HeldScript('one')
    models = ScriptedModels(speech)
    live = registry_with(models).new()
    for prompt in ('First', 'Second', 'Third'):
        live.send(prompt)
    assert (asked(live), waiting(live)) == (['First'], ['Second', 'Third'])
    speech.release.set()
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert [turn.state for turn in live.turns] == ['done'] * 3
    assert [prompts(request) for request in models.requests] == [
        ['First'],
        ['First', 'Second'],
        ['First', 'Second', 'Third'],
    ]


async def test_what_two_people_send_at_once_is_ordered_and_not_lost() -> None:
    live = registry_with(ScriptedModels(saying('ok'))).new()

    async def send(name: str) -> None:
        for number in range(5):
            live.send(f'{name}{number}')
            await asyncio.sleep(0)

    await asyncio.gather(send('a'), send('b'))
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert [question for question in asked(live) if question[0] == 'a'] == [f'a{n}' for n in range(5)]
    assert sorted(asked(live)) == sorted(f'{name}{n}' for name in 'ab' for n in range(5))


async def test_a_stop_halts_the_queue_until_somebody_sends() -> None:
    models = ScriptedModels(HeldScript('So far'))
    live = registry_with(models).new()
    live.send('First')
    live.send('Second')
    await wait_until(live, lambda: live.turns[-1].text == 'So far')
    await live.stop()
    assert (live.is_running, waiting(live)) == (False, ['Second'])
    models.script = saying('ok')
    live.send('Before that')
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert asked(live) == ['First', 'Before that', 'Second']


async def test_a_stop_that_comes_while_the_answer_is_being_stored_halts_the_queue_too() -> None:
    speech = HeldScript('ok')
    live = registry_with(ScriptedModels(speech)).new()
    live.send('First')
    live.send('Second')
    await speech.begun.wait()
    speech.release.set()
    await speech.closed.wait()
    await live.stop()
    assert (asked(live), waiting(live)) == (['First'], ['Second'])


async def test_what_is_sent_right_after_a_stop_is_asked_and_what_was_halted_follows() -> None:
    """The stop takes a moment; a message sent meanwhile goes before those that were halted."""
    models = ScriptedModels(HeldScript('So far'))
    live = registry_with(models).new()
    live.send('First')
    live.send('Second')
    await wait_until(live, lambda: live.turns[-1].text == 'So far')
    stopping = asyncio.create_task(live.stop())
    await asyncio.sleep(0)
    models.script = saying('ok')
    live.send('Instead')
    await stopping
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert asked(live) == ['First', 'Instead', 'Second']


async def test_a_failure_halts_the_queue() -> None:
    """Else every prompt that waits would meet the same failure."""
    models = ScriptedModels(failing(ModelConnectionError('m', 'refused', phase='connect')))
    live = registry_with(models).new()
    live.send('First')
    live.send('Second')
    await wait_until_answered(live)
    assert (live.turns[-1].state, waiting(live)) == ('failed', ['Second'])
    models.script = saying('ok')
    live.regenerate()
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert [turn.state for turn in live.turns] == ['done', 'done']


async def test_send_now_ends_the_answer_and_goes_before_the_others() -> None:
    models = ScriptedModels(HeldScript('So far'))
    live = registry_with(models).new()
    for prompt in ('First', 'Second', 'Third'):
        live.send(prompt, turn_id=prompt)
    await wait_until(live, lambda: live.turns[-1].text == 'So far')
    models.script = saying('ok')
    live.send_now('Third')
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert asked(live) == ['First', 'Third', 'Second']
    assert [turn.state for turn in live.turns] == ['stopped', 'done', 'done']
    live.send_now('Third')
    assert not live.is_running


async def test_send_now_begins_a_halted_queue() -> None:
    models = ScriptedModels(HeldScript('So far'))
    live = registry_with(models).new()
    live.send('First')
    live.send('Second', turn_id='2')
    await live.stop()
    models.script = saying('ok')
    live.send_now('2')
    await wait_until_answered(live)
    assert asked(live) == ['First', 'Second']


async def test_taken_back() -> None:
    live = registry_with(ScriptedModels(HeldScript())).new()
    live.send('First')
    live.send('Second', turn_id='2')
    prompt = await live.remove_from_queue('2')
    assert prompt is not None
    assert (prompt_text(prompt), turn_id_of(prompt), waiting(live)) == ('Second', '2', [])
    assert await live.remove_from_queue('2') is None
    await live.stop()


async def test_what_is_taken_back_is_not_asked_while_it_is_being_kept() -> None:
    speech, kept = HeldScript('ok'), list[str]()
    live = registry_with(ScriptedModels(speech)).new()
    live.send('First')
    live.send('Second', turn_id='2')

    async def keep(prompt: ModelRequest) -> None:
        speech.release.set()
        await wait_until_answered(live)
        kept.append(prompt_text(prompt))

    await live.remove_from_queue('2', keep)
    assert (asked(live), waiting(live), kept) == (['First'], [], ['Second'])
    assert not live.is_running
    assert await live.remove_from_queue('2', keep) is None
    assert kept == ['Second']


async def test_what_is_sent_twice_is_sent_once() -> None:
    """A page that does not know whether its message came through sends it again, with the same id."""
    speech = HeldScript('ok')
    live = registry_with(ScriptedModels(speech)).new()
    for _ in range(2):
        live.send('First', turn_id='1')
        live.send('Second', turn_id='2')
    assert (asked(live), waiting(live)) == (['First'], ['Second'])
    speech.release.set()
    await wait_until(live, lambda: not live.is_running and not live.queue)
    live.send('Second', turn_id='2')
    assert (asked(live), live.is_running) == (['First', 'Second'], False)


async def test_closing_starts_nothing_new() -> None:
    models = ScriptedModels(HeldScript('So far'))
    registry = registry_with(models)
    live = registry.new()
    live.send('First')
    live.send('Second')
    await wait_until(live, lambda: live.turns[-1].text == 'So far')
    await registry.close()
    assert (live.is_running, waiting(live), len(models.requests)) == (False, ['Second'], 1)


async def test_what_is_sent_while_a_conversation_is_closed_is_stored_and_answered_no_more() -> None:
    late = ['Late']

    async def speech(_: list[ModelMessage]) -> AsyncIterator[str | DeltaThinkingCalls]:
        try:
            yield 'So far'
            await asyncio.Event().wait()
        finally:  # it takes its time to end, and somebody has not seen yet that it does
            if late:
                live.send(late.pop())

    store = MemoryStore()
    registry = registry_with(ScriptedModels(speech), store)
    live = registry.new()
    live.send('First')
    await wait_until(live, lambda: live.turns[-1].text == 'So far')
    await registry.close()
    assert not live.is_running
    again = await registry_with(ScriptedModels(saying('')), store).open(live.id)
    assert asked(again) + waiting(again) == ['First', 'Late']
