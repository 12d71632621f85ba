"""Questions asked in other words, answers given again, and the way back to those before."""

import asyncio
from dataclasses import replace

import pytest
from pydantic_ai import BinaryImage, Conversation, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.conversation_store import ConversationRecord
from pydantic_ai.exceptions import ModelConnectionError

from chat.conversation.content.branches import Version
from chat.conversation.content.messages import PLACEHOLDER_KEY, TURN_ID_KEY
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from chat.errors import ChatError, ConversationBusy, PromptEmpty, TurnMissing
from tests.conversation.exchanges import asked, shown
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


async def reopened(live: LiveConversation, store: ConversationStorage) -> LiveConversation:
    """The same conversation as another process would read it."""
    return await registry_with(ScriptedModels(saying('')), store).open(live.id)


@pytest.fixture
async def live(registry: ConversationRegistry, models: ScriptedModels) -> LiveConversation:
    """A conversation of two turns."""
    live = registry.new()
    await asked(live, models, ('One?', 'First.'), ('Two?', 'Second.'))
    return live


async def test_another_answer_in_the_middle(
    live: LiveConversation, models: ScriptedModels, any_store: ConversationStorage
) -> None:
    """What followed the old answer goes with it, and comes back with it; the model never sees it."""
    models.script = saying('First again.')
    live.regenerate(live.turns[0].id)
    await wait_until_answered(live)
    assert shown(live) == [('One?', 'First again.')]
    assert prompts(models.requests[-1]) == ['One?']
    assert live.turns[0].answer_version == Version(2, 2)
    await live.switch(live.turns[0].id, 'answer', -1)
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.')]
    assert live.turns[0].answer_version == Version(1, 2)
    assert shown(await reopened(live, any_store)) == shown(live)


class UnreadableStore(MemoryStore):
    """A store in which nothing can be read for a moment, once something was written."""

    fails_after_writing = fails = False

    async def write_record(self, *args: object, **kwargs: object) -> None:
        await super().write_record(*args, **kwargs)  # pyright: ignore[reportArgumentType]  # handed on as they are
        self.fails, self.fails_after_writing = self.fails_after_writing, False

    async def read_record(self, conversation_id: str) -> ConversationRecord | None:
        if self.fails:
            self.fails = False
            raise OSError(5, 'Input/output error')
        return await super().read_record(conversation_id)


async def test_a_branch_is_shown_as_a_whole_even_if_nothing_can_be_read_any_more() -> None:
    store, models = UnreadableStore(), ScriptedModels(saying('First.'))
    live = registry_with(models, store).new()
    await asked(live, models, ('One?', 'First.'))
    models.script = saying('Other.')
    live.regenerate()
    await wait_until_answered(live)
    store.fails_after_writing = True
    with pytest.raises(ChatError):
        await live.switch(live.turns[0].id, 'answer', -1)
    assert (shown(live), live.turns[0].answer_version) == ([('One?', 'First.')], Version(1, 2))
    await live.switch(live.turns[0].id, 'answer', 1)
    assert (shown(live), live.turns[0].answer_version) == ([('One?', 'Other.')], Version(2, 2))


async def test_a_question_in_other_words(
    live: LiveConversation, models: ScriptedModels, any_store: ConversationStorage
) -> None:
    models.script = saying('Third.')
    live.edit(live.turns[1].id, 'Three?')
    await wait_until_answered(live)
    assert shown(live) == [('One?', 'First.'), ('Three?', 'Third.')]
    assert prompts(models.requests[-1]) == ['One?', 'Three?']
    assert live.turns[1].question_version == Version(2, 2)
    await live.switch(live.turns[1].id, 'question', -1)
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.')]
    assert shown(await reopened(live, any_store)) == shown(live)


async def test_a_question_that_could_not_be_read_is_asked_in_other_words(
    any_store: ConversationStorage,
) -> None:
    """The model gets the new words, also with the questions after it."""
    prompt = ModelRequest(
        parts=[UserPromptPart('Unreadable.')], metadata={TURN_ID_KEY: 't', PLACEHOLDER_KEY: True}
    )
    answer = ModelResponse(parts=[TextPart('Yes.')])
    await any_store.save(Conversation(conversation_id='c', messages=[prompt, answer]))
    models = ScriptedModels(saying('Four.'))
    live = await registry_with(models, any_store).open('c')
    live.edit(live.turns[0].id, 'Two and two?')
    await wait_until_answered(live)
    live.send('And one?')
    await wait_until_answered(live)
    assert prompts(models.requests[-1]) == ['Two and two?', 'And one?']


