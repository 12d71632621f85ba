"""What taking an import back leaves: what the owner has written meanwhile, and what can be imported again."""

import errno
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat.conversation.content.metadata import TurnOutcome
from chat.exchange.import_job import Import
from chat.exchange.imports import Imports
from chat.exchange.ledger import ImportEntry, ImportLedger
from chat.storage import Storage
from chat.store.data_folder import DataFolder, open_store
from chat.store.filesystem.disk import Disk
from tests.exchange.samples import imported, read
from tests.store.store_samples import conversation_of, turn


class DiskWithoutRoomForOne(Disk):
    """Has no room for files with a certain word in their names."""

    word = ''

    def rename(self, source: Path, target: Path) -> None:
        if self.word and self.word in target.name:
            raise OSError(errno.ENOSPC, 'No space left on device')
        super().rename(source, target)


@pytest.fixture
async def disk() -> DiskWithoutRoomForOne:
    return DiskWithoutRoomForOne()


@pytest.fixture
async def here(tmp_path: Path, disk: Disk) -> AsyncIterator[DataFolder]:
    folder = await open_store(tmp_path / 'here', disk=disk)
    yield folder
    await folder.close()


def of_claude(length: int, *, number: int = 1) -> dict[str, Any]:
    """A chat in an export of Claude, with so many messages."""
    ids = [f'{number}{place:07d}-1111-4111-8111-111111111111' for place in range(length)]
    times = [f'2026-01-01T00:{place:02d}:00Z' for place in range(length)]
    return {
        'uuid': f'{number:08d}-1111-4111-8111-111111111111',
        'name': f'Chat {number}',
        'created_at': times[0],
        'updated_at': times[-1],
        'chat_messages': [
            {
                'uuid': each,
                'text': f'{number}/{place}',
                'sender': 'assistant' if place % 2 else 'human',
                'created_at': times[place],
            }
            for place, each in enumerate(ids)
        ],
    }


def written(path: Path, *chats: dict[str, Any]) -> Path:
    path.mkdir(exist_ok=True)
    (path / 'conversations.json').write_text(json.dumps(chats))
    return path


async def ask(storage: Storage, chat: str, prompt: str) -> None:
    """Write into a chat, as its owner in another tab."""
    conversation = await storage.conversations.load(chat)
    assert conversation
    conversation.messages += turn(prompt)
    await storage.conversations.save(conversation)


async def words_in(storage: Storage, chat: str) -> str:
    """All that is stored of the messages of a chat."""
    return json.dumps(dict((await storage.whole.read(chat)).entries))


async def found(storage: Storage, path: Path) -> Import:
    _, job = await read(storage, [path])
    return job


async def test_undo_leaves_what_was_written_after_the_first_look(here: DataFolder, tmp_path: Path) -> None:
    await imported(here, written(tmp_path / 'before', of_claude(4)))
    [chat] = [each.conversation_id for each in here.catalog.summaries]
    job = await found(here, written(tmp_path / 'later', of_claude(6)))
    await ask(here, chat, 'My own')
    await job.run()
    assert job.result.states == {'changed': 1}
    assert '1/5' in await words_in(here, chat)
    assert await job.undo() == 0
    assert 'My own' in (words := await words_in(here, chat))
    assert '1/5' not in words


async def test_undo_leaves_what_is_known_of_messages_since(here: DataFolder, tmp_path: Path) -> None:
    """An image that was loaded, a decision and the end of an answer change no message."""
    await imported(here, written(tmp_path / 'before', of_claude(4)))
    [chat] = [each.conversation_id for each in here.catalog.summaries]
    job = await found(here, written(tmp_path / 'later', of_claude(6)))
    await job.run()
    metadata = (await here.whole.read(chat)).metadata
    mine = {'mine': TurnOutcome(kind='stopped')}
    await here.conversations.write_metadata(chat, replace(metadata, endings={**metadata.endings, **mine}))
    assert await job.undo() == 0
    reverted = await here.whole.read(chat)
    assert len(reverted.messages) == 4
    assert reverted.metadata.endings == mine


async def test_an_import_that_fails_later_leaves_it_too(
    here: DataFolder, disk: DiskWithoutRoomForOne, tmp_path: Path
) -> None:
    await imported(here, written(tmp_path / 'before', of_claude(4)))
    [chat] = [each.conversation_id for each in here.catalog.summaries]
    job = await found(here, written(tmp_path / 'later', of_claude(6), of_claude(2, number=2)))
    [disk.word] = set(job.chats) - {chat}
    await ask(here, chat, 'My own')
    await job.run()
    assert job.state == 'failed'
    assert not here.catalog.has(disk.word)
    assert 'My own' in (words := await words_in(here, chat))
    assert '1/5' not in words


@pytest.mark.parametrize('writes', [False, True])
async def test_a_chat_that_is_in_an_import_twice(here: DataFolder, writes: bool) -> None:
    """What is written to it between the two stays when the import is taken back; else nothing of it does."""
    entry, ledger = ImportEntry(), ImportLedger(here.whole)
    conversation = conversation_of('First')
    await here.conversations.save(conversation)
    chat = conversation.conversation_id
    entry.note((await here.whole.read(chat)).tables, None)
    if writes:
        await ask(here, chat, 'My own')
    before = await here.whole.read(chat)
    await ask(here, chat, 'Second')
    entry.note((await here.whole.read(chat)).tables, before)
    await ledger.roll_back('1', entry)
    assert here.catalog.has(chat) is writes
    if writes:
        assert 'My own' in (words := await words_in(here, chat))
        assert 'Second' not in words


@pytest.mark.parametrize('way', ['undone', 'failed', 'killed'])
async def test_what_was_taken_back_can_be_imported_again(
    here: DataFolder, disk: DiskWithoutRoomForOne, tmp_path: Path, way: str
) -> None:
    """The end of what is shown moves on once more too."""
    await imported(here, written(tmp_path / 'before', of_claude(4)))
    before = await here.whole.read(here.catalog.summaries[0].conversation_id)
    later = written(tmp_path / 'later', of_claude(6), of_claude(2, number=2))
    job = await found(here, later)
    disk.word = next(iter(set(job.chats) - {before.id})) if way == 'failed' else ''
    await job.run()
    disk.word = ''
    if way == 'undone':
        assert await job.undo() == 0
    elif way == 'killed':
        document = dict((await here.whole.imports())[job.id])
        await here.whole.put_import(job.id, {**document, 'state': 'running'})
        await Imports(here, is_open=lambda _: False).recover()
    reverted = await here.whole.read(before.id)
    assert (dict(reverted.entries), reverted.meta) == (dict(before.entries), before.meta)
    again = await imported(here, later)
    assert again.result.states == {'changed': 1, 'new': 1}
    assert len((await here.whole.read(before.id)).messages) == 6
