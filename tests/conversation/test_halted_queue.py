"""What waits after a stop: nothing but a message releases it, and then it goes where it was written."""

import asyncio
from collections.abc import Callable

import pytest
from pydantic_ai.exceptions import ModelConnectionError

from chat.conversation.content.messages import WRITTEN_AFTER_KEY, prompt_text
from chat.conversation.live_conversation import LiveConversation
from tests.support.scripted import (
    HeldScript,
    MemoryStore,
    ScriptedModels,
    failing,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)


def waiting(live: LiveConversation) -> list[str]:
    return [prompt_text(prompt) for prompt in live.queue]


def asked(live: LiveConversation) -> list[str]:
    return [turn.question for turn in live.turns]


async def is_over(live: LiveConversation) -> None:
    await wait_until(live, lambda: not live.is_running and not live.queue)


async def halted(models: ScriptedModels, *prompts: str, store: MemoryStore | None = None) -> LiveConversation:
    """A conversation with two questions, the second one stopped while these prompts were waiting for it."""
    live = registry_with(models, store or MemoryStore()).new()
    live.send('First')
    await wait_until_answered(live)
    models.script = HeldScript('So far')
    live.send('Second')
    await wait_until(live, lambda: live.turns[-1].text == 'So far')
    for prompt in prompts:
        live.send(prompt, turn_id=prompt)
    await live.stop()
    models.script = saying('ok')
    return live


def regenerate_first(live: LiveConversation) -> None:
    live.regenerate(live.turns[0].id)


def edit_first(live: LiveConversation) -> None:
    live.edit(live.turns[0].id, 'Other words')


def regenerate_last(live: LiveConversation) -> None:
    live.regenerate()


def continue_last(live: LiveConversation) -> None:
    live.continue_answer()


Act = Callable[[LiveConversation], None]
ACTS = [regenerate_first, edit_first, regenerate_last, continue_last]


@pytest.mark.parametrize('act', ACTS)
async def test_a_stop_halts_until_somebody_sends_whatever_else_is_done(act: Act) -> None:
    models = ScriptedModels(saying('ok'))
    live = await halted(models, 'Third', 'Fourth')
    asked_before = len(models.requests)
    act(live)
    assert live.is_halted, 'and the page says so while the answer grows'
    await wait_until_answered(live)
    assert waiting(live) == ['Third', 'Fourth']
    assert len(models.requests) == asked_before + 1


@pytest.mark.parametrize('act', [regenerate_first, edit_first, regenerate_last])
async def test_what_is_released_goes_to_the_branch_on_which_it_was_written(act: Act) -> None:
    models = ScriptedModels(saying('ok'))
    live = await halted(models, 'Third', 'Fourth')
    act(live)
    await wait_until_answered(live)
    on_the_new_branch = asked(live)
    live.send('Elsewhere')
    await is_over(live)
    assert asked(live) == ['First', 'Second', 'Third', 'Fourth']
    assert live.turns[1].text == 'So far'
    assert not any(WRITTEN_AFTER_KEY in (turn.prompt.metadata or {}) for turn in live.turns)
    side = 'answer' if act is not edit_first else 'question'
    await live.switch(live.turns[len(on_the_new_branch) - 1].id, side, 1)
    assert asked(live) == [*on_the_new_branch, 'Elsewhere']


async def test_one_that_is_sent_now_goes_there_too_and_the_others_follow() -> None:
    live = await halted(ScriptedModels(saying('ok')), 'Third', 'Fourth')
    edit_first(live)
    await wait_until_answered(live)
    live.send_now('Fourth')
    await is_over(live)
    assert asked(live) == ['First', 'Second', 'Fourth', 'Third']


async def test_one_that_is_sent_now_waits_no_more_while_its_branch_is_looked_for() -> None:
    live = await halted(ScriptedModels(saying('ok')), 'Third', 'Fourth')
    edit_first(live)
    await wait_until_answered(live)
    live.send_now('Fourth')
    assert waiting(live) == ['Third', 'Fourth'], 'until its turn is shown'
    live.send_now('Fourth')
    assert await live.remove_from_queue('Fourth') is None
    await is_over(live)
    assert asked(live) == ['First', 'Second', 'Fourth', 'Third']
    assert live.turns[2].state == 'done'


