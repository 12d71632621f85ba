"""What happens to a prompt on its way to an answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic_ai import ModelMessage

from chat.conversation.content.messages import MAX_PROMPT_LENGTH
from chat.errors import ConversationBusy, PromptEmpty, PromptTooLong
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    prompts,
    registry_with,
    saying,
    thinking,
    wait_until,
    wait_until_answered,
)


async def test_a_prompt_is_answered() -> None:
    live = registry_with(ScriptedModels(saying('Hel', 'lo.'))).new()
    live.send('Hi')
    await wait_until_answered(live)
    (turn,) = live.turns
    assert (turn.question, turn.text, turn.state) == ('Hi', 'Hello.', 'done')


async def test_the_model_is_told_what_was_said_before() -> None:
    models = ScriptedModels(saying('Yes.'))
    live = registry_with(models).new()
    for prompt in ('My name is Ada.', 'What is my name?'):
        live.send(prompt)
        await wait_until_answered(live)
    assert prompts(models.requests[-1]) == ['My name is Ada.', 'What is my name?']


async def test_an_answer_can_be_read_while_it_grows() -> None:
    speech = HeldScript('Once ', 'upon ', then='a time.')
    live = registry_with(ScriptedModels(speech)).new()
    live.send('Tell me a story')
    assert live.turns[-1].state == 'waiting'
    await wait_until(live, lambda: live.turns[-1].text == 'Once upon ')
    assert live.turns[-1].state == 'streaming'
    speech.release.set()
    await wait_until_answered(live)
    assert live.turns[-1].text == 'Once upon a time.'


async def test_nothing_is_shown_twice_or_taken_back() -> None:
    """A look at any moment of a run sees one more piece or the same, and one turn."""
    live = registry_with(ScriptedModels(saying('one ', 'two ', 'three'))).new()
    live.send('Count')
    seen = ['']
    while live.is_running:
        (turn,) = live.turns
        assert turn.text.startswith(seen[-1])
        seen.append(turn.text)
        await asyncio.sleep(0)
    assert live.turns[-1].text == 'one two three'


async def test_the_question_is_stored_before_the_model_is_asked() -> None:
    store = MemoryStore()
    stored: list[int] = []

    async def speech(_: list[ModelMessage]) -> AsyncIterator[str]:
        stored.append(len(await store.load_entries(live.id) or []))
        yield 'Yes.'

    live = registry_with(ScriptedModels(speech), store).new()
    live.send('Are you there?')
    await wait_until_answered(live)
    assert stored == [1]


async def test_thinking_is_kept_apart_from_the_answer() -> None:
    live = registry_with(ScriptedModels(thinking('Let me see.', 'Four.'))).new()
    live.send('2 + 2?')
    await wait_until_answered(live)
    assert live.turns[-1].text == 'Four.'
    assert [part.kind for part in live.turns[-1].answer_parts] == ['thinking', 'text']


async def test_one_answer_at_a_time() -> None:
    live = registry_with(ScriptedModels(HeldScript())).new()
    live.send('First')
    with pytest.raises(ConversationBusy):
        live.regenerate()
    with pytest.raises(ConversationBusy):
        live.continue_answer()
    await live.stop()
    assert [turn.question for turn in live.turns] == ['First']


async def test_what_cannot_be_sent() -> None:
    live = registry_with(ScriptedModels(saying('Hi'))).new()
    with pytest.raises(PromptEmpty):
        live.send(' \n\t')
    with pytest.raises(PromptTooLong, match='200,001 characters'):
        live.send('x' * (MAX_PROMPT_LENGTH + 1))
    assert live.turns == []


async def test_the_first_words_are_the_title() -> None:
    live = registry_with(ScriptedModels(saying('Hi'))).new()
    live.send('  What is the fastest way\nto get a median over the last 64 values of a stream?')
    await live.stop()
    assert live.metadata.title == 'What is the fastest way to get a median over the last 64…'


async def test_what_has_not_changed_stays_the_same_object_when_more_is_said() -> None:
    """So a view knows it again, however many turns there are."""
    live = registry_with(ScriptedModels(saying('Yes.'))).new()
    for number in range(4):
        live.send(f'Question {number}')
        await wait_until_answered(live)
    before = live.turns
    live.send('One more')
    await wait_until_answered(live)
    assert all(one is other for one, other in zip(before[:3], live.turns, strict=False))
    assert [turn.is_last for turn in live.turns] == [False] * 4 + [True]


async def test_more_than_fifty_turns() -> None:
    """The limit of model requests is one for each answer, not one for the whole conversation."""
    live = registry_with(ScriptedModels(saying('ok'))).new()
    for number in range(52):
        live.send(str(number))
        await wait_until_answered(live)
    assert {turn.state for turn in live.turns} == {'done'}
