"""What every conversation store does: pydantic-ai's in memory, that of the tests, and ours on disk."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic_ai import BinaryContent, Conversation, ModelRequest, ModelResponse, ToolCallPart, UserPromptPart
from pydantic_ai.conversation_store import (
    ConversationConflict,
    ConversationEntry,
    ConversationRecord,
    ConversationStore,
    InMemoryConversationStore,
)
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ThinkingPart, ToolReturnPart
from pydantic_ai.tools import DeferredToolRequests
from pydantic_ai.usage import RunUsage

from tests.store.store_samples import conversation_of, names_in, postgres_storage, prompts_in, store_in, turn
from tests.support.memory_storage import MemoryStorage


@pytest.fixture(params=['pydantic-ai', 'memory', 'disk', pytest.param('postgres', marks=pytest.mark.cluster)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[ConversationStore]:
    if request.param == 'pydantic-ai':
        yield InMemoryConversationStore()
        return
    if request.param == 'memory':
        yield MemoryStorage().conversations
        return
    if request.param == 'postgres':
        async with postgres_storage(request.getfixturevalue('postgres_url')) as postgres:
            yield postgres.conversations
        return
    async with store_in(tmp_path) as data_folder:
        yield data_folder.conversations


async def test_saved_messages_load_again(store: ConversationStore) -> None:
    conversation = conversation_of('one', 'two')
    await store.save(conversation)
    loaded = await store.load(conversation.conversation_id)
    assert loaded is not None
    assert loaded.messages == conversation.messages
    assert loaded.revision == conversation.revision


async def test_what_was_never_saved_is_not_there(store: ConversationStore) -> None:
    assert await store.load('nothing') is None
    assert await store.list_conversations() == []
    await store.delete('nothing')
    with pytest.raises(LookupError):
        await store.read_entry('nothing')
    with pytest.raises(LookupError):
        await store.read_history('nothing')
    assert await store.read_history(None) == []


async def test_a_conversation_without_messages_can_be_saved(store: ConversationStore) -> None:
    conversation = Conversation()
    assert await store.save(conversation) == []
    assert prompts_in(await store.load(conversation.conversation_id)) == []


async def test_every_kind_of_part_stays_the_same(store: ConversationStore) -> None:
    picture = BinaryContent.narrow_type(BinaryContent(bytes(range(256)), media_type='image/png'))
    conversation = Conversation(
        messages=[
            ModelRequest(parts=[UserPromptPart(['what is this?', picture])]),
            ModelResponse(parts=[ThinkingPart('hm'), ToolCallPart('look', {'at': 'picture'}, 'call')]),
            ModelRequest(parts=[ToolReturnPart('look', {'seen': ['a cat', 1.5, None]}, 'call')]),
            ModelResponse(parts=[], state='interrupted'),
        ],
        usage=RunUsage(requests=2, input_tokens=7, details={'cached': 3}),
        deferred_tool_requests=DeferredToolRequests(approvals=[ToolCallPart('look', '{"at":', 'next')]),
    )
    await store.save(conversation)
    loaded = await store.load(conversation.conversation_id)
    assert loaded is not None
    assert loaded.messages == conversation.messages
    assert loaded.usage == conversation.usage
    assert loaded.deferred_tool_requests == conversation.deferred_tool_requests


async def test_a_second_save_stores_only_what_is_new(store: ConversationStore) -> None:
    conversation = conversation_of('one')
    first = await store.save(conversation)
    conversation.messages += turn('two')
    second = await store.save(conversation)
    assert await store.save(conversation) == []
    assert await store.load_entries(conversation.conversation_id) == first + second
    assert await store.read_entry(second[0].id) == second[0]


async def test_a_rewritten_history_leaves_the_old_one_as_a_branch(store: ConversationStore) -> None:
    conversation = conversation_of('one', 'two')
    entries = await store.save(conversation)
    conversation.messages[2:] = turn('three')
    await store.save(conversation)
    assert prompts_in(await store.load(conversation.conversation_id)) == ['one', 'three']
    [record] = await store.list_conversations()
    assert record.branches == [entries[-1].id]


async def test_a_stale_conversation_is_not_saved(store: ConversationStore) -> None:
    conversation = conversation_of('one')
    await store.save(conversation)
    stale = await store.load(conversation.conversation_id)
    assert stale is not None
    conversation.messages += turn('two')
    await store.save(conversation)
    stale.messages += turn('lost')
    with pytest.raises(ConversationConflict):
        await store.save(stale)
    with pytest.raises(ConversationConflict):
        await store.save(conversation_of('other', conversation_id=conversation.conversation_id))
    assert prompts_in(await store.load(conversation.conversation_id)) == ['one', 'two']


async def test_saves_of_one_conversation_at_the_same_time_follow_each_other(store: ConversationStore) -> None:
    conversation = conversation_of('one')
    saved = await asyncio.gather(*(store.save(conversation) for _ in range(3)))
    assert [len(entries) for entries in saved] == [2, 0, 0]


async def test_branch_and_back(store: ConversationStore) -> None:
    conversation = conversation_of('one', 'two')
    entries = await store.save(conversation)
    assert conversation.revision is not None
    branched = await store.branch(conversation.conversation_id, at=2, expected_revision=conversation.revision)
    branched.messages += turn('three')
    await store.save(branched)
    assert prompts_in(await store.load(conversation.conversation_id)) == ['one', 'three']
    assert branched.revision is not None
    back = await store.branch(
        conversation.conversation_id, from_entry=entries[-1].id, expected_revision=branched.revision
    )
    assert prompts_in(back) == ['one', 'two']
    with pytest.raises(ConversationConflict):
        await store.branch(conversation.conversation_id, at=0, expected_revision=branched.revision)
    with pytest.raises(UserError):
        await store.branch(
            conversation.conversation_id, from_entry='?', expected_revision=back.revision or ''
        )


async def test_a_fork_stands_on_its_own(store: ConversationStore) -> None:
    conversation = conversation_of('one', 'two')
    entries = await store.save(conversation)
    early = await store.fork(conversation.conversation_id, from_entry=entries[1].id)
    whole = await store.fork(conversation.conversation_id, scope='guest')
    again = await store.fork(whole.conversation_id, at=3)
    empty = await store.fork(whole.conversation_id, at=0)
    early.messages += turn('three')
    await store.save(early)
    await store.delete(conversation.conversation_id)
    assert await store.load(conversation.conversation_id) is None
    assert prompts_in(await store.load(early.conversation_id)) == ['one', 'three']
    assert prompts_in(await store.load(whole.conversation_id, scope='guest')) == ['one', 'two']
    assert prompts_in(await store.load(again.conversation_id)) == ['one', 'two']
    assert prompts_in(await store.load(empty.conversation_id)) == []
    assert (await store.read_entry(entries[0].id)).message == entries[0].message


async def test_a_fork_takes_no_other_conversations_place(store: ConversationStore) -> None:
    one, two = conversation_of('one'), conversation_of('two')
    await store.save(one)
    await store.save(two)
    with pytest.raises(ConversationConflict):
        await store.fork(one.conversation_id, new_conversation_id=two.conversation_id)
    assert prompts_in(await store.load(two.conversation_id)) == ['two']


async def test_a_record_needs_its_entries(store: ConversationStore) -> None:
    """A record whose history is nowhere, because it was deleted meanwhile, is not stored."""
    conversation = conversation_of('one')
    entries = await store.save(conversation)
    await store.delete(conversation.conversation_id)
    record = ConversationRecord(conversation_id='new', head_id=entries[-1].id)
    with pytest.raises(ConversationConflict):
        await store.write_record(record, expected_revision=None)
    assert await store.read_record('new') is None


async def test_entries_may_follow_those_of_another_conversation(store: ConversationStore) -> None:
    conversation = conversation_of('one')
    entries = await store.save(conversation)
    added = ConversationEntry(parent_id=entries[-1].id, message=turn('two')[0])
    record = ConversationRecord(conversation_id='new', head_id=added.id)
    await store.write_record(record, new_entries=[added], expected_revision=None)
    await store.delete(conversation.conversation_id)
    assert prompts_in(await store.load('new')) == ['one', 'two']


async def test_deleted_is_gone(store: ConversationStore) -> None:
    conversation = conversation_of('one')
    entries = await store.save(conversation)
    with pytest.raises(ConversationConflict):
        await store.delete_record(conversation.conversation_id, expected_revision='another')
    await store.delete(conversation.conversation_id, scope='another')
    assert await store.load(conversation.conversation_id) is not None
    await store.delete(conversation.conversation_id)
    assert await store.load(conversation.conversation_id) is None
    with pytest.raises(LookupError):
        await store.read_entry(entries[0].id)
    with pytest.raises(ConversationConflict):
        await store.save(conversation)


async def test_the_list_is_newest_first_and_can_be_limited(store: ConversationStore) -> None:
    saved = [conversation_of(str(number)) for number in range(5)]
    for number, conversation in enumerate(saved):
        await store.save(conversation, scope='guest' if number % 2 else None)
    saved[0].messages += turn('again')
    await store.save(saved[0])
    ids = [conversation.conversation_id for conversation in saved]

    async def listed(scope: str | None = None, limit: int | None = None) -> list[int]:
        records = await store.list_conversations(scope=scope, limit=limit)
        return [ids.index(record.conversation_id) for record in records]

    assert await listed() == [0, 4, 3, 2, 1]
    assert await listed(limit=2) == [0, 4]
    assert await listed(limit=0) == []
    assert await listed(scope='guest') == [3, 1]
    assert await listed(scope='guest', limit=1) == [3]
    assert await listed(scope='nobody') == []


async def test_another_scope_sees_nothing(store: ConversationStore) -> None:
    conversation = conversation_of('one')
    await store.save(conversation, scope='owner')
    assert await store.load(conversation.conversation_id, scope='guest') is None
    with pytest.raises(ConversationConflict):
        await store.save(conversation, scope='guest')


async def test_the_last_messages_alone_can_be_loaded_and_continued(store: ConversationStore) -> None:
    conversation = conversation_of('one', 'two', 'three')
    await store.save(conversation)
    window = await store.load(conversation.conversation_id, limit=2)
    assert prompts_in(window) == ['three']
    assert window is not None
    window.messages += turn('four')
    await store.save(window)
    assert prompts_in(await store.load(conversation.conversation_id, limit=0)) == []
    assert prompts_in(await store.load(conversation.conversation_id)) == ['one', 'two', 'three', 'four']


@pytest.mark.parametrize('odd', ['../../x', '/etc/x', 'CON', 'con', '', 'é\n🙂', 'x.json', 'x' * 5000, '\0'])
async def test_any_text_is_an_id(store: ConversationStore, odd: str, tmp_path: Path) -> None:
    for conversation_id in (odd, odd + 'A', odd + 'a'):
        await store.save(conversation_of(conversation_id, conversation_id=conversation_id))
    for conversation_id in (odd, odd + 'A', odd + 'a'):
        assert prompts_in(await store.load(conversation_id)) == [conversation_id]
    await store.delete(odd + 'A')
    assert [record.conversation_id for record in await store.list_conversations()] == [odd + 'a', odd]
    assert names_in(tmp_path) <= {'backups', 'blobs', 'conversations', 'index.json', 'trash', 'unsent'}


async def test_what_was_given_or_returned_can_change_without_harm(store: ConversationStore) -> None:
    content, metadata = {'seen': ['a cat']}, {'seen': ['a cat']}
    part = ToolReturnPart('look', content, 'call', metadata=metadata)
    conversation = Conversation(messages=[ModelRequest(parts=[part])])
    await store.save(conversation)
    content['seen'].append('a dog')
    metadata['seen'].append('a dog')
    for _ in range(2):
        loaded = await store.load(conversation.conversation_id)
        assert loaded is not None
        [part] = loaded.messages[0].parts
        assert isinstance(part, ToolReturnPart)
        for returned in (cast(Any, part.content), part.metadata):  # whose type is not known here
            assert returned == {'seen': ['a cat']}
            returned['seen'].append('a mouse')
        loaded.usage.requests += 1
    record = await store.read_record(conversation.conversation_id)
    assert record is not None
    assert record.usage.requests == 0
    record.branches.append('none')
    assert await store.read_record(conversation.conversation_id) == replace(record, branches=[])
