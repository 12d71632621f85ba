"""A version of a question or an answer is deleted: what only it has is gone, all else stays."""

import pytest

from chat.conversation.branches import Version
from chat.conversation.live import LiveConversation
from chat.conversation.opened import OpenConversations
from chat.conversation.store import Store
from chat.errors import ConversationBusy, TurnMissing
from tests.support.scripted import Held, ScriptedModels, answered, failing, opened_with, saying


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels(saying(''))


@pytest.fixture
def opened(models: ScriptedModels, any_store: Store) -> OpenConversations:
    return opened_with(models, any_store)


@pytest.fixture
async def live(opened: OpenConversations, models: ScriptedModels) -> LiveConversation:
    """Two turns, and then another answer to the first question, which is shown."""
    live = opened.new()
    for prompt, answer in (('One?', 'First.'), ('Two?', 'Second.')):
        models.speech = saying(answer)
        live.send(prompt)
        await answered(live)
    models.speech = saying('First again.')
    live.retry(live.turns[0].id)
    await answered(live)
    return live


def shown(live: LiveConversation) -> list[tuple[str, str]]:
    return [(turn.question, turn.text) for turn in live.turns]


async def test_the_version_before_it_takes_its_place(live: LiveConversation, any_store: Store) -> None:
    gone = live.turns[0].end
    await live.delete_version(live.turns[0].id, 'answer')
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.')]
    assert live.turns[0].answer_version == Version(1, 1)
    again = await opened_with(ScriptedModels(saying('')), any_store).open(live.id)
    assert shown(again) == shown(live)
    assert again.turns[0].answer_version == Version(1, 1)
    with pytest.raises(TurnMissing):
        await live.show_entry(gone)


async def test_all_that_followed_it_goes_too(live: LiveConversation) -> None:
    await live.switch(live.turns[0].id, 'answer', -1)
    await live.delete_version(live.turns[0].id, 'answer')
    assert shown(live) == [('One?', 'First again.')]
    assert live.turns[0].answer_version == Version(1, 1)


async def test_the_first_question(live: LiveConversation, models: ScriptedModels) -> None:
    models.speech = saying('Zero.')
    live.edit(live.turns[0].id, 'None?')
    await answered(live)
    await live.switch(live.turns[0].id, 'question', -1)
    await live.delete_version(live.turns[0].id, 'question')
    assert shown(live) == [('None?', 'Zero.')]


async def test_an_answer_that_said_nothing(live: LiveConversation, models: ScriptedModels) -> None:
    """With the question that was asked after it."""
    models.speech = failing(OSError('gone'))
    live.retry(live.turns[0].id)
    await answered(live)
    models.speech = saying('Third.')
    live.send('Three?')
    await answered(live)
    assert live.turns[0].answer_version == Version(3, 3)
    await live.delete_version(live.turns[0].id, 'answer')
    assert (shown(live), live.turns[0].answer_version) == ([('One?', 'First again.')], Version(2, 2))


async def test_the_conversation_goes_on(live: LiveConversation, models: ScriptedModels) -> None:
    await live.delete_version(live.turns[0].id, 'answer')
    models.speech = saying('Third.')
    live.send('Three?')
    await answered(live)
    assert shown(live)[1:] == [('Two?', 'Second.'), ('Three?', 'Third.')]


async def test_an_only_version_cannot_be_deleted(live: LiveConversation) -> None:
    with pytest.raises(TurnMissing):
        await live.delete_version(live.turns[0].id, 'question')
    with pytest.raises(TurnMissing):
        await live.delete_version('unknown', 'answer')
    assert shown(live) == [('One?', 'First again.')]


async def test_nothing_is_deleted_while_an_answer_is_under_way(
    live: LiveConversation, models: ScriptedModels
) -> None:
    models.speech = Held()
    live.send('Three?')
    with pytest.raises(ConversationBusy):
        await live.delete_version(live.turns[0].id, 'answer')
    await live.stop()
    assert live.turns[0].answer_version == Version(2, 2)
