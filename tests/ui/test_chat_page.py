"""What a page of one conversation shows and does."""

from collections.abc import Callable
from uuid import uuid4

import httpx
from nicegui import ElementFilter, core
from nicegui.testing import User
from pydantic_ai import Conversation, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord
from pydantic_ai.exceptions import ModelConnectionError
from pydantic_ai.messages import Citation, CitationSource, WebCitationSource

from chat.conversation.conversation_registry import ConversationRegistry
from chat.storage import Storage
from chat.ui.chat.answer_actions import AnswerActions
from chat.ui.chat.user_message import UserMessage
from tests.support.scripted import (
    HeldScript,
    ScriptedModels,
    failing,
    saying,
    wait_until,
    wait_until_answered,
)
from tests.ui.prompt_box import send


async def test_a_new_conversation(person: User, registry: ConversationRegistry) -> None:
    """The first prompt leads to an address of its own, and appears in the sidebar."""
    await person.open('/')
    await person.should_see('What are we working on?')
    send(person, 'Say hello')
    await person.should_see('Hi **there**.')
    await person.should_not_see('What are we working on?')
    await person.should_see('Say hello')
    assert person.client
    assert person.client.sub_pages_router.current_path.startswith('/c/')


async def test_a_suggestion_is_sent_with_a_click(person: User) -> None:
    await person.open('/')
    person.find('Show what answers look like').click()
    await person.should_see('Hi **there**.')


async def test_an_answer_is_seen_while_it_grows(
    person: User, models: ScriptedModels, registry: ConversationRegistry
) -> None:
    speech = HeldScript('# A story\n\nOnce', then=' upon a time.')
    models.script = speech
    await person.open('/')
    send(person, 'Tell me')
    await person.should_see('Once')
    (conversation_id,) = registry.running
    speech.release.set()
    await wait_until_answered(await registry.open(conversation_id))
    await person.should_see('Once upon a time.')


async def test_two_people_see_the_same_answer_grow(
    person: User, another: Callable[[], User], models: ScriptedModels, registry: ConversationRegistry
) -> None:
    speech = HeldScript('First half', then=' and the second.')
    models.script = speech
    live = registry.new()
    live.send('Tell us')
    await wait_until(live, lambda: live.turns[-1].text == 'First half')
    other = another()
    await person.open(f'/c/{live.id}')
    await other.open(f'/c/{live.id}')
    await person.should_see('First half')
    await other.should_see('First half')
    speech.release.set()
    await person.should_see('and the second.')
    await other.should_see('and the second.')


async def test_any_page_can_stop(
    person: User, another: Callable[[], User], models: ScriptedModels, registry: ConversationRegistry
) -> None:
    models.script = HeldScript('So far')
    await person.open('/')
    send(person, 'Go')
    await person.should_see('So far')
    (conversation_id,) = registry.running
    other = another()
    await other.open(f'/c/{conversation_id}')
    other.find(marker='composer').trigger('stop')
    await person.should_see('Stopped')
    await person.should_see('So far')
    assert registry.running == frozenset()


async def test_a_failure_can_be_tried_again(person: User, models: ScriptedModels) -> None:
    models.script = failing(ModelConnectionError('m', 'refused', phase='connect'))
    await person.open('/')
    send(person, 'Are you there?')
    await person.should_see('The model cannot be reached.')
    models.script = saying('Now I am.')
    person.find('Try again').click()
    await person.should_see('Now I am.')
    await person.should_not_see('The model cannot be reached.')


async def test_what_is_sent_while_an_answer_is_under_way_waits_for_all_to_see(
    person: User, another: Callable[[], User], models: ScriptedModels, registry: ConversationRegistry
) -> None:
    speech = HeldScript('Wait')
    models.script = speech
    await person.open('/')
    send(person, 'First')
    await person.should_see('Wait')
    (conversation_id,) = registry.running
    other = another()
    await other.open(f'/c/{conversation_id}')
    send(person, 'Second')
    await other.should_see('Second')
    live = await registry.open(conversation_id)
    assert [turn.question for turn in live.turns] == ['First']
    speech.release.set()
    await wait_until(live, lambda: not live.is_running and not live.queue)
    assert [turn.question for turn in live.turns] == ['First', 'Second']


