"""What the files of the conversations hold, and what holds when the disk fails or the caller is gone."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.conversation_store import ConversationEntry

from chat.conversation.content.metadata import ConversationMetadata, TurnOutcome
from chat.errors import StartFailed
from chat.store.data_folder import open_store
from chat.store.filesystem.disk import UNFINISHED_SUFFIX
from tests.store.store_samples import (
    conversation_of,
    only_file,
    prompts_in,
    stock_tinydb,
    store_in,
    tables_of,
    turn,
)

DETAILS = ConversationMetadata(
    title='Ping', model='demo', endings={'turn': TurnOutcome(kind='failed', sentence='No network.')}
)


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one', 'two')
        await data_folder.conversations.save(conversation)
        await data_folder.conversations.write_metadata(conversation.conversation_id, DETAILS)
        fork = await data_folder.conversations.fork(conversation.conversation_id, at=2)
        summaries = data_folder.catalog.summaries
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        assert loaded.messages == conversation.messages
        assert await data_folder.conversations.read_metadata(conversation.conversation_id) == DETAILS
        assert prompts_in(await data_folder.conversations.load(fork.conversation_id)) == ['one']
        assert data_folder.catalog.summaries == summaries
        loaded.messages += turn('three')
        await data_folder.conversations.save(loaded)
    async with store_in(tmp_path) as data_folder:
        assert prompts_in(await data_folder.conversations.load(fork.conversation_id)) == ['one']
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert prompts_in(loaded) == ['one', 'two', 'three']


async def test_each_file_is_a_tinydb_file(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('grüß dich 🙂')
        await data_folder.conversations.write_metadata(conversation.conversation_id, DETAILS)
        entries = await data_folder.conversations.save(conversation)
    path = only_file(tmp_path)
    assert path.name == f'{conversation.conversation_id}.json'
    assert 'grüß dich 🙂' in path.read_text(encoding='utf-8')
    with stock_tinydb(path) as database:
        assert database.tables() == {'_meta', 'record', 'entries', 'meta'}
        [about] = database.table('_meta').all()
        assert about['format_version'] == 1
        assert database.table('record').all()[0]['head_id'] == entries[-1].id
        assert database.table('meta').all()[0]['title'] == 'Ping'
        stored = database.table('entries')
        stored.document_id_class = str  # for TinyDB expects numbers
        assert [document.doc_id for document in stored.all()] == [entry.id for entry in entries]
        assert [document['parent_id'] for document in stored.all()] == [None, entries[0].id]
        assert stored.get(doc_id=entries[0].id)['message']['kind'] == 'request'


@pytest.mark.skipif(os.name != 'posix', reason='other systems have other rights')
async def test_only_the_owner_may_read(tmp_path: Path) -> None:
    folder = tmp_path / 'new' / 'data'
    async with store_in(folder) as data_folder:
        await data_folder.conversations.save(conversation_of('one'))
        await data_folder.conversations.save(conversation_of('two', conversation_id='../two'))
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob('*') if path.is_file()}
    assert modes == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / 'conversations')} == {0o700}


async def test_a_disk_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Memory, disk and what was acknowledged are the same, and it goes on when the disk works again."""
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        conversation = conversation_of('one')
        await store.save(conversation)
        await store.write_metadata(conversation.conversation_id, DETAILS)
        summaries = data_folder.catalog.summaries
        path = only_file(tmp_path)
        before = path.read_bytes()
        obstacle = path.with_name(path.name + UNFINISHED_SUFFIX)
        obstacle.mkdir()
        conversation.messages += turn('two')
        with pytest.raises(OSError, match=obstacle.name):
            await store.save(conversation)
        with pytest.raises(OSError, match=obstacle.name):
            await store.write_metadata(conversation.conversation_id, ConversationMetadata(title='Pong'))
        assert path.read_bytes() == before
        assert prompts_in(await store.load(conversation.conversation_id)) == ['one']
        assert await store.read_metadata(conversation.conversation_id) == DETAILS
        assert data_folder.catalog.summaries == summaries
        obstacle.rmdir()
        await store.save(conversation)
        assert prompts_in(await store.load(conversation.conversation_id)) == ['one', 'two']


async def test_a_first_save_that_fails_leaves_no_conversation(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = conversation_of('one')
        await data_folder.conversations.write_metadata(conversation.conversation_id, DETAILS)
        obstacle = tmp_path / 'conversations' / f'{conversation.conversation_id}.json{UNFINISHED_SUFFIX}'
        obstacle.mkdir()
        with pytest.raises(OSError, match=obstacle.name):
            await data_folder.conversations.save(conversation)
        assert await data_folder.conversations.load(conversation.conversation_id) is None
        assert not data_folder.catalog.has(conversation.conversation_id)
        obstacle.rmdir()
        await data_folder.conversations.save(conversation)
        assert await data_folder.conversations.read_metadata(conversation.conversation_id) == DETAILS


async def test_more_conversations_than_stay_in_memory(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        saved = [conversation_of(str(number)) for number in range(40)]
        entries = [await data_folder.conversations.save(conversation) for conversation in saved]
        await data_folder.conversations.delete(saved[7].conversation_id)
        for number in (0, 39, 1):
            history = await data_folder.conversations.read_history(entries[number][-1].id)
            assert history == entries[number]
        with pytest.raises(LookupError):
            await data_folder.conversations.read_history(entries[7][-1].id)
        for number in (0, 20, 39):
            saved[number].messages += turn('more')
            await data_folder.conversations.save(saved[number])
            loaded = await data_folder.conversations.load(saved[number].conversation_id)
            assert prompts_in(loaded) == [str(number), 'more']


def spoil(folder: Path, entry: ConversationEntry, **changes: Any) -> None:
    """Change what is stored of an entry."""
    for path in (folder / 'conversations').iterdir():
        tables = tables_of(path)
        if entry.id in tables['entries']:
            tables['entries'][entry.id].update(changes)
            path.write_text(json.dumps(tables))


async def test_a_history_that_is_damaged_is_told(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        endless = conversation_of('two')
        [start, end] = await data_folder.conversations.save(endless)
    spoil(tmp_path, start, parent_id=end.id)
    async with store_in(tmp_path) as data_folder:
        with pytest.raises(LookupError):
            await data_folder.conversations.load(endless.conversation_id)


async def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('not a folder')
    (tmp_path / 'data').mkdir()
    (tmp_path / 'data' / 'conversations').write_text('not a folder either')
    for folder in (tmp_path / 'file', tmp_path / 'file' / 'below', tmp_path / 'data'):
        with pytest.raises(StartFailed, match='--data'):
            await open_store(folder)


async def test_what_an_interrupted_write_has_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / 'conversations').mkdir()
    leftovers = [
        tmp_path / f'index.json{UNFINISHED_SUFFIX}',
        tmp_path / 'conversations' / f'a.json{UNFINISHED_SUFFIX}',
    ]
    kept = [tmp_path / 'notes.tmp', tmp_path / 'conversations' / 'notes.txt']
    for path in leftovers + kept:
        path.write_text('{"half')
    async with store_in(tmp_path) as data_folder:
        assert data_folder.catalog.problems == []
    assert not any(path.exists() for path in leftovers)
    assert all(path.exists() for path in kept)


async def test_closing_twice_does_no_harm(tmp_path: Path) -> None:
    data_folder = await open_store(tmp_path)
    await data_folder.close()
    await data_folder.close()
