"""Files of other formats: older ones are migrated and kept, newer ones are left untouched."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import Conversation

from chat.conversation.content.metadata import ConversationMetadata
from chat.errors import ChatError
from chat.store.conversations.format import MIGRATION_STEPS
from chat.store.data_folder import open_store
from chat.store.filesystem.disk import Disk
from chat.store.tinydb_storage.tables import Tables
from tests.store.store_samples import (
    conversation_of,
    names_in,
    names_noted,
    only_file,
    prompts_in,
    store_in,
    tables_of,
    turn,
)


def with_titles_where_they_are_now(tables: Tables) -> Tables:
    """A made-up step: version 0 kept the title in a table of its own."""
    title = tables.pop('title')['1']['is']
    return {**tables, 'meta': {'1': {'title': title}}}


@pytest.fixture(autouse=True)
def version_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there had been a version 0."""
    monkeypatch.setitem(MIGRATION_STEPS, 0, with_titles_where_they_are_now)


def written_by(version: int, path: Path, **tables: Any) -> bytes:
    """Make a file look as if another version had written it; return its new content."""
    stored = tables_of(path)
    title = stored.pop('meta')['1']['title']
    stored['_meta'] = {'1': {'format_version': version}}
    path.write_text(json.dumps({**stored, 'title': {'1': {'is': title}}, **tables}))
    return path.read_bytes()


async def stored(folder: Path) -> Conversation:
    conversation = conversation_of('one')
    async with store_in(folder) as data_folder:
        await data_folder.conversations.write_metadata(
            conversation.conversation_id, ConversationMetadata(title='Old')
        )
        await data_folder.conversations.save(conversation)
    return conversation


async def test_an_older_file_is_read_as_today_and_rewritten_with_the_next_commit(tmp_path: Path) -> None:
    conversation = await stored(tmp_path)
    path = only_file(tmp_path)
    old = written_by(0, path)
    async with store_in(tmp_path) as data_folder:
        assert [summary.title for summary in data_folder.catalog.summaries] == ['Old']
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert prompts_in(loaded) == ['one']
    assert path.read_bytes() == old
    assert names_in(tmp_path / 'backups') == set()
    async with store_in(tmp_path) as data_folder:
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert loaded is not None
        loaded.messages += turn('two')
        await data_folder.conversations.save(loaded)
    [backup] = (tmp_path / 'backups').iterdir()
    assert backup.name == f'{conversation.conversation_id}.v0.json'
    assert tables_of(backup) == json.loads(old)
    tables = tables_of(path)
    assert tables['_meta']['1']['format_version'] == 1
    assert tables['meta']['1'] == {'title': 'Old'}
    assert 'title' not in tables
    async with store_in(tmp_path) as data_folder:
        assert prompts_in(await data_folder.conversations.load(conversation.conversation_id)) == [
            'one',
            'two',
        ]
        await data_folder.conversations.write_metadata(
            conversation.conversation_id, ConversationMetadata(title='New')
        )
    assert tables_of(backup) == json.loads(old)


class FullBackups(Disk):
    def write(self, path: Path, data: bytes) -> None:
        if path.parent.name == 'backups' and data:
            raise OSError('no room for a backup')
        super().write(path, data)


async def test_without_a_backup_nothing_is_replaced(tmp_path: Path) -> None:
    conversation = await stored(tmp_path)
    path = only_file(tmp_path)
    old = written_by(0, path)
    data_folder = await open_store(tmp_path, disk=FullBackups())
    loaded = await data_folder.conversations.load(conversation.conversation_id)
    assert loaded is not None
    loaded.messages += turn('two')
    for _ in range(2):
        with pytest.raises(OSError, match='no room'):
            await data_folder.conversations.save(loaded)
    assert prompts_in(await data_folder.conversations.load(conversation.conversation_id)) == ['one']
    assert path.read_bytes() == old
    await data_folder.close()
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.save(loaded)
        assert prompts_in(await data_folder.conversations.load(conversation.conversation_id)) == [
            'one',
            'two',
        ]
    assert len(names_in(tmp_path / 'backups')) == 1


@pytest.mark.parametrize('rewrite_below', [0, 10**9])
async def test_a_checkpoint_is_no_way_around_the_backup(tmp_path: Path, rewrite_below: int) -> None:
    conversation = await stored(tmp_path)
    old = written_by(0, only_file(tmp_path))
    data_folder = await open_store(tmp_path, rewrite_below=rewrite_below)
    await data_folder.conversations.write_checkpoint(conversation.conversation_id, turn('two')[1:])
    await data_folder.close()
    [backup] = (tmp_path / 'backups').iterdir()
    assert tables_of(backup) == json.loads(old)


async def test_a_fork_of_an_older_file(tmp_path: Path) -> None:
    conversation = await stored(tmp_path)
    path = only_file(tmp_path)
    old = written_by(0, path)
    async with store_in(tmp_path) as data_folder:
        fork = await data_folder.conversations.fork(conversation.conversation_id)
        assert prompts_in(await data_folder.conversations.load(fork.conversation_id)) == ['one']
    assert path.read_bytes() == old


async def test_an_older_file_without_a_way_is_set_aside(tmp_path: Path) -> None:
    await stored(tmp_path)
    path = only_file(tmp_path)
    old = written_by(-1, path)
    async with store_in(tmp_path) as data_folder:
        assert names_noted(data_folder) == {f'{path.name}.corrupt'}
    assert path.with_name(f'{path.name}.corrupt').read_bytes() == old


async def test_a_newer_file_is_left_untouched_and_named(tmp_path: Path) -> None:
    conversation = await stored(tmp_path)
    path = only_file(tmp_path)
    new = written_by(2, path)
    async with store_in(tmp_path) as data_folder:
        assert names_noted(data_folder) == {path.name}
        with pytest.raises(ChatError, match=f'{path.name} was stored by a newer version'):
            await data_folder.conversations.load(conversation.conversation_id)
        with pytest.raises(ChatError, match='newer'):
            await data_folder.conversations.write_metadata(
                conversation.conversation_id, ConversationMetadata(title='x')
            )
    assert path.read_bytes() == new
    assert names_in(tmp_path / 'backups') == set()
