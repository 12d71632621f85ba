"""What an answer has taken: who gave it, how fast, and how many tokens."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic_ai import ModelResponse, TextPart

from chat.conversation.content.usage import usage_of
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)


async def test_each_version_says_which_model_gave_it() -> None:
    """Also after it was stored and read again."""
    store = MemoryStore()
    registry = registry_with(ScriptedModels(saying('Heads.')), store)
    live = registry.new()
    live.send('Toss a coin')
    await wait_until_answered(live)
    assert live.turns[-1].usage.models == ('scripted',)
    live.regenerate(model='another')
    await wait_until_answered(live)
    assert live.turns[-1].usage.models == ('another',)
    await live.switch(live.turns[-1].id, 'answer', -1)
    assert live.turns[-1].usage.models == ('scripted',)
    conversation = await store.load(live.id)
    assert conversation
    assert usage_of(conversation.messages).models == ('scripted',)


async def test_tokens_are_those_of_the_answer_not_of_the_conversation() -> None:
    live = registry_with(ScriptedModels(saying('One ', 'two ', 'three.'))).new()
    for _ in range(2):
        live.send('Count')
        await wait_until_answered(live)
    first, second = (turn.usage for turn in live.turns)
    assert first.output == second.output  # the model says the same
    assert live.conversation.usage.output_tokens == 2 * (first.output or 0)


async def test_what_an_empty_answer_has_taken_is_counted() -> None:
    """Nothing is kept of it, but it was paid for."""
    registry = registry_with(ScriptedModels(saying('')))
    live = registry.new()
    live.send('Count')
    await wait_until_answered(live)
    assert (live.turns[-1].state, len(live.turns[-1].answer)) == ('failed', 0)
    [day] = registry.ledger.days
    assert (day.model, day.answers, day.input > 0) == ('scripted', 1, True)
    assert (day.input, day.output) == (
        live.conversation.usage.input_tokens,
        live.conversation.usage.output_tokens,
    )


async def test_what_is_continued_adds_up() -> None:
    """By two models: both are named; the first word is that of the beginning."""
    models = ScriptedModels(speech := HeldScript('One ', then='.'))
    live = registry_with(models).new()
    live.send('Count')
    await wait_until(live, lambda: live.turns[-1].text == 'One ')
    await live.stop()
    assert speech.closed.is_set()
    begun = live.turns[-1].usage
    await live.update_metadata(lambda metadata: replace(metadata, model='another'))
    models.script = saying('two.')
    live.continue_answer()
    await wait_until_answered(live)
    whole = live.turns[-1].usage
    assert whole.models == ('scripted', 'another')
    assert whole.first == begun.first
    assert (whole.output or 0) > (begun.output or 0)
    assert (whole.seconds or 0) >= (begun.seconds or 0)


async def test_the_first_word_and_the_whole_are_timed() -> None:
    release = HeldScript('One ', then='two.')
    live = registry_with(ScriptedModels(release)).new()
    live.send('Count')
    await wait_until(live, lambda: live.turns[-1].text == 'One ')
    release.release.set()
    await wait_until_answered(live)
    usage = live.turns[-1].usage
    assert usage.first is not None
    assert usage.seconds is not None
    assert usage.first <= usage.seconds


def test_of_an_answer_of_before_only_the_model_is_known() -> None:
    usage = usage_of([ModelResponse(parts=[TextPart('Hi.')], model_name='gpt-4.1')])
    assert usage.models == ('gpt-4.1',)
    assert (usage.first, usage.seconds, usage.input, usage.output, usage.cached) == (None,) * 5


@pytest.mark.parametrize(
    'metadata',
    [
        {'answered': 'fast', 'usage': 3},
        {
            'answered': {'model': 7, 'seconds': 'long', 'first': None},
            'usage': {'input': 'many', 'output': []},
        },
        {'answered': {'seconds': float('inf')}, 'usage': {'input': float('nan')}},
    ],
)
def test_what_makes_no_sense_counts_as_not_known(metadata: dict[str, Any]) -> None:
    message = ModelResponse(parts=[TextPart('Hi.')], model_name='gpt-4.1', metadata=metadata)
    usage = usage_of([message])
    assert usage.models == ('gpt-4.1',)
    assert (usage.seconds, usage.input, usage.output) == (None, None, None)