async def test_a_stored_conversation_is_shown(person: User, registry: ConversationRegistry) -> None:
    live = registry.new()
    live.send('Remember me')
    await wait_until_answered(live)
    await person.open(f'/c/{live.id}')
    await person.should_see('Remember me')
    await person.should_see('Hi **there**.')


async def test_older_turns_come_when_the_reader_gets_there(
    person: User, registry: ConversationRegistry
) -> None:
    live = registry.new()
    for number in range(30):
        live.send(f'Question {number}.')
        await wait_until_answered(live)
    await person.open(f'/c/{live.id}')
    await person.should_see('Question 29.')
    await person.should_see('Question 10.')
    await person.should_not_see('Question 9.')
    person.find(marker='older').trigger('visibility', True)
    await person.should_see('Question 0.')
    with person:
        shown = [element.element for element in ElementFilter(kind=UserMessage)]
    assert shown == [f'Question {number}.' for number in range(30)]


async def test_an_unknown_conversation_has_a_friendly_page(person: User) -> None:
    assert person
    async with httpx.AsyncClient(transport=httpx.ASGITransport(core.app), base_url='http://test') as browser:
        for address in ('/c/unknown', '/nowhere', '/c/unknown/further'):
            answer = await browser.get(address)
            assert (answer.status_code, 'Start a new chat' in answer.text) == (404, True)


async def test_a_greeting_that_nobody_asked_for_is_shown_and_answered(
    person: User, models: ScriptedModels, storage: Storage
) -> None:
    """As chats of other programs may begin."""
    greeting = ModelResponse(parts=[TextPart('Good morning.')])
    chat_id = str(uuid4())
    await storage.conversations.save(Conversation(conversation_id=chat_id, messages=[greeting]))
    await person.open(f'/c/{chat_id}')
    await person.should_see('Good morning.')
    with person:
        [question] = ElementFilter(kind=UserMessage)
        assert not question.visible
    send(person, 'What is new?')
    await person.should_see('Hi **there**.')
    assert models.requests[-1][0].parts == greeting.parts


async def test_another_greeting_is_a_version_of_the_first(person: User, storage: Storage) -> None:
    """What followed it comes back with it; nothing else can be done with what nobody has asked for."""
    morning, evening = (
        ConversationEntry(parent_id=None, message=ModelResponse(parts=[TextPart(text)]))
        for text in ('Morning.', 'Evening.')
    )
    prompt = ConversationEntry(
        parent_id=evening.id, message=ModelRequest(parts=[UserPromptPart('Is it late?')])
    )
    record = ConversationRecord(conversation_id=str(uuid4()), head_id=prompt.id, branches=[morning.id])
    await storage.conversations.write_record(
        record, new_entries=[morning, evening, prompt], expected_revision=None
    )
    await person.open(f'/c/{record.conversation_id}')
    await person.should_see('Evening.')
    with person:
        actions = next(iter(ElementFilter(kind=AnswerActions)))
    assert (actions.props['number'], actions.props['count']) == (2, 2)
    assert (actions.props['canAct'], actions.props['canSwitch']) == (False, True)
    person.find(kind=AnswerActions).trigger('action', ['switch', -1])
    await person.should_see('Morning.')
    await person.should_not_see('Evening.')


async def test_the_pages_that_an_answer_cites_are_listed(person: User, storage: Storage) -> None:
    """But what is no address of the web is none to follow."""
    cited: list[CitationSource] = [
        WebCitationSource('https://kites.example/', title='Kites'),
        WebCitationSource('javascript:alert(1)', title='Trap'),
    ]
    answer = ModelResponse(parts=[TextPart('They fly.', citations=[Citation(cited)])])
    question = ModelRequest(parts=[UserPromptPart('Do they fly?')])
    chat_id = str(uuid4())
    await storage.conversations.save(Conversation(conversation_id=chat_id, messages=[question, answer]))
    await person.open(f'/c/{chat_id}')
    await person.should_see('1 source')
    await person.should_see('Kites')
    await person.should_not_see('Trap')