async def test_the_first_question_in_other_words(live: LiveConversation, models: ScriptedModels) -> None:
    models.script = saying('Zero.')
    live.edit(live.turns[0].id, 'None?')
    await wait_until_answered(live)
    assert shown(live) == [('None?', 'Zero.')]
    await live.switch(live.turns[0].id, 'question', -1)
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.')]


async def test_what_is_asked_next_goes_on_with_the_version_that_is_shown(
    live: LiveConversation, models: ScriptedModels
) -> None:
    models.script = saying('Second again.')
    live.regenerate()
    await wait_until_answered(live)
    await live.switch(live.turns[1].id, 'answer', -1)
    await asked(live, models, ('Three?', 'Third.'))
    assert shown(live)[1:] == [('Two?', 'Second.'), ('Three?', 'Third.')]
    await live.switch(live.turns[1].id, 'answer', 1)
    assert shown(live)[1:] == [('Two?', 'Second again.')]
    await live.switch(live.turns[1].id, 'answer', -1)
    assert shown(live)[1:] == [('Two?', 'Second.'), ('Three?', 'Third.')]


async def test_while_another_answer_comes_it_is_the_last_version(
    live: LiveConversation, models: ScriptedModels
) -> None:
    models.script = HeldScript('First ag')
    live.regenerate(live.turns[0].id)
    await wait_until(live, lambda: live.turns[-1].text == 'First ag')
    assert live.turns[0].answer_version == Version(2, 2)
    assert shown(live) == [('One?', 'First ag')]
    await live.stop()
    assert (live.turns[0].answer_version, live.turns[0].state) == (Version(2, 2), 'stopped')
    await live.switch(live.turns[0].id, 'answer', -1)
    assert live.turns[0].state == 'done'
    await live.switch(live.turns[0].id, 'answer', 1)
    assert (live.turns[0].text, live.turns[0].state) == ('First ag', 'stopped')


async def test_an_answer_stopped_before_its_first_word_leads_back(
    live: LiveConversation, models: ScriptedModels
) -> None:
    models.script = speech = HeldScript()
    live.regenerate()
    await speech.begun.wait()
    await live.stop()
    assert (live.turns[1].answer_version, live.turns[1].state) == (Version(2, 2), 'stopped')
    await live.switch(live.turns[1].id, 'answer', -1)
    assert live.turns[1].answer_version == Version(1, 1)
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.')]


async def test_another_model_answers_once(live: LiveConversation) -> None:
    chosen = live.metadata.model
    live.regenerate(model='another')
    await wait_until_answered(live)
    last = live.turns[-1].answer[-1]
    assert isinstance(last, ModelResponse)
    assert (last.model_name, live.metadata.model) == ('another', chosen)


async def test_what_is_attached_stays_with_an_edited_question(
    registry: ConversationRegistry, any_store: ConversationStorage
) -> None:
    image = BinaryImage(data=b'not really', media_type='image/png')
    conversation = Conversation(messages=[ModelRequest(parts=[UserPromptPart(['What is this?', image])])])
    await any_store.save(conversation)
    live = await registry.open(conversation.conversation_id)
    live.edit(live.turns[0].id, 'And this?')
    await wait_until_answered(live)
    (part,) = live.turns[0].prompt.parts
    assert isinstance(part, UserPromptPart)
    assert part.content == ['And this?', image]
    assert live.turns[0].question_version == Version(2, 2)


