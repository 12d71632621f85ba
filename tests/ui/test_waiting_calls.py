"""What the pages show of calls that wait: the owner can decide, and a guest only sees that it waits."""

import json
from collections.abc import AsyncIterator

import pytest
from nicegui import Client
from nicegui.testing import User

from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.content.chat_settings import PreferencesStore
from chat.conversation.content.waiting import AllowedTool
from chat.conversation.conversation_registry import ConversationRegistry
from chat.sharing.access import Guest, Owner, Visitor
from chat.storage import Storage
from chat.ui.schema_form import SchemaForm
from tests.conversation.approving import Call, FileAgent, delete, states, steps
from tests.support.scripted import wait_until_answered
from tests.ui.handlers import handled_to_the_end

CALLS = (delete('secret.txt'), delete('b.txt', 'd2'), Call('ask', {'question': 'Whose is it?'}, 'q1'))


@pytest.fixture
def files() -> FileAgent:
    return FileAgent()


@pytest.fixture
async def registry(
    files: FileAgent, storage: Storage, preferences: PreferencesStore
) -> AsyncIterator[ConversationRegistry]:
    registry = ConversationRegistry(
        agents=AgentRoster([AgentConfig(files.agent)]),
        model_source=steps(CALLS, 'Done.'),
        store=storage.conversations,
        preferences=preferences,
    )
    yield registry
    await registry.close()


@pytest.fixture(params=['owner', 'device', 'read', 'write'])
async def visitor(request: pytest.FixtureRequest, registry: ConversationRegistry) -> Visitor:
    """One of them, for whom there is a chat that waits; one of its calls is decided."""
    live = registry.new()
    live.send('Clean up.')
    await wait_until_answered(live)
    await live.decisions.deny(live.turns[-1].id, 'd2', reason='Too secret.', by='Host')
    if request.param in ('owner', 'device'):
        return Owner(is_remote=request.param == 'device')
    return Guest(conversation_id=live.id, permission=request.param, name='Ann', session_id='ann')


def texts_on(page: Client) -> str:
    """All that a page has been told, in props and texts."""
    return json.dumps(
        [[element.props, getattr(element, 'text', '')] for element in page.elements.values()], default=repr
    )


async def test_who_sees_what(person: User, storage: Storage, visitor: Visitor) -> None:
    (summary,) = storage.catalog.summaries
    assert summary.is_waiting
    await person.open(f'/c/{summary.conversation_id}')
    await person.should_see('Clean up.')
    assert person.client
    forms = [each for each in person.client.elements.values() if isinstance(each, SchemaForm)]
    told = texts_on(person.client)
    assert 'delete_file' in told
    if isinstance(visitor, Guest):
        await person.should_see('Waits for the host')
        await person.should_see('Denied by Host')
        assert not forms
        assert not any(
            text in told for text in ('secret.txt', 'Too secret.', 'Whose is it?', 'decision-change')
        )
    else:
        assert len(forms) == 2
        assert all(text in told for text in ('secret.txt', 'Too secret.', 'Whose is it?', 'decision-change'))


@pytest.mark.parametrize('visitor', ['write'], indirect=True)
async def test_a_guest_who_forges_every_event_decides_nothing(
    person: User, storage: Storage, registry: ConversationRegistry, files: FileAgent
) -> None:
    (summary,) = storage.catalog.summaries
    live = await registry.open(summary.conversation_id)
    await person.open(f'/c/{summary.conversation_id}')
    await person.should_see('Clean up.')
    assert person.client
    events = [
        (element.id, listener.id)
        for element in list(person.client.elements.values())
        for listener in element._event_listeners.values()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # nothing public
        if listener.type not in ('stop', 'send')
    ]
    before = states(live)
    async with handled_to_the_end():
        for element_id, listener_id in events:
            for name in ('approve', 'deny', 'chat', 'everywhere', 'answer'):
                message = {
                    'id': element_id,
                    'listener_id': listener_id,
                    'args': [json.dumps(each) for each in (name, {'path': 'x', 'answer': 'x'}, 'x')],
                }
                person.client.handle_event(message)  # pyright: ignore[reportUnknownMemberType]  # it has no types
    assert (states(live), files.deleted) == (before, [])
    assert not live.metadata.allowed


@pytest.mark.parametrize('visitor', ['owner'], indirect=True)
async def test_a_form_is_as_strict_as_the_tool(
    person: User, storage: Storage, registry: ConversationRegistry, files: FileAgent
) -> None:
    """What a page has made up is no decision; what fits is, and allowed tools are listed."""
    (summary,) = storage.catalog.summaries
    live = await registry.open(summary.conversation_id)
    await person.open(f'/c/{summary.conversation_id}')
    await person.should_see('Clean up.')
    assert person.client

    async def act(*said: object) -> SchemaForm:
        assert person.client
        form = next(each for each in person.client.elements.values() if isinstance(each, SchemaForm))
        (listener,) = form._event_listeners.values()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        args = [json.dumps(each) for each in said]
        async with handled_to_the_end():
            person.client.handle_event({'id': form.id, 'listener_id': listener.id, 'args': args})  # pyright: ignore[reportUnknownMemberType]
        return form

    await act('approve', {'path': ['a', 'b']}, '')
    assert states(live)['d1'] == 'needs-approval'
    await act('explode', {'path': 'a'}, '')
    assert states(live)['d1'] == 'needs-approval'
    await act('everywhere', {'path': 'other.txt'}, '')
    assert states(live)['d1'] == 'decided'
    await act('answer', {'answer': 'Mine.'}, '')
    await wait_until_answered(live)
    assert (files.deleted, states(live)['q1']) == (['other.txt'], 'ok')
    await person.open('/settings')
    await person.should_see('Tools that run without asking')
    await person.should_see('delete_file')
    assert AllowedTool(agent='', tool='delete_file') in (await storage.preferences.read()).allowed_tools
