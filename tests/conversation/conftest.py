"""The stores that a conversation must be kept in alike, and conversations in them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.storage import ConversationStorage
from chat.conversation.temporary.memory_conversations import MemoryConversations, MemoryFiles
from chat.store.data_folder import open_store
from tests.support.http_models import catalogs_closed as catalogs_closed  # a fixture
from tests.support.scripted import ScriptedModels, registry_with, saying


@pytest.fixture(params=['in memory', 'on disk'])
async def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ConversationStorage]:
    """An empty store: that of temporary chats, and that of all others."""
    if request.param == 'in memory':
        yield MemoryConversations(MemoryFiles(lambda: 0), changed=lambda: None)
        return
    folder = await open_store(tmp_path)
    yield folder.conversations
    await folder.close()


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels(saying('Hi.'))


@pytest.fixture
def registry(models: ScriptedModels, any_store: ConversationStorage) -> ConversationRegistry:
    return registry_with(models, any_store)
