"""Folders: what their chats are told, and which model answers in them."""

from dataclasses import replace

import pytest

from chat.conversation.content.chat_settings import Preferences, PreferencesStore, effective_instructions
from chat.conversation.content.folders import NO_FOLDER, ChatFolder
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.conversation_registry import NOTHING_SET, ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from tests.support.scripted import (
    ScriptedModels,
    preferences_store,
    registry_with,
    saying,
    wait_until_answered,
)

WORK = ChatFolder(id='work', name='Work', instructions='Be formal.', model='big')
IN_WORK = ConversationMetadata(folder='work')


@pytest.mark.parametrize(
    ('settings', 'folder', 'own', 'told'),
    [
        ('A', '', '', 'A'),
        ('A', 'B', '', 'A\n\nB'),
        ('A', 'B', 'C', 'B\n\nC'),
        ('A', '', 'C', 'C'),
        ('', 'B', '', 'B'),
        ('', ' \n', '', ''),
    ],
)
def test_what_a_chat_is_told_goes_from_the_general_to_its_own(
    settings: str, folder: str, own: str, told: str
) -> None:
    metadata = ConversationMetadata(instructions=own)
    preferences = Preferences(instructions=settings)
    assert effective_instructions(metadata, preferences, replace(NO_FOLDER, instructions=folder)) == told


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels(saying('Certainly.'))


@pytest.fixture
async def preferences() -> PreferencesStore:
    store = preferences_store()
    await store.folders.put(WORK)
    return store


@pytest.fixture
def registry(models: ScriptedModels, preferences: PreferencesStore) -> ConversationRegistry:
    return registry_with(models, preferences=preferences)


async def answered_by(live: LiveConversation) -> str:
    """Ask something, and return the name of the model that has answered."""
    live.send('Hello')
    await wait_until_answered(live)
    return (live.conversation.messages[-1].metadata or {})['answered']['model']


async def test_a_chat_has_what_its_folder_has_for_as_long_as_it_is_there(
    registry: ConversationRegistry, preferences: PreferencesStore, models: ScriptedModels
) -> None:
    live = registry.new(metadata=IN_WORK)
    assert await answered_by(live) == 'big'
    assert (models.infos[-1].instructions or '').endswith('Be formal.')
    assert live.metadata.model is None  # so that it goes on to follow the folder
    await preferences.folders.put(replace(WORK, model='small', instructions=''))
    assert await answered_by(live) == 'small'
    assert 'formal' not in (models.infos[-1].instructions or '')
    await preferences.folders.remove(WORK)
    assert preferences.folder_of(live.metadata) is NO_FOLDER
    assert await answered_by(live) == 'scripted'
    assert live.metadata.model == 'scripted'


async def test_a_model_of_its_own_comes_before_that_of_the_folder(registry: ConversationRegistry) -> None:
    outside = registry.new(metadata=NOTHING_SET)
    assert await answered_by(outside) == 'scripted'
    await outside.update_metadata(lambda metadata: replace(metadata, folder='work'))
    assert await answered_by(outside) == 'scripted'
    assert await answered_by(registry.new(metadata=replace(IN_WORK, model='own'))) == 'own'


async def test_a_fork_stays_in_the_folder(registry: ConversationRegistry) -> None:
    live = registry.new(metadata=IN_WORK)
    await answered_by(live)
    fork = await registry.fork(live, live.turns[0].answer_entry_id)
    assert fork.metadata.folder == 'work'
