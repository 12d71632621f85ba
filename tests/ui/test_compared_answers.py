"""What the pages of owners and guests have of answers that stand side by side."""

import json

import pytest
from nicegui import Client, ElementFilter
from nicegui.element import Element
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction
from pydantic_ai.exceptions import ModelConnectionError

from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.sharing.access import Guest, Owner, Visitor
from chat.ui.chat.model_picker import ModelPicker
from chat.ui.model_menu import ModelMenu
from tests.support.scripted import ScriptedModels, failing, saying, wait_until_answered
from tests.ui.handlers import handled_to_the_end
from tests.ui.row_lists import soon


@pytest.fixture
async def live(registry: ConversationRegistry) -> LiveConversation:
    """A chat in which two models have answered."""
    live = registry.new()
    live.comparing.choose(['left', 'right'])
    live.send('Hello?')
    await wait_until_answered(live)
    return live


@pytest.fixture(params=['owner', 'read', 'write'])
def visitor(request: pytest.FixtureRequest, live: LiveConversation) -> Visitor:
    if request.param == 'owner':
        return Owner()
    return Guest(conversation_id=live.id, permission=request.param, name='Ann', session_id='ann')


def with_id(client: Client, testid: str) -> list[Element]:
    named = (each for each in client.elements.values() if 'data-testid' in each.props)
    return [each for each in named if each.props['data-testid'] == testid]


async def press(client: Client, button: Element) -> None:
    async with handled_to_the_end():
        for listener in button._event_listeners.values():  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # nothing public
            event: dict[str, object] = {'id': button.id, 'listener_id': listener.id, 'args': []}
            client.handle_event(event)  # pyright: ignore[reportUnknownMemberType]  # it has no types


async def test_all_see_them_and_only_the_owner_goes_on_with_one(
    person: User, live: LiveConversation, visitor: Visitor
) -> None:
    """A guest has no button for that, and an event that they make up has no model answer."""
    await person.open(f'/c/{live.id}')
    await person.should_see('Hello?')
    assert person.client
    assert len(with_id(person.client, 'compared-answer')) == 2
    is_owner = isinstance(visitor, Owner)
    for testid in ('compare-keep', 'compare-stop'):
        assert len(with_id(person.client, testid)) == 2 * is_owner
    assert len(with_id(person.client, 'compare-next')) == is_owner
    async with handled_to_the_end():
        for element in list(person.client.elements.values()):
            for listener in element._event_listeners.values():  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # nothing public
                if listener.type == 'action':
                    args = [json.dumps('compare'), json.dumps(['left', 'right'])]
                    event = {'id': element.id, 'listener_id': listener.id, 'args': args}
                    person.client.handle_event(event)  # pyright: ignore[reportUnknownMemberType]  # it has no types
    assert not live.is_running
    if is_owner:
        await press(person.client, with_id(person.client, 'compare-keep')[1])
        assert live.metadata.model == 'right'
        client = person.client
        await soon(lambda: with_id(client, 'compared-answer') == [])


@pytest.mark.parametrize('visitor', ['owner'], indirect=True)
async def test_when_all_have_failed_all_can_be_asked_again(
    person: User, live: LiveConversation, models: ScriptedModels
) -> None:
    models.script = failing(ModelConnectionError('left', 'refused'))
    live.comparing.answer_again(live.turns[-1].id, ['left', 'right'])
    await wait_until_answered(live)
    await person.open(f'/c/{live.id}')
    await person.should_see('Hello?')
    assert person.client
    models.script = saying('At last.')
    await press(person.client, with_id(person.client, 'retry')[0])
    await wait_until_answered(live)
    assert [column.text for column in live.turns[-1].compared] == ['At last.', 'At last.']


@pytest.mark.parametrize('visitor', ['owner'], indirect=True)
async def test_a_model_that_is_picked_answers_alone(person: User, live: LiveConversation) -> None:
    live.comparing.choose(['left', 'right'])
    await person.open(f'/c/{live.id}')
    await person.should_see('Your next question goes to left and right.')
    with person:
        header = next(iter(ElementFilter(kind=ModelPicker)))
        menu = next(each for each in header.descendants() if isinstance(each, ModelMenu))
    async with handled_to_the_end():
        UserInteraction(user=person, elements={menu}, target=None).trigger('pick', 'left')
    assert live.comparing.next_models == ()
    assert live.metadata.model == 'left'
