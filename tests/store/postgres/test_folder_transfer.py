"""A data folder goes into the database and comes out of it as it was; doing that again changes nothing."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pydantic_ai import BinaryContent, Conversation, ModelRequest, ModelResponse, TextPart, UserPromptPart

from chat.cli import main
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, SavedPrompt
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import Draft
from chat.conversation.usage_ledger import DayUsage
from chat.storage import Storage
from chat.store.postgres.folder_transfer import FolderExport, FolderImport
from tests.store.store_samples import conversation_of, postgres_storage, store_in, turn
from tests.support.files import png

PICTURE = BinaryContent.narrow_type(BinaryContent(png() + bytes(5000), media_type='image/png'))
WAITS = ModelRequest(parts=[UserPromptPart(['Later \0', PICTURE])])


async def fill(storage: Storage) -> None:
    """Put one of everything into a storage."""
    file = await storage.attachments.save('cat.png', PICTURE.data)
    conversation = conversation_of('one', 'two')
    where = conversation.conversation_id
    await storage.conversations.write_metadata(where, ConversationMetadata(title='Ää \0', queue=(WAITS,)))
    await storage.conversations.save(conversation)
    conversation.messages[2:] = [
        ModelRequest(
            parts=[UserPromptPart(['Look', PICTURE])], metadata={'attachments': [{'blob': file.blob}]}
        ),
        ModelResponse(parts=[TextPart('A cat.')]),
    ]
    await storage.conversations.save(conversation)
    await storage.conversations.save(Conversation(conversation_id='odd / \0', messages=turn('odd')))
    for title in ('first', 'second'):
        await storage.conversations.save(conversation_of(title, conversation_id='trashed'))
        await storage.conversations.move_to_trash('trashed')
    await storage.drafts.put('new', Draft(text='Dear', attachments=(file,)))
    await storage.drafts.put('odd / \0', Draft(text='More'))
    await storage.preferences.write(Preferences(instructions='Be brief.'))
    await storage.assistants.put(Assistant(id='1', name='Editor'))
    await storage.prompts.put(SavedPrompt(id='2', name='Sum', text='Sum up {{what}}'))
    await storage.folders.put(ChatFolder(id='3', name='Work'))
    await storage.usage.add(DayUsage(day='2026-11-28', model='a:b', answers=2, cost=0.5), uuid4())


async def content_of(storage: Storage) -> dict[str, Any]:
    """All that a storage says, apart from when somebody looks."""
    ids = [summary.conversation_id for summary in storage.catalog.summaries]
    chats = [await storage.whole.read(each, with_files=True) for each in ids]
    return {
        'summaries': storage.catalog.summaries,
        'chats': [(dict(chat.record), dict(chat.entries), chat.metadata, chat.messages) for chat in chats],
        'queued': [await storage.conversations.read_metadata(chat.id) for chat in chats],
        'trash': storage.trash.conversations,
        'drafts': [storage.drafts.get(place) for place in ('new', 'odd / \0')],
        'preferences': await storage.preferences.read(),
        'kept': [await storage.assistants.read(), await storage.prompts.read(), await storage.folders.read()],
        'usage': await storage.usage.read(),
    }


async def test_a_folder_goes_in_and_comes_out_as_it_was(tmp_path: Path, postgres_url: str) -> None:
    async with store_in(tmp_path / 'data') as folder:
        await fill(folder)
        before = await content_of(folder)
    for done in ((2, 2, 1), (0, 0, 0)):
        async with postgres_storage(postgres_url) as storage:
            report = await FolderImport(tmp_path / 'data', storage).run()
            counts = report.counts
            assert (counts['chats'], counts['chats in the trash'], counts['attachments']) == done
            assert report.left == []
    async with postgres_storage(postgres_url) as storage:
        assert await content_of(storage) == before
        for done in ((2, 2), (0, 0)):
            report = await FolderExport(tmp_path / 'out', storage).run()
            assert (report.counts['chats'], report.counts['chats in the trash'], report.left) == (*done, [])
    async with store_in(tmp_path / 'out') as out:
        assert await content_of(out) == before


async def test_what_has_changed_meanwhile_stays(tmp_path: Path, postgres_url: str) -> None:
    async with store_in(tmp_path / 'data') as folder:
        conversation = conversation_of('one', conversation_id='api')
        await folder.conversations.save(conversation)
    async with postgres_storage(postgres_url) as storage:
        await FolderImport(tmp_path / 'data', storage).run()
        loaded = await storage.conversations.load('api')
        assert loaded
        loaded.messages += turn('two')
        await storage.conversations.save(loaded)
        for transfer in (FolderImport(tmp_path / 'data', storage), FolderExport(tmp_path / 'data', storage)):
            [sentence] = (await transfer.run()).left
            assert 'api is another version' in sentence
        kept = await storage.conversations.load('api')
        assert kept
        assert len(kept.messages) == 4


async def test_a_damaged_chat_keeps_no_other_back(tmp_path: Path, postgres_url: str) -> None:
    async with postgres_storage(postgres_url) as storage:
        for where in ('first', 'broken', 'last'):
            await storage.conversations.save(conversation_of(where, conversation_id=where))
        async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
            await connection.execute('delete from entry where words = %s', ['broken'])
        report = await FolderExport(tmp_path / 'out', storage).run()
        said = 'broken is damaged: a message of it is missing.'
        assert (report.counts['chats'], report.left) == (2, [said])


async def test_the_commands(
    tmp_path: Path, postgres_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They say what they did, and what stands in the way, without a password."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        code = main(['database', *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    async with store_in(tmp_path / 'data') as folder:
        await fill(folder)
    await asyncio.to_thread(_commands, run, postgres_url, tmp_path)


def _commands(run: Any, url: str, folder: Path) -> None:
    address = ('--database', url)
    anna = (*address, '--user', 'anna')
    assert run('migrate', *address) == (0, 'The tables are as they should be.\n')
    code, said = run('import', *anna, '--data', str(folder / 'data'))
    assert (code, 'Taken: 2 chats, 2 chats in the trash, 1 attachments' in said) == (0, True)
    code, said = run('import', *anna, '--data', str(folder / 'data'))
    assert (code, 'Taken: 0 chats' in said, 'Already there: 4 chats' in said) == (0, True, True)
    assert run('export', *anna, '--data', str(folder / 'out'))[0] == 0
    assert len(list((folder / 'out' / 'conversations').glob('*.json'))) == 2
    assert run('export', *address, '--user', 'bob', '--data', str(folder / 'bob'))[1].startswith(
        'Taken: 0 chats'
    )
    for arguments, sentence in (
        (('import', *anna, '--data', str(folder / 'none')), 'There is no data folder'),
        (('export', *anna), 'Name the folder to write with --data.'),
        (('migrate',), 'Name the database with --database'),
        (('migrate', '--database', 'mysql://x'), 'such as postgresql://'),
        (('migrate', '--database', url.replace('parlour@', 'parlour:secret@')), 'PGPASSWORD'),
        (('migrate', '--database', url.replace('?', '_none?')), 'does not exist'),
    ):
        code, said = run(*arguments)
        assert code in (1, 2)
        assert sentence in said
        assert 'secret' not in said
        assert 'Traceback' not in said
