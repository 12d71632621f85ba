"""The stores that a conversation must be kept in alike."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.conversation.store import Store
from chat.store.folder import open_store
from tests.support.scripted import MemoryStore


@pytest.fixture(params=['in memory', 'on disk'])
async def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store: the one that forgets, and ours."""
    if request.param == 'in memory':
        yield MemoryStore()
        return
    folder = await open_store(tmp_path)
    yield folder.conversations
    await folder.close()