async def test_how_each_answer_ended_is_known(live: LiveConversation, models: ScriptedModels) -> None:
    """An answer that failed keeps its sentence when others to the same question do not fail."""
    models.script = failing(ModelConnectionError('scripted', 'gone', phase='read'), 'Half')
    live.regenerate()
    await wait_until_answered(live)
    models.script = saying('Whole.')
    live.regenerate()
    await wait_until_answered(live)
    assert live.turns[1].answer_version == Version(3, 3)
    await live.switch(live.turns[1].id, 'answer', -1)
    assert (live.turns[1].text, live.turns[1].state) == ('Half', 'failed')
    assert live.turns[1].failure == 'The connection was lost in the middle of the answer.'
    await live.switch(live.turns[1].id, 'answer', -1)
    assert live.turns[1].state == 'done'


async def test_a_message_on_another_branch_is_found(live: LiveConversation) -> None:
    """Search knows its entry; the branch that holds it is shown."""
    hidden = live.turns[1]
    live.regenerate(live.turns[0].id)
    await wait_until_answered(live)
    assert await live.show_entry(hidden.answer_entry_id) == hidden.id
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.')]
    assert await live.show_entry(live.turns[0].prompt_entry_id) == live.turns[0].id
    with pytest.raises(TurnMissing):
        await live.show_entry('unknown')


async def test_a_page_that_saw_another_branch_adds_to_that(
    live: LiveConversation, models: ScriptedModels
) -> None:
    """Nothing newer is taken away: the other branch is a version away."""
    saw = live.turns[1].answer_entry_id
    models.script = saying('First again.')
    live.regenerate(live.turns[0].id)
    await wait_until_answered(live)
    models.script = saying('Third.')
    live.send('Three?', seen=saw)
    await wait_until_answered(live)
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.'), ('Three?', 'Third.')]
    await live.switch(live.turns[0].id, 'answer', 1)
    assert shown(live) == [('One?', 'First again.')]


async def test_a_page_that_saw_less_adds_to_the_end(live: LiveConversation, models: ScriptedModels) -> None:
    models.script = saying('Third.')
    live.send('Three?', seen=live.turns[0].answer_entry_id)
    await wait_until_answered(live)
    assert shown(live)[1:] == [('Two?', 'Second.'), ('Three?', 'Third.')]


async def test_a_prompt_that_comes_during_a_move_follows_it(
    live: LiveConversation, models: ScriptedModels
) -> None:
    models.script = saying('First again.')
    live.regenerate(live.turns[0].id)
    await wait_until_answered(live)
    models.script = saying('Third.')
    moving = asyncio.create_task(live.switch(live.turns[0].id, 'answer', -1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    live.send('Three?')
    await moving
    await wait_until_answered(live)
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.'), ('Three?', 'Third.')]


async def test_nothing_moves_while_an_answer_is_under_way(
    live: LiveConversation, models: ScriptedModels
) -> None:
    live.regenerate()
    await wait_until_answered(live)
    models.script = HeldScript()
    live.send('Three?')
    with pytest.raises(ConversationBusy):
        await live.switch(live.turns[1].id, 'answer', -1)
    with pytest.raises(ConversationBusy):
        live.edit(live.turns[0].id, 'Else?')
    with pytest.raises(ConversationBusy):
        live.regenerate(live.turns[0].id)
    await live.stop()


async def test_what_cannot_be_edited(live: LiveConversation) -> None:
    with pytest.raises(PromptEmpty):
        live.edit(live.turns[0].id, ' ')
    with pytest.raises(TurnMissing):
        live.edit('unknown', 'Else?')


async def test_a_fork_goes_its_own_way(
    live: LiveConversation, registry: ConversationRegistry, models: ScriptedModels
) -> None:
    await live.update_metadata(
        lambda metadata: replace(metadata, instructions='Rhyme.', temperature=0.3, is_pinned=True)
    )
    fork = await registry.fork(live, live.turns[0].answer_entry_id)
    assert fork.id != live.id
    assert (fork.metadata.instructions, fork.metadata.temperature) == ('Rhyme.', 0.3), 'it is answered alike'
    assert not fork.metadata.is_pinned, 'its place is its own'
    assert shown(fork) == [('One?', 'First.')]
    await asked(fork, models, ('Else?', 'Other.'))
    assert prompts(models.requests[-1]) == ['One?', 'Else?']
    assert shown(live) == [('One?', 'First.'), ('Two?', 'Second.')]
    with pytest.raises(TurnMissing):
        await registry.fork(live, 'unknown')
