"""Deleting for good: all that only this conversation had is gone at once."""

from pathlib import Path

import pytest
from pydantic_ai import BinaryContent, Conversation, ModelRequest, UserPromptPart

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import Draft
from chat.errors import ChatError, ConversationNotFound
from chat.store.data_folder import DataFolder, open_store
from tests.store.store_samples import conversation_of, names_in, store_in


async def saved(data_folder: DataFolder, *prompts: str, conversation_id: str | None = None) -> Conversation:
    conversation = conversation_of(*prompts, conversation_id=conversation_id)
    await data_folder.conversations.write_metadata(
        conversation.conversation_id, ConversationMetadata(title=prompts[0])
    )
    await data_folder.conversations.save(conversation)
    return conversation


def with_file() -> Conversation:
    content = BinaryContent(b'x' * 5000, media_type='application/pdf')
    return Conversation(messages=[ModelRequest(parts=[UserPromptPart([content])])])


def titles(data_folder: DataFolder) -> list[str]:
    return [summary.title for summary in data_folder.catalog.summaries]


async def test_the_trash_deletes_only_what_is_in_it(tmp_path: Path) -> None:
    """Also when there is another conversation with the same id."""
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        await saved(data_folder, 'first', conversation_id='api')
        await store.move_to_trash('api')
        await saved(data_folder, 'second', conversation_id='api')
        await store.trash.delete_for_good('api')
        assert (store.trash.conversations, titles(data_folder)) == ([], ['second'])
        with pytest.raises(ConversationNotFound):
            await store.trash.delete_for_good('api')
        assert titles(data_folder) == ['second']
    assert len(names_in(tmp_path / 'conversations')) == 1
    assert names_in(tmp_path / 'trash') == {'index.json'}


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob('*') if path.is_file() and path.name != 'index.json'}


@pytest.mark.parametrize('is_trashed', [True, False])
async def test_for_good_leaves_nothing(tmp_path: Path, is_trashed: bool) -> None:
    """No message, attachment, backup, damaged copy or unsent text; the file of another conversation stays."""
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        conversation, other = with_file(), await saved(data_folder, 'other')
        await store.save(conversation)
        stem = conversation.conversation_id
        await data_folder.drafts.put(stem, Draft(text='What I was about to say'))
        (tmp_path / 'backups' / f'{stem}.v0.json').write_text('as it was')
        (tmp_path / 'conversations' / f'{stem}.json.corrupt').write_text('damaged')
        if is_trashed:
            await store.move_to_trash(stem)
            assert len(names_in(tmp_path / 'blobs')) == 1
            await store.trash.delete_for_good(stem)
        else:
            await store.delete(stem)
        assert store.trash.conversations == []
    assert files_in(tmp_path) == {f'{other.conversation_id}.json'}


def naming(folder: Path, text: str) -> list[Path]:
    """The files that hold a text."""
    files = [path for path in folder.rglob('*') if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


@pytest.mark.parametrize('is_trashed', [True, False])
async def test_for_good_leaves_no_title_in_a_list(tmp_path: Path, is_trashed: bool) -> None:
    """At once, and not only with the end of Parlour."""
    async with store_in(tmp_path) as data_folder:
        gone = await saved(data_folder, 'What nobody may know')
        await saved(data_folder, 'other')
    async with store_in(tmp_path) as data_folder:
        if is_trashed:
            await data_folder.conversations.move_to_trash(gone.conversation_id)
            await data_folder.trash.delete_for_good(gone.conversation_id)
        else:
            await data_folder.conversations.delete(gone.conversation_id)
        assert naming(tmp_path, 'What nobody may know') == []


async def test_a_blob_stays_as_long_as_the_trash_names_it(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        one, two = with_file(), with_file()
        await data_folder.conversations.save(one)
        await data_folder.conversations.save(two)
        await data_folder.conversations.move_to_trash(one.conversation_id)
        await data_folder.conversations.delete(two.conversation_id)
    async with store_in(tmp_path) as data_folder:
        assert await data_folder.conversations.collect_blobs() == 0
        await data_folder.trash.restore(one.conversation_id)
        loaded = await data_folder.conversations.load(one.conversation_id)
        assert loaded is not None
        assert loaded.messages == one.messages


@pytest.mark.parametrize('is_trashed', [True, False])
async def test_for_good_leaves_nothing_of_a_journal(tmp_path: Path, is_trashed: bool) -> None:
    data_folder = await open_store(tmp_path, rewrite_below=0)
    conversation = conversation_of('one')
    await data_folder.conversations.save(conversation)
    conversation.messages += with_file().messages
    await data_folder.conversations.save(conversation)
    assert len(files_in(tmp_path)) == 3
    if is_trashed:
        await data_folder.conversations.move_to_trash(conversation.conversation_id)
        await data_folder.trash.delete_for_good(conversation.conversation_id)
    else:
        await data_folder.conversations.delete(conversation.conversation_id)
    assert files_in(tmp_path) == set()
    await data_folder.close()


async def test_a_damaged_file_in_the_trash_can_only_be_erased(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = await saved(data_folder, 'one')
        await data_folder.conversations.move_to_trash(conversation.conversation_id)
    path = tmp_path / 'trash' / f'{conversation.conversation_id}.json'
    path.write_text('{')
    (tmp_path / 'trash' / 'index.json').unlink()
    async with store_in(tmp_path) as data_folder:
        assert [row.title for row in data_folder.trash.conversations] == [path.name]
        with pytest.raises(ChatError, match='damaged'):
            await data_folder.trash.restore(conversation.conversation_id)
        await data_folder.trash.delete_for_good(conversation.conversation_id)
    assert not path.exists()
