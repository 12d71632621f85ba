"""A version of a question or an answer is deleted: what only it has is gone, all else stays."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from chat.conversation.content.branches import Version
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from chat.errors import ChatError, ConversationBusy, TurnMissing
from chat.store.data_folder import open_store
from tests.conversation.exchanges import asked, shown
from tests.store.failing_disk import FullDisk
from tests.support.scripted import (
    HeldScript,
    ScriptedModels,
    failing,
    registry_with,
    saying,
    wait_until,
    wait_until_answered,
)


@pytest.fixture
async def live(registry: ConversationRegistry, models: ScriptedModels) -> LiveConversation:
    """Two turns, and then another answer to the first question, which is shown."""
    live = registry.new()
    await asked(live, models, ('One?', 'First.'), ('Two?', 'Second.'))
    models.script = saying('First again.')
    live.regenerate(live.turns[0].id)
    await wait_until_answered(live)
    return live


async def delete_answer(live: LiveConversation) -> None:
    """Delete the answer to the first question that is shown."""
    await live.delete_version(live.turns[0].id, 'answer', live.turns[0].answer_entry_id)


async def test_the_version_before_it_takes_its_place(
    live: LiveConversation, any_store: ConversationStorage
) -> None:
    gone = live.turns[0].answer_entry_id
    await delete_answer(live)
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.')]
    assert live.turns[0].answer_version == Version(1, 1)
    again = await registry_with(ScriptedModels(saying('')), any_store).open(live.id)
    assert shown(again) == shown(live)
    assert again.turns[0].answer_version == Version(1, 1)
    with pytest.raises(TurnMissing):
        await live.show_entry(gone)


async def test_all_that_followed_it_goes_too(live: LiveConversation) -> None:
    await live.switch(live.turns[0].id, 'answer', -1)
    await delete_answer(live)
    assert shown(live) == [('One?', 'First again.')]
    assert live.turns[0].answer_version == Version(1, 1)


async def test_the_first_question(live: LiveConversation, models: ScriptedModels) -> None:
    models.script = saying('Zero.')
    live.edit(live.turns[0].id, 'None?')
    await wait_until_answered(live)
    await live.switch(live.turns[0].id, 'question', -1)
    await live.delete_version(live.turns[0].id, 'question')
    assert shown(live) == [('None?', 'Zero.')]


async def test_an_answer_that_said_nothing(live: LiveConversation, models: ScriptedModels) -> None:
    """With the question that was asked after it."""
    models.script = failing(OSError('gone'))
    live.regenerate(live.turns[0].id)
    await wait_until_answered(live)
    models.script = saying('Third.')
    live.send('Three?')
    await wait_until_answered(live)
    assert live.turns[0].answer_version == Version(3, 3)
    await delete_answer(live)
    assert (shown(live), live.turns[0].answer_version) == ([('One?', 'First again.')], Version(2, 2))


async def test_the_conversation_goes_on(live: LiveConversation, models: ScriptedModels) -> None:
    await delete_answer(live)
    models.script = saying('Third.')
    live.send('Three?')
    await wait_until_answered(live)
    assert shown(live)[1:] == [('Two?', 'Second.'), ('Three?', 'Third.')]


async def test_an_only_version_cannot_be_deleted(live: LiveConversation) -> None:
    with pytest.raises(TurnMissing):
        await live.delete_version(live.turns[0].id, 'question')
    with pytest.raises(TurnMissing):
        await live.delete_version('unknown', 'question')
    assert shown(live) == [('One?', 'First again.')]


async def test_nothing_is_deleted_while_an_answer_is_under_way(
    live: LiveConversation, models: ScriptedModels
) -> None:
    models.script = HeldScript()
    live.send('Three?')
    with pytest.raises(ConversationBusy):
        await delete_answer(live)
    await live.stop()
    assert live.turns[0].answer_version == Version(2, 2)


async def test_an_answer_that_nobody_saw_is_not_deleted(live: LiveConversation) -> None:
    """Two pages delete the same one, or another page shows another one meanwhile."""
    turn = live.turns[0]
    await live.switch(turn.id, 'answer', -1)
    with pytest.raises(TurnMissing):
        await live.delete_version(turn.id, 'answer', turn.answer_entry_id)
    await live.switch(turn.id, 'answer', 1)
    results = await asyncio.gather(
        *(live.delete_version(turn.id, 'answer', turn.answer_entry_id) for _ in range(2)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), TurnMissing]
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.')]


async def test_a_prompt_below_what_is_being_deleted_is_asked(
    live: LiveConversation, models: ScriptedModels
) -> None:
    seen = live.turns[0].answer_entry_id
    models.script = saying('Third.')
    deleting = asyncio.create_task(delete_answer(live))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    live.send('Three?', seen=seen)
    with pytest.raises(ConversationBusy):
        live.edit(live.turns[0].id, 'Else?')
    await deleting
    await wait_until_answered(live)
    assert shown(live)[-1] == ('Three?', 'Third.')


async def test_what_a_full_disk_refused_can_be_deleted(tmp_path: Path) -> None:
    disk, models = FullDisk(), ScriptedModels(saying('First.'))
    folder = await open_store(tmp_path, disk=disk)
    live = registry_with(models, folder.conversations).new()
    live.send('One?')
    await wait_until_answered(live)
    models.script = speech = HeldScript('First again.')
    live.regenerate()
    await wait_until(live, lambda: live.turns[-1].text == 'First again.')
    disk.first, disk.times = disk.operations + 1, 1000
    speech.release.set()
    await wait_until_answered(live)
    told = live.changed.count
    with pytest.raises(ChatError):
        await delete_answer(live)
    assert live.changed.count > told
    disk.times = 0
    await delete_answer(live)
    assert shown(live) == [('One?', 'First.')]
    assert live.turns[0].answer_version == Version(1, 1)
    await folder.close()


async def test_the_title_and_the_endings_of_what_is_deleted_go_along(
    live: LiveConversation, models: ScriptedModels
) -> None:
    models.script = failing(OSError('gone'), 'Half')
    live.edit(live.turns[0].id, 'My secret?')
    await wait_until_answered(live)
    await live.update_metadata(lambda metadata: replace(metadata, title='About my secret'))
    assert live.metadata.endings
    await live.delete_version(live.turns[0].id, 'question')
    assert (live.metadata.title, live.metadata.endings) == ('One?', {})
    await live.update_metadata(lambda metadata: replace(metadata, title='Mine', has_own_title=True))
    live.edit(live.turns[0].id, 'Zero?')
    await wait_until_answered(live)
    await live.delete_version(live.turns[0].id, 'question')
    assert live.metadata.title == 'Mine'
