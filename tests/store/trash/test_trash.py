"""Deleting: into the trash, back exactly as it was, and for good."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic_ai import Conversation, ModelResponse, TextPart

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import TRASH_LIFETIME
from chat.errors import ChatError, ConversationNotFound
from chat.store.data_folder import DataFolder, open_store
from chat.store.filesystem.disk import Disk
from tests.store.power_cuts.disk_model import RecordingDisk
from tests.store.store_samples import conversation_of, names_in, only_file, prompts_in, store_in, turn


async def saved(data_folder: DataFolder, *prompts: str, conversation_id: str | None = None) -> Conversation:
    conversation = conversation_of(*prompts, conversation_id=conversation_id)
    await data_folder.conversations.write_metadata(
        conversation.conversation_id, ConversationMetadata(title=prompts[0])
    )
    await data_folder.conversations.save(conversation)
    return conversation


def titles(data_folder: DataFolder) -> list[str]:
    return [summary.title for summary in data_folder.catalog.summaries]


async def test_an_undo_restores_exactly(tmp_path: Path) -> None:
    """The file to its last byte, the place in the catalog, and the revision, so that it can be continued."""
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        [_, middle, _] = [await saved(data_folder, title) for title in ('one', 'two', 'three')]
        path = tmp_path / 'conversations' / f'{middle.conversation_id}.json'
        summaries, content, stat = data_folder.catalog.summaries, path.read_bytes(), path.stat()
        changes = data_folder.catalog.changed.count
        await store.move_to_trash(middle.conversation_id)
        assert data_folder.catalog.changed.count > changes
        assert titles(data_folder) == ['three', 'one']
        assert not path.exists()
        assert await store.load(middle.conversation_id) is None
        assert len(await store.list_conversations()) == 2
        with pytest.raises(LookupError):
            await store.read_history((json.loads(content))['record']['1']['head_id'])
        await store.trash.restore(middle.conversation_id)
        assert data_folder.catalog.summaries == summaries
        assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, stat.st_mtime_ns)
        assert store.trash.conversations == []
        middle.messages += turn('more')
        await store.save(middle)
    async with store_in(tmp_path) as data_folder:
        assert prompts_in(await data_folder.conversations.load(middle.conversation_id)) == ['two', 'more']


async def test_the_trash_is_there_after_a_restart(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    async with store_in(tmp_path) as data_folder:
        one, two = (
            await saved(data_folder, 'one'),
            await saved(data_folder, 'two', conversation_id='odd / id'),
        )
        await data_folder.conversations.move_to_trash(one.conversation_id)
        await data_folder.conversations.move_to_trash(two.conversation_id)
        trashed = data_folder.trash.conversations
        assert [row.title for row in trashed] == ['two', 'one']
        assert before < trashed[1].deleted_at < trashed[0].deleted_at < datetime.now(UTC)
    async with store_in(tmp_path) as data_folder:
        assert data_folder.trash.conversations == trashed
        assert data_folder.catalog.summaries == []
        await data_folder.trash.restore('odd / id')
        assert titles(data_folder) == ['two']
    async with store_in(tmp_path) as data_folder:
        assert [row.title for row in data_folder.trash.conversations] == ['one']
        assert prompts_in(await data_folder.conversations.load('odd / id')) == ['two']


async def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        one = await saved(data_folder, 'one')
        for call in (data_folder.trash.restore, data_folder.conversations.move_to_trash):
            with pytest.raises(ConversationNotFound):
                await call('unknown')
        with pytest.raises(ConversationNotFound):
            await data_folder.trash.delete_for_good('unknown')
        with pytest.raises(ConversationNotFound):
            await data_folder.trash.restore(one.conversation_id)


async def test_an_id_that_was_taken_meanwhile(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        store = data_folder.conversations
        await saved(data_folder, 'first', conversation_id='api')
        await store.move_to_trash('api')
        await saved(data_folder, 'second', conversation_id='api')
        with pytest.raises(ChatError, match='has the same id'):
            await store.trash.restore('api')
        assert prompts_in(await store.load('api')) == ['second']
        await store.move_to_trash('api')
        assert [row.title for row in store.trash.conversations] == ['second', 'first']
        await store.trash.restore('api')
        assert titles(data_folder) == ['second']
        await store.delete('api')
    async with store_in(tmp_path) as data_folder:
        await data_folder.trash.restore('api')
        assert prompts_in(await data_folder.conversations.load('api')) == ['first']


def set_deleted(folder: Path, title: str, *, ago: timedelta) -> None:
    path = folder / 'trash' / 'index.json'
    rows = json.loads(path.read_text())
    for row in rows.values():
        if row['title'] == title:
            row['deleted_at'] = (datetime.now(UTC) - ago).isoformat()
    path.write_text(json.dumps(rows))


async def test_after_thirty_days_a_start_erases_it(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        for title in ('old', 'young'):
            conversation = await saved(data_folder, title)
            await data_folder.conversations.move_to_trash(conversation.conversation_id)
    set_deleted(tmp_path, 'old', ago=TRASH_LIFETIME + timedelta(minutes=1))
    set_deleted(tmp_path, 'young', ago=TRASH_LIFETIME - timedelta(minutes=1))
    async with store_in(tmp_path) as data_folder:
        assert [row.title for row in data_folder.trash.conversations] == ['young']
    assert len(names_in(tmp_path / 'trash')) == 2


@pytest.mark.parametrize('content', [None, '', '{"x": 7}', '[]', b'\xff'])
async def test_without_the_time_of_deletion_the_days_begin_anew(
    tmp_path: Path, content: str | bytes | None
) -> None:
    async with store_in(tmp_path) as data_folder:
        conversation = await saved(data_folder, 'one')
        await data_folder.conversations.move_to_trash(conversation.conversation_id)
    index = tmp_path / 'trash' / 'index.json'
    index.unlink() if content is None else index.write_bytes(str(content).encode())
    before = datetime.now(UTC)
    async with store_in(tmp_path) as data_folder:
        [row] = data_folder.trash.conversations
        assert (row.title, row.deleted_at > before) == ('one', True)
    async with store_in(tmp_path) as data_folder:
        assert data_folder.trash.conversations == [row]


async def test_what_is_only_in_the_journal_goes_along(tmp_path: Path) -> None:
    """Also what an answer had said when the process died; the trash has no journals."""
    data_folder = await open_store(tmp_path, rewrite_below=0)
    store = data_folder.conversations
    conversation = await saved(data_folder, 'one')
    conversation.messages += turn('two')
    await store.save(conversation)
    await store.write_checkpoint(conversation.conversation_id, [ModelResponse(parts=[TextPart('And')])])
    assert len(names_in(tmp_path / 'conversations')) == 2
    await store.move_to_trash(conversation.conversation_id)
    assert names_in(tmp_path / 'conversations') == set()
    assert names_in(tmp_path / 'trash') == {'index.json', f'{conversation.conversation_id}.json'}
    await store.trash.restore(conversation.conversation_id)
    loaded = await store.load(conversation.conversation_id)
    assert loaded is not None
    assert prompts_in(loaded) == ['one', 'two']
    assert [part.content for part in loaded.messages[-1].parts if isinstance(part, TextPart)] == ['And']
    await data_folder.close()


class StubbornDisk(Disk):
    is_stubborn = False

    def rename(self, source: Path, target: Path) -> None:
        if self.is_stubborn and 'trash' in (source.parent.name, target.parent.name):
            raise OSError('does not move')
        super().rename(source, target)


async def test_a_disk_that_fails_moves_nothing(tmp_path: Path) -> None:
    disk = StubbornDisk()
    data_folder = await open_store(tmp_path, disk=disk)
    store = data_folder.conversations
    one, two = await saved(data_folder, 'one'), await saved(data_folder, 'two')
    await store.move_to_trash(two.conversation_id)
    disk.is_stubborn = True
    with pytest.raises(OSError, match='does not move'):
        await store.move_to_trash(one.conversation_id)
    with pytest.raises(OSError, match='does not move'):
        await store.trash.restore(two.conversation_id)
    assert titles(data_folder) == ['one']
    assert [row.title for row in store.trash.conversations] == ['two']
    assert prompts_in(await store.load(one.conversation_id)) == ['one']
    assert only_file(tmp_path).name == f'{one.conversation_id}.json'
    disk.is_stubborn = False
    await data_folder.close()
    async with store_in(tmp_path) as data_folder:
        assert titles(data_folder) == ['one']
        assert [row.title for row in data_folder.trash.conversations] == ['two']


async def test_the_trash_tells_of_each_change_of_its_own(tmp_path: Path) -> None:
    """And of nothing else: a page that lists it need not look again for what happens elsewhere."""
    async with store_in(tmp_path) as data_folder:
        conversation = await saved(data_folder, 'one')
        assert data_folder.trash.changed.count == 0
        await data_folder.conversations.move_to_trash(conversation.conversation_id)
        assert data_folder.trash.changed.count == 1
        await data_folder.trash.restore(conversation.conversation_id)
        assert data_folder.trash.changed.count == 2
        await data_folder.conversations.move_to_trash(conversation.conversation_id)
        listed = data_folder.catalog.changed.count
        await data_folder.trash.delete_for_good(conversation.conversation_id)
        assert data_folder.trash.changed.count == 4
        await data_folder.trash.erase_expired()
        assert data_folder.trash.changed.count == 4
        assert data_folder.catalog.changed.count == listed


async def test_who_writes_while_many_are_moved_leaves_nothing_where_they_were(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        conversations = [conversation_of(title) for title in ('one', 'two', 'three')]
        for conversation in conversations:
            await data_folder.conversations.save(conversation)
        first = conversations[0].conversation_id
        revisions = {each.conversation_id: str(each.revision) for each in conversations}
        removing = asyncio.create_task(data_folder.whole.remove(revisions, to_trash=True))
        for number in range(3):
            late = ConversationMetadata(title=f'late {number}')
            await data_folder.conversations.write_metadata(first, late)
        assert await removing == set()
        await data_folder.conversations.write_metadata(first, ConversationMetadata(title='later'))
        assert list((tmp_path / 'conversations').iterdir()) == []
        assert data_folder.catalog.summaries == []
        assert len(data_folder.trash.conversations) == 3


async def test_many_that_expire_are_erased_a_few_at_a_time(tmp_path: Path) -> None:
    """So what is stored meanwhile does not wait for all of them, and the index is not written for each."""
    time, disk = datetime.now(UTC), RecordingDisk()
    data_folder = await open_store(tmp_path, clock=lambda: time, disk=disk)
    for number in range(60):
        conversation = await saved(data_folder, str(number))
        await data_folder.conversations.move_to_trash(conversation.conversation_id)
    time += TRASH_LIFETIME + timedelta(seconds=1)
    steps = data_folder.trash.changed.count
    disk.events.clear()
    await data_folder.trash.erase_expired()
    assert data_folder.trash.conversations == []
    assert data_folder.trash.changed.count == steps + 2
    written = [arguments[0] for name, arguments in disk.events if name == 'write']
    assert len([path for path in written if path.parent.name == 'trash']) == 2
    await data_folder.close()
