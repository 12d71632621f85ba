"""Conversations that are opened while something happens to their files."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.conversation.content.branches import Version
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.errors import ConversationNotFound, MessagesMissing
from chat.store.conversations.format import file_name
from chat.store.data_folder import DataFolder, open_store
from tests.store.failing_disk import FullDisk
from tests.store.store_samples import conversation_of, store_in
from tests.support.scripted import ScriptedModels, registry_with, saying, wait_until_answered


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[DataFolder]:
    folder = await open_store(tmp_path)
    yield folder
    await folder.close()


def anew(folder: DataFolder) -> ConversationRegistry:
    """As after a restart, when nothing has been read yet."""
    return registry_with(ScriptedModels(saying('Hi')), folder.conversations)


async def stored(folder: DataFolder) -> LiveConversation:
    live = anew(folder).new()
    live.send('Hello')
    await wait_until_answered(live)
    return live


async def test_what_is_deleted_while_it_is_being_read_comes_back_whole(folder: DataFolder) -> None:
    live, registry = await stored(folder), anew(folder)
    reading = asyncio.create_task(registry.open(live.id))
    await asyncio.sleep(0)  # one step: it has begun to read
    await registry.delete(live.id)
    assert (await reading).turns[0].text == 'Hi'
    with pytest.raises(ConversationNotFound):
        await registry.open(live.id)
    await folder.trash.restore(live.id)
    assert (await registry.open(live.id)).turns[0].text == 'Hi'


async def test_a_message_that_is_missing_in_the_file_is_said(folder: DataFolder, tmp_path: Path) -> None:
    live = await stored(folder)
    await folder.close()
    path = tmp_path / 'conversations' / file_name(live.id)
    document = json.loads(path.read_text())
    assert document['entries'].pop(live.turns[0].prompt_entry_id)
    path.write_text(json.dumps(document))
    folder_again = await open_store(tmp_path)
    with pytest.raises(MessagesMissing, match='chats verify'):
        await anew(folder_again).open(live.id)
    await folder_again.close()


async def test_what_was_recovered_on_a_full_disk_is_a_version_like_others_once_there_is_room(
    folder: DataFolder, tmp_path: Path
) -> None:
    conversation = conversation_of('Why?')
    answer = conversation.messages.pop()
    await folder.conversations.save(conversation)
    await folder.conversations.write_checkpoint(conversation.conversation_id, [answer])
    disk = FullDisk(1, times=10**9)
    full = await open_store(tmp_path, disk=disk)
    live = await anew(full).open(conversation.conversation_id)
    assert live.turns[0].text == 'pong'
    disk.times = 0
    live.regenerate()
    await wait_until_answered(live)
    assert (live.turns[0].text, live.turns[0].answer_version) == ('Hi', Version(2, 2))
    await live.delete_version(live.turns[0].id, 'answer', live.turns[0].answer_entry_id)
    await full.close()
    async with store_in(tmp_path) as again:
        shown = (await anew(again).open(live.id)).turns[0]
        assert (shown.text, shown.answer_version) == ('pong', Version(1, 1))
