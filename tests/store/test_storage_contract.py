"""What every `Storage` does beside keeping conversations: that of the tests in memory, and ours on disk."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from pydantic_ai import Conversation
from pydantic_ai.conversation_store import ConversationConflict

from chat.agent.added_servers import AddedServer
from chat.agent.mcp.entries import StoredServer
from chat.conversation.content.attachments import Attachment
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, SavedPrompt
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import EMPTY_DRAFT, NEW_CONVERSATION, Draft, StoredFile
from chat.conversation.usage_ledger import DayUsage, UsageLedger, today
from chat.errors import (
    AttachmentMissing,
    AttachmentRefused,
    ConversationExists,
    ConversationNotFound,
    StorageUnavailable,
)
from chat.sharing.invites import Invite
from chat.storage import Storage
from tests.store.store_samples import conversation_of, postgres_storage, prompts_in, store_in, turn
from tests.support.files import PDF, attached, png
from tests.support.memory_storage import MemoryStorage


@pytest.fixture(params=['memory', 'disk', pytest.param('postgres', marks=pytest.mark.cluster)])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Storage]:
    if request.param == 'memory':
        yield MemoryStorage()
        return
    if request.param == 'postgres':
        async with postgres_storage(request.getfixturevalue('postgres_url')) as postgres:
            yield postgres
        return
    async with store_in(tmp_path) as data_folder:
        yield data_folder


async def saved(storage: Storage, title: str, conversation_id: str | None = None) -> Conversation:
    """A conversation with this title, and with this prompt in it."""
    conversation = conversation_of(title, conversation_id=conversation_id)
    await storage.conversations.write_metadata(
        conversation.conversation_id, ConversationMetadata(title=title)
    )
    await storage.conversations.save(conversation)
    return conversation


def titles(storage: Storage) -> list[str]:
    return [summary.title for summary in storage.catalog.summaries]


async def bytes_of(file: StoredFile | None) -> bytes:
    assert file is not None
    if isinstance(file.content, AsyncIterable):
        return b''.join([piece async for piece in file.content])
    return await asyncio.to_thread(file.content.read_bytes)


async def test_the_catalog_lists_what_is_stored_and_tells_when_that_changes(storage: Storage) -> None:
    one = await saved(storage, 'one')
    two = await saved(storage, 'two')
    assert titles(storage) == ['two', 'one']
    seen = storage.catalog.changed.count
    one.messages += turn('more')
    await storage.conversations.save(one)
    assert titles(storage) == ['one', 'two']
    await storage.conversations.write_metadata(
        two.conversation_id, ConversationMetadata(title='Two', is_pinned=True, is_archived=True, folder='3')
    )
    summary = storage.catalog.get(two.conversation_id)
    assert summary is not None
    assert (summary.title, summary.is_pinned, summary.is_archived, summary.folder) == ('Two', True, True, '3')
    assert storage.catalog.changed.count >= seen + 2
    await storage.conversations.delete(two.conversation_id)
    assert titles(storage) == ['one']
    assert storage.catalog.get(two.conversation_id) is None
    assert (storage.catalog.has(one.conversation_id), storage.catalog.has(two.conversation_id)) == (
        True,
        False,
    )


async def test_a_new_storage_has_nothing_to_complain_of(storage: Storage) -> None:
    assert (storage.warnings, storage.catalog.problems) in (([], []), ((), ()))
    assert storage.catalog.problem_of('one') is None
    assert await storage.size() >= 0


async def test_the_list_belongs_to_the_caller(storage: Storage) -> None:
    await saved(storage, 'one')
    summaries = storage.catalog.summaries
    assert isinstance(summaries, list)
    summaries.clear()
    assert titles(storage) == ['one']


async def test_what_is_in_the_trash_comes_back_as_it_was(storage: Storage) -> None:
    one, _ = await saved(storage, 'one'), await saved(storage, 'two')
    summaries = storage.catalog.summaries
    seen = storage.trash.changed.count
    await storage.conversations.move_to_trash(one.conversation_id)
    assert storage.trash.changed.count == seen + 1
    assert titles(storage) == ['two']
    assert await storage.conversations.load(one.conversation_id) is None
    [trashed] = storage.trash.conversations
    assert (trashed.conversation_id, trashed.title) == (one.conversation_id, 'one')
    assert trashed.updated_at <= trashed.deleted_at
    await storage.trash.restore(one.conversation_id)
    assert storage.trash.changed.count == seen + 2
    assert storage.trash.conversations == []
    assert storage.catalog.summaries == summaries
    one.messages += turn('more')
    await storage.conversations.save(one)  # which needs the revision that it had
    assert prompts_in(await storage.conversations.load(one.conversation_id)) == ['one', 'more']


async def test_what_comes_late_for_a_deleted_conversation_hides_nothing_once_it_is_restored(
    storage: Storage,
) -> None:
    one, conversations = await saved(storage, 'one'), storage.conversations
    await conversations.move_to_trash(one.conversation_id)
    await conversations.write_metadata(one.conversation_id, ConversationMetadata(title='late'))
    await storage.trash.restore(one.conversation_id)
    assert (await conversations.read_metadata(one.conversation_id)).title == 'one'
    await conversations.write_metadata(one.conversation_id, ConversationMetadata(title='new'))
    one.messages += turn('more')
    await conversations.save(one)
    assert ((await conversations.read_metadata(one.conversation_id)).title, titles(storage)) == (
        'new',
        ['new'],
    )


async def test_of_two_in_the_trash_with_one_id_the_last_one_leaves_first(storage: Storage) -> None:
    for title in ('first', 'second', 'third'):
        await saved(storage, title, 'api')
        if title != 'third':
            await storage.conversations.move_to_trash('api')
    assert [row.title for row in storage.trash.conversations] == ['second', 'first']
    with pytest.raises(ConversationExists):
        await storage.trash.restore('api')
    await storage.trash.delete_for_good('api')
    assert [row.title for row in storage.trash.conversations] == ['first']
    assert titles(storage) == ['third']
    await storage.conversations.delete('api')
    await storage.trash.restore('api')
    assert titles(storage) == ['first']


async def test_what_is_not_in_the_trash_does_not_leave_it(storage: Storage) -> None:
    one = await saved(storage, 'one')
    for call in (storage.trash.restore, storage.trash.delete_for_good):
        for conversation_id in (one.conversation_id, 'unknown'):
            with pytest.raises(ConversationNotFound):
                await call(conversation_id)
    with pytest.raises(ConversationNotFound):
        await storage.conversations.move_to_trash('unknown')
    assert not storage.trash.has(one.conversation_id)
    assert titles(storage) == ['one']


async def test_drafts(storage: Storage) -> None:
    draft = Draft(
        text='What I was\nabout to say', attachments=tuple(attached('a.pdf', 'application/pdf', PDF))
    )
    assert storage.drafts.get('one') == EMPTY_DRAFT
    await storage.drafts.put('one', draft)
    await storage.drafts.put(NEW_CONVERSATION, Draft(text='Something new'))
    assert storage.drafts.get('one') == draft
    seen = storage.drafts.changed.count
    await storage.drafts.put('one', draft)
    assert storage.drafts.changed.count == seen, 'it is the same'
    await storage.drafts.put('one', EMPTY_DRAFT)
    assert storage.drafts.changed.count == seen + 1
    assert storage.drafts.get('one') == EMPTY_DRAFT
    assert storage.drafts.get(NEW_CONVERSATION) == Draft(text='Something new')


async def test_attachments(storage: Storage) -> None:
    picture = png() + bytes(5000)
    kept = await storage.attachments.save('folder/cat.png', picture)
    assert (kept.name, kept.media_type, kept.size) == ('folder cat.png', 'image/png', len(picture))
    assert await storage.attachments.read([]) == {}
    assert await storage.attachments.read([kept]) == attached('folder cat.png', 'image/png', picture)
    file = await storage.attachments.get(kept.blob)
    assert file is not None
    assert (file.media_type, file.size, await bytes_of(file)) == ('image/png', len(picture), picture)


async def test_attachments_that_are_not_there_or_may_not_be(storage: Storage) -> None:
    missing = Attachment(blob='0' * 64, name='cat.png', media_type='image/png', size=1)
    with pytest.raises(AttachmentMissing, match=r'cat\.png is not there any more'):
        await storage.attachments.read([missing])
    for blob in (missing.blob, '', '../settings.json', '\0'):
        assert await storage.attachments.get(blob) is None
    for name, content in (('x.zip', b'PK\x03\x04'), ('x.txt', b''), ('x.txt', b'x' * 1_000_001)):
        with pytest.raises(AttachmentRefused, match=name):
            await storage.attachments.save(name, content)


async def test_search(storage: Storage) -> None:
    """Titles first, then the last one; what is deleted is not found."""
    zurich = await saved(storage, 'Where is Zürich?')
    later = conversation_of('Zürich again')
    await storage.conversations.save(later)
    await storage.search.prepare()
    hits = await storage.search.search('ZURICH')
    assert hits is not None
    assert [(hit.conversation_id, hit.entry_id is None) for hit in hits] == [
        (zurich.conversation_id, True),
        (zurich.conversation_id, False),
        (later.conversation_id, False),
    ]
    assert {hit.snippet[hit.start : hit.end] for hit in hits} == {'Zürich'}
    entry = await storage.conversations.read_entry(hits[1].entry_id or '')
    assert entry.message == zurich.messages[0]
    assert await storage.search.search('zurich again where') == []
    assert await storage.search.search(' ') == []
    assert len(await storage.search.search('zurich', limit=2) or []) == 2
    await storage.conversations.move_to_trash(zurich.conversation_id)
    assert [hit.conversation_id for hit in await storage.search.search('zurich') or []] == [
        later.conversation_id
    ]


async def test_preferences_assistants_and_prompts(storage: Storage) -> None:
    assert await storage.preferences.read() == Preferences()
    await storage.preferences.write(Preferences(instructions='Be brief.', recent_models=('a:b',)))
    assert await storage.preferences.read() == Preferences(instructions='Be brief.', recent_models=('a:b',))
    editor = Assistant(id='1', name='Editor', thinking='low', tools=('web',), suggestions=('Shorten this',))
    prompt = SavedPrompt(id='2', name='Summary', text='Summarise {{what}}.')
    await storage.assistants.put(editor)
    await storage.prompts.put(prompt)
    assert (await storage.assistants.read(), await storage.prompts.read()) == ([editor], [prompt])
    work = ChatFolder(id='3', name='Work', instructions='Be formal.', model='demo', is_folded=True)
    await storage.folders.put(work)
    assert await storage.folders.read() == [work]
    await storage.folders.remove(work)
    assert await storage.folders.read() == []
    await storage.assistants.remove(editor)
    assert await storage.assistants.read() == []


async def test_what_was_used(storage: Storage) -> None:
    ledger = UsageLedger(await storage.usage.read(), storage.usage)
    for _ in range(2):
        await ledger.add('a:b', {'requests': 1, 'input': 10, 'output': 5, 'cost': 0.1})
    await ledger.add('a:c', {'requests': 1, 'cost': None}, of='title')
    read = {usage.model: usage for usage in await storage.usage.read()}
    assert read == {usage.model: usage for usage in ledger.days}
    assert (read['a:b'].answers, read['a:b'].tokens, read['a:b'].cost) == (2, 30, 0.2)
    for _ in range(2):
        await storage.usage.add(DayUsage(day='2019-12-31', model='a:b', answers=1, cost=0.1), uuid4())
    assert {usage.model for usage in await storage.usage.read('2020-01-01')} == {'a:b', 'a:c'}
    [old] = [usage for usage in await storage.usage.read() if usage.day == '2019-12-31']
    assert old == DayUsage(day='2019-12-31', model='a:b', answers=2, cost=0.2)
    later = UsageLedger(await storage.usage.read('2020-01-01'), storage.usage)
    await later.add('a:b', {'input': 1})
    await later.refresh()
    assert sorted((usage.day[:4], usage.model, usage.answers) for usage in later.days)[:2] == [
        ('2019', 'a:b', 2),
        (today()[:4], 'a:b', 3),
    ]


@pytest.mark.parametrize('storage', ['memory', 'disk'], indirect=True)
async def test_servers_invites_and_keys_of_somebody_alone(storage: Storage) -> None:
    first = AddedServer(name='First', url='http://127.0.0.1:8080/v1')
    for server in (first, AddedServer(name='second', url='http://127.0.0.1:8081/v1'), first):
        await storage.servers.put(server)
    assert [server.name for server in await storage.servers.read()] == ['First', 'second']
    await storage.servers.remove(first)
    await storage.servers.remove(first)
    assert ([server.name for server in await storage.servers.read()], storage.servers.trouble) == (
        ['second'],
        '',
    )
    tools = StoredServer(name='Files', tools_off=('write',))
    for one in (tools, StoredServer(name='web', url='http://127.0.0.1:9/mcp'), tools):
        await storage.mcp_servers.put(one)
    assert [one.name for one in await storage.mcp_servers.read()] == ['Files', 'web']
    await storage.mcp_servers.remove(StoredServer(name='FILES'))
    await storage.mcp_servers.remove(StoredServer(name='FILES'))
    assert [one.url for one in await storage.mcp_servers.read()] == ['http://127.0.0.1:9/mcp']
    assert storage.mcp_servers.trouble == ''
    now = datetime.now(UTC)
    invite = Invite(id='1', token_id='x', allows='read', conversation_id='one', made_at=now, ends_at=None)
    await storage.invites.put(invite)
    assert await storage.invites.read() == [invite]
    await storage.invites.remove(invite)
    await storage.invites.remove(invite)
    assert await storage.invites.read() == []
    key = await storage.api_keys.save('openai', SecretStr('sk-1'))
    assert await storage.api_keys.read() == {'openai': key}
    await storage.api_keys.remove('openai')
    assert await storage.api_keys.read() == {}


@pytest.mark.parametrize('storage', [pytest.param('postgres', marks=pytest.mark.cluster)], indirect=True)
async def test_servers_invites_and_keys_are_not_those_of_one_of_many(storage: Storage) -> None:
    """They are set by whoever runs the nodes; there are no links by which others come in."""
    now = datetime.now(UTC)
    invite = Invite(id='1', token_id='x', allows='read', conversation_id='one', made_at=now, ends_at=None)
    for refused in (
        storage.servers.put(AddedServer(name='First', url='http://127.0.0.1:8080/v1')),
        storage.mcp_servers.put(StoredServer(name='web', url='http://127.0.0.1:9/mcp')),
        storage.invites.put(invite),
        storage.api_keys.save('openai', SecretStr('sk-1')),
    ):
        with pytest.raises(StorageUnavailable, match=r'^(Servers|Keys|Chats) .*\.$'):
            await refused
    await storage.invites.remove(invite)
    await storage.api_keys.remove('openai')
    assert (await storage.invites.read(), await storage.api_keys.read()) == ([], {})


async def test_what_is_reverted_has_the_metadata_of_before(storage: Storage) -> None:
    """The members that are named, and no others; one that was missing is missing again."""
    conversation = await saved(storage, 'Whole')
    before = await storage.whole.read(conversation.conversation_id)
    broke = {'kind': 'failed', 'sentence': 'It broke.'}
    record = {**before.record, 'revision': 'later'}
    await storage.whole.put(
        {
            'record': {'1': record},
            'entries': {},
            'meta': {'1': {'endings': {'a run': broke, 'another': broke}}},
        },
        expected_revision=before.record['revision'],
    )
    after = (await storage.whole.read(before.id)).metadata
    assert (after.title, set(after.endings)) == ('Whole', {'a run', 'another'})
    await storage.conversations.write_metadata(before.id, replace(after, title='Mine'))
    before_it = {'endings': {'a run': None, 'another': {**broke, 'sentence': 'It was stopped.'}}}
    assert await storage.whole.revert(before.id, before.record, 'later', meta=before_it)
    reverted = (await storage.whole.read(before.id)).metadata
    assert reverted == replace(
        before.metadata,
        title='Mine',
        endings={'another': replace(after.endings['another'], sentence='It was stopped.')},
    )


async def test_conversations_as_a_whole(storage: Storage) -> None:
    """They go as they are and come as they were; what was changed since is neither removed nor reverted."""
    conversation = await saved(storage, 'Whole')
    whole = await storage.whole.read(conversation.conversation_id)
    assert (whole.id, whole.metadata.title, list(whole.path)) == (
        conversation.conversation_id, 'Whole', list(whole.entries),
    )  # fmt: skip
    assert len(whole.messages) == 2
    with pytest.raises(ConversationNotFound):
        await storage.whole.read('nowhere')
    revisions = {whole.id: whole.record['revision']}
    assert await storage.whole.remove({whole.id: 'another', 'nowhere': 'x'}, to_trash=False) == {whole.id}
    assert await storage.whole.remove(revisions, to_trash=True) == set()
    assert not storage.catalog.has(whole.id)
    assert storage.trash.has(whole.id)
    await storage.whole.put(whole.tables, expected_revision=None)
    again = await storage.whole.read(whole.id)
    assert (again.record, dict(again.entries)) == (whole.record, dict(whole.entries))
    with pytest.raises(ConversationConflict):
        await storage.whole.put(whole.tables, expected_revision=None)
    loaded = await storage.conversations.load(whole.id)
    assert loaded
    loaded.messages.extend(turn('More', 'Enough'))
    await storage.conversations.save(loaded)
    grown = await storage.whole.read(whole.id)
    assert not await storage.whole.revert(whole.id, whole.record, 'another', meta={})
    assert await storage.whole.revert(whole.id, whole.record, grown.record['revision'], meta={})
    assert dict((await storage.whole.read(whole.id)).entries) == dict(whole.entries)
    await storage.whole.put_import('1', {'state': 'done'})
    assert dict(await storage.whole.imports()) == {'1': {'state': 'done'}}
