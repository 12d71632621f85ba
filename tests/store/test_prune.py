"""Branches that are erased: nothing of them stays in the folder, and all else is as it was."""

import shutil
from pathlib import Path

import pytest
from pydantic_ai import BinaryContent, Conversation, ModelMessage, ModelRequest, UserPromptPart
from pydantic_ai.conversation_store import ConversationConflict

from chat.conversation.storage import ConversationStorage
from chat.store.data_folder import open_store
from tests.store.failing_disk import FullDisk
from tests.store.store_samples import conversation_of, names_in, only_file, prompts_in, store_in, turn


def with_file(prompt: str) -> list[ModelMessage]:
    attached = BinaryContent(prompt.encode() * 5000, media_type='application/pdf')
    return [ModelRequest(parts=[UserPromptPart([prompt, attached])]), *turn()[1:]]


async def with_versions(store: ConversationStorage, *prompts: str) -> tuple[Conversation, dict[str, str]]:
    """A conversation whose second turn has these versions, the last one shown, and the end of each."""
    conversation, ends = conversation_of('first'), dict[str, str]()
    await store.save(conversation)
    for prompt in prompts:
        conversation.messages[2:] = with_file(prompt)
        ends[prompt] = (await store.save(conversation))[-1].id
    return conversation, ends


async def prune(store: ConversationStorage, conversation: Conversation, *branches: str) -> None:
    assert conversation.revision
    conversation.revision = await store.prune(
        conversation.conversation_id, branches, expected_revision=conversation.revision
    )


def holding(folder: Path, text: bytes) -> list[Path]:
    """The files in which this text is."""
    return [path for path in folder.rglob('*') if path.is_file() and text in path.read_bytes()]


@pytest.mark.parametrize('rewrite_below', [0, 1_000_000])
async def test_what_leads_to_no_end_is_erased(tmp_path: Path, rewrite_below: int) -> None:
    """From the file or its journal, and with what was attached to it."""
    data_folder = await open_store(tmp_path, rewrite_below=rewrite_below)
    store = data_folder.conversations
    conversation, ends = await with_versions(store, 'secret', 'other', 'shown')
    assert len(names_in(tmp_path / 'blobs')) == 3
    await prune(store, conversation, ends['other'])
    with pytest.raises(LookupError):
        await store.read_entry(ends['secret'])
    conversation.messages += turn('next')
    await store.save(conversation)
    await data_folder.close()
    assert len(names_in(tmp_path / 'blobs')) == 2
    assert not holding(tmp_path, b'secret')
    async with store_in(tmp_path) as again:
        loaded = await again.conversations.load(conversation.conversation_id)
        assert [prompt[:9] for prompt in prompts_in(loaded)] == ['first', "['shown',", 'next']
        assert loaded
        other = await again.conversations.branch(
            loaded.conversation_id, from_entry=ends['other'], expected_revision=loaded.revision
        )
        assert 'other' in str(prompts_in(other))


async def test_what_a_fork_has_copied_stays_there(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        conversation, ends = await with_versions(store, 'copied', 'shown')
        fork = await store.fork(conversation.conversation_id, from_entry=ends['copied'])
        await prune(store, conversation)
        assert len(names_in(tmp_path / 'blobs')) == 2
        assert 'copied' in str(prompts_in(await store.load(fork.conversation_id)))


@pytest.mark.parametrize('rewrite_below', [0, 1_000_000])
async def test_on_a_full_disk_nothing_is_erased(tmp_path: Path, rewrite_below: int) -> None:
    """Neither from the disk nor from memory; with room again it is."""
    (tmp_path / 'data').mkdir()
    disk = FullDisk()
    data_folder = await open_store(tmp_path / 'data', rewrite_below=rewrite_below, disk=disk)
    store = data_folder.conversations
    conversation, ends = await with_versions(store, 'other', 'shown')
    disk.first, disk.times = disk.operations + 1, 1000
    with pytest.raises(OSError, match='No space'):
        await prune(store, conversation)
    assert (await store.read_entry(ends['other'])).parent_id
    async with store_in(shutil.copytree(tmp_path / 'data', tmp_path / 'copy')) as crashed:
        assert (await crashed.conversations.read_entry(ends['other'])).parent_id
    disk.times = 0
    await prune(store, conversation)
    with pytest.raises(LookupError):
        await store.read_entry(ends['other'])
    await data_folder.close()


async def test_of_another_revision_nothing_is_erased(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        conversation, ends = await with_versions(store, 'one', 'two')
        before = only_file(tmp_path).read_bytes()
        with pytest.raises(ConversationConflict):
            await store.prune(conversation.conversation_id, [], expected_revision='another')
        with pytest.raises(ConversationConflict):
            await prune(store, conversation, ends['one'], 'unknown')
        with pytest.raises(ConversationConflict):
            await store.prune('unknown', [], expected_revision='another')
        assert only_file(tmp_path).read_bytes() == before
