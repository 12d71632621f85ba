"""Who can choose the folder that the tools of a chat have: only somebody at the computer Parlour runs on."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction
from pydantic_ai import Agent

from chat.agent.tools.folder_tools import folder_tool
from chat.agent_config import AgentConfig, AgentRoster
from chat.conversation.content.chat_settings import Preferences, PreferencesStore
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.sharing.access import Guest, Owner, Visitor
from chat.sharing.sharing import Sharing
from chat.storage import Storage
from chat.ui.chat.chat_settings_dialog import ChatSettingsButton
from chat.ui.chat.folder_setting import NOT_HERE, with_options
from chat.ui.html import HtmlText, IconButton
from tests.conversation.approving import Call, steps
from tests.support.scripted import ScriptedModels, preferences_store, wait_until_answered
from tests.support.timeouts import WAIT_TIMEOUT
from tests.ui.handlers import handled_to_the_end

CONTENT = 'secret <b>line</b>\u202e'


@pytest.fixture
def models() -> ScriptedModels:
    return steps('Hi.', (Call('write_file', {'path': 'new.txt', 'content': CONTENT}),), 'Done.')


@pytest.fixture
def preferences() -> PreferencesStore:
    """Titles ask no model: what it says is for the chat."""
    return preferences_store(Preferences(refines_titles=False))


@pytest.fixture
async def registry(
    models: ScriptedModels, storage: Storage, preferences: PreferencesStore
) -> AsyncIterator[ConversationRegistry]:
    own = AgentConfig(Agent(), ref='parlour', built_in_tools=(folder_tool(storage.path),))
    registry = ConversationRegistry(
        agents=AgentRoster([own]),
        model_source=models,
        store=storage.conversations,
        preferences=preferences,
    )
    yield registry
    await registry.close()


@pytest.fixture(params=['here', 'elsewhere', 'device', 'write'])
async def visitor(request: pytest.FixtureRequest, live: LiveConversation) -> Visitor:
    if request.param == 'write':
        return Guest(conversation_id=live.id, permission='write', name='Ann', session_id='ann')
    return Owner(is_at_computer=request.param == 'here', is_remote=request.param == 'device')


def button(page: User, testid: str) -> UserInteraction[HtmlText | IconButton]:
    assert page.client
    elements = {
        each
        for each in page.client.elements.values()
        if isinstance(each, HtmlText | IconButton) and {'data-testid': testid}.items() <= each.props.items()
    }
    return UserInteraction(page, elements, None)


def folder_of(live: LiveConversation) -> object:
    return live.metadata.tools.get('folder', {}).get('path')


async def until_folder(live: LiveConversation, folder: object) -> None:
    async with asyncio.timeout(WAIT_TIMEOUT):
        while folder_of(live) != folder:
            await live.changed.wait(live.changed.count)


@pytest.mark.parametrize('visitor', ['here'], indirect=True)
async def test_a_folder_is_chosen_at_this_computer(
    person: User, live: LiveConversation, storage: Storage
) -> None:
    """It can be taken away; one that cannot be chosen, or has gone, has a sentence."""
    assert storage.path
    chosen = storage.path.parent / f'{storage.path.name}-chosen'
    chosen.mkdir()
    await person.open(f'/c/{live.id}')
    person.find(kind=ChatSettingsButton).click()
    await person.should_not_see(NOT_HERE)
    confirm = button(person, 'folder-confirm')
    confirm.trigger('click', str(storage.path))
    await person.should_see('Parlour keeps its own data in this folder.')
    assert folder_of(live) is None
    confirm.trigger('click', str(chosen))
    await until_folder(live, str(chosen))
    await person.should_see(str(chosen))
    button(person, 'folder-remove').trigger('click')
    await until_folder(live, None)
    await live.update_metadata(lambda metadata: with_options(metadata, 'folder', {'path': f'{chosen}/gone'}))
    await person.should_see('not there any more')


@pytest.mark.parametrize('visitor', ['elsewhere', 'device', 'write'], indirect=True)
async def test_nobody_else_chooses_one(
    person: User, live: LiveConversation, visitor: Visitor, tmp_path: Path
) -> None:
    """Their pages have no element for it, and whatever they make up as an event chooses none."""
    await person.open(f'/c/{live.id}')
    await person.should_see('Hello')
    assert person.client
    if isinstance(visitor, Owner):
        person.find(kind=ChatSettingsButton).click()
        await person.should_see(NOT_HERE)
    told = json.dumps([element.props for element in person.client.elements.values()], default=repr)
    assert not any(testid in told for testid in ('folder-choose', 'folder-confirm', 'folder-path'))
    events = [
        (element.id, listener.id)
        for element in list(person.client.elements.values())
        for listener in element._event_listeners.values()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # nothing public
        if listener.type not in ('stop', 'send')
    ]
    async with handled_to_the_end():
        for element_id, listener_id in events:
            message = {'id': element_id, 'listener_id': listener_id, 'args': [json.dumps(str(tmp_path))]}
            person.client.handle_event(message)  # pyright: ignore[reportUnknownMemberType]  # it has no types
    assert folder_of(live) is None


@pytest.mark.parametrize('visitor', ['here'], indirect=True)
async def test_who_shares_a_chat_with_a_folder_is_told_who_reaches_it(
    person: User, live: LiveConversation, sharing: Sharing, tmp_path: Path
) -> None:
    await live.update_metadata(lambda metadata: with_options(metadata, 'folder', {'path': str(tmp_path)}))
    await sharing.invite('write', live.id, lasting=timedelta(hours=1))
    await person.open(f'/c/{live.id}')
    person.find(kind=ChatSettingsButton).click()
    await person.should_see('Never for guests.')
    button(person, 'share').click()
    await person.should_see("Guests' questions do not reach the folder of this chat.")


@pytest.mark.parametrize('visitor', ['here', 'write'], indirect=True)
async def test_only_the_owner_sees_what_would_be_written(
    person: User, live: LiveConversation, visitor: Visitor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As text, with the characters that would hide something of it written out."""
    chosen = {'path': str(tmp_path_factory.mktemp('chosen'))}
    await live.update_metadata(lambda metadata: with_options(metadata, 'folder', chosen))
    live.send('Write.')
    await wait_until_answered(live)
    await person.open(f'/c/{live.id}')
    await person.should_see('Waits for the host' if isinstance(visitor, Guest) else 'new.txt')
    assert person.client
    elements = person.client.elements.values()
    told = json.dumps([[element.props, getattr(element, 'text', '')] for element in elements], default=repr)
    if isinstance(visitor, Guest):
        assert not any(text in told for text in ('secret', 'new.txt'))
    else:
        assert json.dumps('<ins><span>+</span>secret &lt;b&gt;line&lt;/b&gt;\\u202e\n</ins>')[1:-1] in told
