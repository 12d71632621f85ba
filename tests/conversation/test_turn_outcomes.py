"""What stays when an answer is stopped or fails, and how it is tried again."""

import pytest
from pydantic_ai import ModelResponse
from pydantic_ai.exceptions import ModelConnectionError

from tests.support.scripted import (
    FullStore,
    HeldScript,
    MemoryStore,
    Script,
    ScriptedModels,
    failing,
    prompts,
    registry_with,
    saying,
    thinking,
    wait_until,
    wait_until_answered,
)


async def test_stop_keeps_what_was_said() -> None:
    """A stopped answer stays, is stored, and does not disturb the next one."""
    store = MemoryStore()
    speech = HeldScript('one ', 'two ')
    models = ScriptedModels(speech)
    live = registry_with(models, store).new()
    live.send('Count')
    await wait_until(live, lambda: live.turns[-1].text == 'one two ')
    await live.stop()
    assert speech.closed.is_set()
    assert (live.turns[-1].text, live.turns[-1].state) == ('one two ', 'stopped')
    last = (await store.load_entries(live.id) or [])[-1].message
    assert isinstance(last, ModelResponse)
    assert last.state == 'interrupted'
    models.script = saying('three')
    live.send('Go on')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'done'
    assert prompts(models.requests[-1]) == ['Count', 'Go on']


async def test_stop_before_the_first_word() -> None:
    """There is nothing to keep then but the question, and the turn says that it was stopped."""
    store, speech = MemoryStore(), HeldScript()
    live = registry_with(ScriptedModels(speech), store).new()
    live.send('Hello?')
    await speech.begun.wait()
    await live.stop()
    assert live.turns[-1].state == 'stopped'
    assert len(await store.load_entries(live.id) or []) == 1


async def test_stop_before_the_model_is_connected() -> None:
    models = ScriptedModels(saying('Hi'))
    models.connected.clear()
    live = registry_with(models).new()
    live.send('Hello?')
    await live.stop()
    assert (live.turns[-1].state, models.requests) == ('stopped', [])


async def test_a_failure_keeps_the_question_and_what_was_said() -> None:
    error = ModelConnectionError('scripted', 'gone', phase='read')
    live = registry_with(ScriptedModels(failing(error, 'Half a '))).new()
    live.send('Tell me')
    await wait_until_answered(live)
    (turn,) = live.turns
    assert (turn.text, turn.state) == ('Half a ', 'failed')
    assert turn.failure == 'The connection was lost in the middle of the answer.'


@pytest.mark.parametrize('speech', [saying(''), saying(' \n', ' ')])
async def test_an_answer_that_says_nothing_is_a_failure(speech: Script) -> None:
    store = MemoryStore()
    live = registry_with(ScriptedModels(speech), store).new()
    live.send('Well?')
    await wait_until_answered(live)
    assert (live.turns[-1].state, live.turns[-1].failure) == ('failed', 'The model gave an empty answer.')
    assert len(await store.load_entries(live.id) or []) == 1


async def test_thoughts_without_an_answer_stay() -> None:
    store = MemoryStore()
    live = registry_with(ScriptedModels(thinking('Hm.')), store).new()
    live.send('Well?')
    await wait_until_answered(live)
    assert (live.turns[-1].state, live.turns[-1].failure) == (
        'failed',
        'The model finished thinking without giving an answer.',
    )
    assert {(part.kind, part.text) for part in live.turns[-1].answer_parts} == {('thinking', 'Hm.')}
    assert len(await store.load_entries(live.id) or []) > 1


async def test_retry_asks_the_same_question_again() -> None:
    """What was said to it before goes to a branch; the model does not see it."""
    store = MemoryStore()
    models = ScriptedModels(failing(ModelConnectionError('scripted', 'gone', phase='read'), 'Half a '))
    live = registry_with(models, store).new()
    live.send('Tell me')
    await wait_until_answered(live)
    models.script = saying('All of it.')
    live.regenerate()
    await wait_until_answered(live)
    (turn,) = live.turns
    assert (turn.text, turn.state) == ('All of it.', 'done')
    assert not any(isinstance(message, ModelResponse) for message in models.requests[-1])
    record = await store.read_record(live.id)
    assert record is not None
    assert len(record.branches) == 1


async def test_retry_of_an_answer_that_never_began() -> None:
    models = ScriptedModels(failing(ModelConnectionError('scripted', 'refused', phase='connect')))
    live = registry_with(models).new()
    live.send('Tell me')
    await wait_until_answered(live)
    assert live.turns[-1].state == 'failed'
    models.script = saying('Here I am.')
    live.regenerate()
    await wait_until_answered(live)
    assert [turn.text for turn in live.turns] == ['Here I am.']


async def test_a_disk_that_fails_loses_nothing_on_the_page() -> None:
    store = FullStore()
    store.is_full = True
    live = registry_with(ScriptedModels(saying('Now I answer.')), store).new()
    live.send('Important')
    await wait_until_answered(live)
    assert live.turns[-1].question == 'Important'
    assert live.turns[-1].failure is not None
    assert 'No space left on device' in live.turns[-1].failure
    store.is_full = False
    live.regenerate()
    await wait_until_answered(live)
    assert (await store.load(live.id)) is not None
    assert live.turns[-1].text == 'Now I answer.'


async def test_a_stopped_answer_goes_on_where_it_stopped() -> None:
    """The rest joins what was said: one text, one turn, and the next question sees all of it."""
    models = ScriptedModels(HeldScript('one, two, th'))
    live = registry_with(models).new()
    live.send('Count to four')
    await wait_until(live, lambda: live.turns[-1].text == 'one, two, th')
    await live.stop()
    models.script = saying('ree, four')
    live.continue_answer()
    await wait_until_answered(live)
    (turn,) = live.turns
    assert (turn.text, turn.state, turn.can_continue) == ('one, two, three, four', 'done', False)


async def test_going_on_may_fail_and_be_tried_again() -> None:
    models = ScriptedModels(HeldScript('one, '))
    live = registry_with(models).new()
    live.send('Count to two')
    await wait_until(live, lambda: live.turns[-1].text == 'one, ')
    await live.stop()
    models.script = failing(ModelConnectionError('scripted', 'gone', phase='read'))
    live.continue_answer()
    await wait_until_answered(live)
    assert (live.turns[-1].text, live.turns[-1].state) == ('one, ', 'failed')
    models.script = saying('two')
    live.continue_answer()
    await wait_until_answered(live)
    assert [(turn.text, turn.state) for turn in live.turns] == [('one, two', 'done')]


async def test_regenerating_leaves_the_rest_as_well() -> None:
    models = ScriptedModels(HeldScript('one, '))
    live = registry_with(models).new()
    live.send('Count to two')
    await wait_until(live, lambda: live.turns[-1].text == 'one, ')
    await live.stop()
    models.script = HeldScript('tw')
    live.continue_answer()
    await wait_until(live, lambda: live.turns[-1].text == 'one, tw')
    await live.stop()
    models.script = saying('One. Two.')
    live.regenerate()
    await wait_until_answered(live)
    assert [turn.text for turn in live.turns] == ['One. Two.']
    assert prompts(models.requests[-1]) == ['Count to two']