async def test_what_was_continued_is_still_the_same_branch() -> None:
    live = await halted(ScriptedModels(saying('ok')), 'Third')
    live.continue_answer()
    await wait_until_answered(live)
    live.send_now('Third')
    await is_over(live)
    assert live.turns[1].text == 'So farok'
    assert asked(live) == ['First', 'Second', 'Third']


async def test_its_branch_is_known_after_a_restart() -> None:
    store, models = MemoryStore(), ScriptedModels(saying('ok'))
    before = await halted(models, 'Third', store=store)
    edit_first(before)
    await wait_until_answered(before)
    live = await registry_with(models, store).open(before.id)
    assert (asked(live), waiting(live)) == (['Other words'], ['Third'])
    live.regenerate()
    await wait_until_answered(live)
    assert waiting(live) == ['Third']
    live.send_now('Third')
    await is_over(live)
    assert asked(live) == ['First', 'Second', 'Third']


async def test_a_message_from_a_page_that_is_behind_waits_for_the_branch_that_it_showed() -> None:
    """Somebody has asked the first question in other words, and another page does not show it yet."""
    models = ScriptedModels(saying('ok'))
    live = registry_with(models).new()
    for prompt in ('First', 'Second'):
        live.send(prompt)
        await wait_until_answered(live)
    seen, models.script = live.turns[-1].answer_entry_id, HeldScript('So far')
    edit_first(live)
    live.send('At once', seen=seen)
    await wait_until(live, lambda: live.turns[-1].text == 'So far')
    live.send('Later', seen=seen)
    live.send('Here')
    assert isinstance(models.script, HeldScript)
    models.script.release.set()
    await is_over(live)
    assert asked(live) == ['Other words', 'Here']
    await live.switch(live.turns[0].id, 'question', -1)
    assert asked(live) == ['First', 'Second', 'At once', 'Later']


async def test_another_version_that_is_looked_at_changes_nothing_for_what_waits() -> None:
    live = await halted(ScriptedModels(saying('ok')), 'Third')
    edit_first(live)
    await wait_until_answered(live)
    await live.switch(live.turns[0].id, 'question', -1)
    live.send_now('Third')
    await is_over(live)
    assert asked(live) == ['First', 'Second', 'Third']


async def test_a_branch_that_was_deleted_leaves_what_waits_where_one_is() -> None:
    live = await halted(ScriptedModels(saying('ok')), 'Third')
    edit_first(live)
    await wait_until_answered(live)
    await live.switch(live.turns[0].id, 'question', -1)
    await live.delete_version(live.turns[0].id, 'question')
    assert (asked(live), waiting(live)) == (['Other words'], ['Third'])
    live.send_now('Third')
    await is_over(live)
    assert asked(live) == ['Other words', 'Third']


async def test_after_a_failure_trying_again_goes_on_but_another_answer_above_does_not() -> None:
    models = ScriptedModels(saying('ok'))
    live = registry_with(models).new()
    live.send('First')
    await wait_until_answered(live)
    models.script = failing(ModelConnectionError('m', 'refused', phase='connect'))
    live.send('Second')
    live.send('Third')
    await wait_until_answered(live)
    models.script = saying('ok')
    seen = live.turns[-1].id
    regenerate_first(live)
    await wait_until_answered(live)
    assert waiting(live) == ['Third']
    await live.switch(live.turns[0].id, 'answer', -1)
    assert live.turns[-1].id == seen
    live.regenerate()
    await is_over(live)
    assert asked(live) == ['First', 'Second', 'Third']


async def test_a_stop_is_not_undone_by_a_failure() -> None:
    models = ScriptedModels(saying('ok'))
    live = await halted(models, 'Third')
    models.script = failing(ModelConnectionError('m', 'refused', phase='connect'))
    live.regenerate()
    await wait_until_answered(live)
    models.script = saying('ok')
    live.regenerate()
    await wait_until_answered(live)
    await asyncio.sleep(0)
    assert waiting(live) == ['Third']
