"""Old chats go to the trash, if the owner wants that: which ones, and when."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic_ai import ModelRequest
from pydantic_ai.messages import UserPromptPart

from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.retention import START_DELAY, Retention
from chat.store.data_folder import DataFolder, open_store
from tests.support.clock import clock, on_a_clock
from tests.support.memory_storage import MemoryStorage
from tests.support.scripted import (
    ScriptedModels,
    preferences_store,
    registry_with,
    saying,
    wait_until_answered,
)
from tests.support.stored_chats import StoredChat, write_chats

QUEUED = ConversationMetadata(queue=(ModelRequest(parts=[UserPromptPart('And then?')]),))

CHATS = [
    StoredChat(number=1, title='Old', days=31),
    StoredChat(number=2, title='Older', days=400),
    StoredChat(number=3, title='Archived', days=31, metadata=ConversationMetadata(is_archived=True)),
    StoredChat(number=4, title='Young', days=29),
    StoredChat(number=5, title='Pinned', days=31, metadata=ConversationMetadata(is_pinned=True)),
    StoredChat(number=6, title='Queued', days=31, metadata=QUEUED),
    StoredChat(number=7, title='Shared', days=31),
    StoredChat(number=8, title='Open', days=31),
]


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    write_chats(tmp_path, CHATS)
    folder = await open_store(tmp_path)
    yield folder
    await folder.close()


def retention(folder: DataFolder, registry: ConversationRegistry, days: int) -> Retention:
    return Retention(
        registry,
        folder.catalog,
        folder.conversations,
        preferences_store(Preferences(retention_days=days)),
        is_shared=lambda each: each == CHATS[6].id,
    )


async def test_only_what_is_old_and_of_no_use_goes_to_the_trash(folder: DataFolder) -> None:
    registry = registry_with(ScriptedModels(saying('Hi.')), folder.conversations)
    kept_open = await registry.open(CHATS[7].id)
    off, on = retention(folder, registry, 0), retention(folder, registry, 30)
    assert await off.clean_up() == 0
    assert await on.due(30) == [CHATS[0].id, CHATS[2].id, CHATS[1].id]
    assert len(folder.catalog.summaries) == 8
    assert on.is_old(kept_open.id)
    assert await on.clean_up() == 3
    assert {row.title for row in folder.trash.conversations} == {'Old', 'Older', 'Archived'}
    await folder.trash.restore(CHATS[0].id)
    assert on.is_old(CHATS[0].id)
    assert await on.clean_up() == 1
    await registry.close()


@on_a_clock
async def test_it_happens_after_the_start_each_day_and_when_it_is_switched_on() -> None:
    """Nothing of it is real but the tasks: the clock is the test's."""
    begin = datetime.now(UTC)
    storage, store = MemoryStorage(), preferences_store()
    registry = registry_with(ScriptedModels(saying('Hi.')), storage.conversations)
    live = registry.new()
    live.send('Hello')
    await wait_until_answered(live)
    await live.wait_until_stored(live.turns[0].id)
    del live
    kept = Retention(
        registry,
        storage.catalog,
        storage.conversations,
        store,
        is_shared=lambda _: False,
        clock=lambda: begin + timedelta(seconds=clock().time()),
    )
    task = asyncio.create_task(kept.clean_up_daily())
    await asyncio.sleep(START_DELAY + 3 * 86400)
    assert storage.catalog.summaries  # it is off until somebody wants it
    await store.update(lambda now: replace(now, retention_days=5))
    await asyncio.sleep(1)
    assert storage.catalog.summaries
    await asyncio.sleep(3 * 86400)
    assert not storage.catalog.summaries
    assert storage.trash.conversations
    assert clock().time() < 7 * 86400
    task.cancel()
    await asyncio.wait([task])
    await registry.close()
