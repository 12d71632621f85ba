"""What the contract does not say of the storage in PostgreSQL: many people, many nodes, lost connections."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pydantic_ai import BinaryContent, Conversation, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.conversation_store import ConversationConflict
from pydantic_ai.messages import ToolReturnPart

from chat.change_signal import ChangeSignal
from chat.cli import read_command_line
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.library import Assistant
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import Draft
from chat.conversation.usage_ledger import DayUsage, UsageLedger
from chat.errors import ConversationNotFound, StorageUnavailable
from chat.json_log import PROCESS_FIELDS
from chat.storage_opening import open_team_storage
from chat.store.postgres.adoption import ADOPTIONS_AT_ONCE, adopt_all
from chat.store.postgres.catalog import UNREADABLE, ListedRow
from chat.store.postgres.cleanup import clean_up
from chat.store.postgres.database import RetryTimes
from chat.store.postgres.storage import PostgresStorage, open_storage
from tests.store.postgres.nodes import line_to, node_at, rows
from tests.store.store_samples import conversation_of, postgres_storage, prompts_in, turn
from tests.support.files import png
from tests.support.postgres import address_at, until_rows
from tests.support.tcp_proxy import TcpProxy
from tests.support.timeouts import WAIT_TIMEOUT

END_BACKENDS = (
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'parlour' "
    'and datname = current_database()'
)
"""Those of other databases are of tests that run at the same time."""

PICTURE = BinaryContent.narrow_type(BinaryContent(png() + bytes(5000), media_type='image/png'))


@pytest.fixture
async def storage(postgres_url: str) -> AsyncGenerator[PostgresStorage]:
    """What one person has, at a node that takes nothing over by itself."""
    async with postgres_storage(postgres_url, beat=3600, lease=60) as opened:
        yield opened


async def until(changed: ChangeSignal, holds: Any) -> None:
    """Return as soon as something holds of what tells when it changes."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        while not holds():
            await changed.wait(changed.count)


async def test_an_answer_that_ends_does_not_break_off_what_is_stored_of_the_others(
    storage: PostgresStorage, postgres_url: str
) -> None:
    for name in ('ends', 'goes on'):
        await storage.conversations.save(conversation_of('one', conversation_id=name))
    query = 'insert into run (conversation, node) select key, node.id from conversation, node returning id'
    ends, goes_on = [run for (run,) in rows(postgres_url, query)]
    frames, texts = storage.node.frames, {ends: 'The end.', goes_on: 'So far'}
    writing = [asyncio.create_task(frames.write(run, text)) for run, text in texts.items()]
    for _ in range(2):  # they begin, and what they say waits for a connection
        await asyncio.sleep(0)
    await frames.forget(ends)
    await asyncio.gather(*writing)
    assert rows(postgres_url, 'select run, tail from frame') == [(goes_on, 'So far')]


async def test_nobody_has_what_is_anothers(storage: PostgresStorage, postgres_url: str) -> None:
    """Whatever Bob asks of Anna's is as if it were not there, also where he knows an id or a SHA-256."""
    conversation = Conversation(
        conversation_id='api', messages=[ModelRequest(parts=[UserPromptPart(['Look', PICTURE])])]
    )
    await storage.conversations.write_metadata('api', ConversationMetadata(title='Secret'))
    [entry] = await storage.conversations.save(conversation)
    [blob] = [row[0] for row in rows(postgres_url, 'select sha256 from blob')]
    whole = await storage.whole.read('api')
    await storage.drafts.put('api', Draft(text='more'))
    await UsageLedger(storage=storage.usage).add('a:b', {'input': 1})
    async with postgres_storage(postgres_url, 'bob') as bob:
        assert await bob.conversations.load('api') is None
        assert (bob.catalog.summaries, await bob.conversations.read_records()) == ([], [])
        assert await bob.conversations.read_metadata('api') == ConversationMetadata()
        for ask in (bob.conversations.read_entry(entry.id), bob.conversations.read_history(entry.id)):
            with pytest.raises(LookupError):
                await ask
        for act in (bob.whole.read('api'), bob.conversations.move_to_trash('api'), bob.trash.restore('api')):
            with pytest.raises(ConversationNotFound):
                await act
        conversation.messages += turn('Mine')
        with pytest.raises(ConversationConflict):
            await bob.conversations.save(conversation)
        assert await bob.search.search('Secret Look') == await bob.search.search('Look') == []
        assert (bob.drafts.get('api').text, await bob.usage.read(), await bob.size()) == ('', [], 0)
        assert await bob.attachments.get(blob) is None
        record = {**whole.record, 'conversation_id': 'stolen', 'revision': 'x'}
        await bob.whole.put({**whole.tables, 'record': {'1': record}}, expected_revision=None)
        stolen = await bob.whole.read('stolen', with_files=True)
        assert _file_in(stolen.messages[0]) == b'', 'it names a file that Bob does not have'
        await bob.conversations.save(conversation_of('Mine', conversation_id='api'))
        await bob.conversations.delete('api')
    assert _file_in(((await storage.conversations.load('api')) or conversation).messages[0]) == PICTURE.data


def _file_in(message: Any) -> bytes:
    return message.parts[0].content[1].data


async def test_what_text_cannot_hold(storage: PostgresStorage) -> None:
    """U+0000 comes back as it was, half a character as on a disk."""
    where, odd = 'nul \0', 'nul \0 half \ud83d'
    conversation = Conversation(
        conversation_id=where,
        messages=[
            ModelRequest(parts=[UserPromptPart(odd), ToolReturnPart('t', {odd: [odd]}, 'c')]),
            ModelResponse(parts=[TextPart('whole \ud83d\ude42')]),
        ],
    )
    await storage.conversations.write_metadata(where, ConversationMetadata(title=odd))
    await storage.conversations.save(conversation)
    await storage.conversations.write_checkpoint(where, conversation.messages)
    conversation.messages += turn('two \0')
    await storage.conversations.save(conversation)
    loaded = await storage.conversations.load(where)
    assert prompts_in(loaded) == ['nul \0 half \ufffd', 'two \0']
    assert loaded
    assert loaded.messages[1].parts == [TextPart('whole 🙂')]
    returned: Any = loaded.messages[0].parts[1]
    assert list(returned.content.values()) == [['nul \0 half \ufffd']]
    assert [summary.title for summary in storage.catalog.summaries] == ['nul \0 half \ufffd']
    assert [hit.entry_id is None for hit in await storage.search.search('half nul') or []] == [True, False]


async def test_of_two_nodes_that_save_at_once_one_is_told(postgres_url: str) -> None:
    async with postgres_storage(postgres_url) as one, postgres_storage(postgres_url) as other:
        conversation = conversation_of('one')
        await one.conversations.save(conversation)
        copies = [await each.conversations.load(conversation.conversation_id) for each in (one, other)]
        for number, copy in enumerate(copies):
            assert copy
            copy.messages += turn(f'by {number}')
        results = await asyncio.gather(
            *(each.conversations.save(copy) for each, copy in zip((one, other), copies, strict=True) if copy),
            return_exceptions=True,
        )
        refused = [type(result) for result in results if not isinstance(result, list)]
        assert refused == [ConversationConflict]
        assert len(prompts_in(await one.conversations.load(conversation.conversation_id))) == 2


async def test_a_node_lists_what_another_one_has_changed(postgres_url: str) -> None:
    async with postgres_storage(postgres_url) as one, postgres_storage(postgres_url) as other:
        conversation = conversation_of('one')
        await one.conversations.save(conversation)
        where = conversation.conversation_id
        await until(other.catalog.changed, lambda: other.catalog.has(where))
        await one.conversations.write_metadata(where, ConversationMetadata(title='Named'))
        await until(other.catalog.changed, lambda: other.catalog.summaries[0].title == 'Named')
        assert other.catalog.summaries == one.catalog.summaries
        await other.conversations.move_to_trash(where)
        await until(one.trash.changed, lambda: one.trash.has(where))
        assert not one.catalog.has(where)
        await one.trash.delete_for_good(where)
        await until(other.trash.changed, lambda: not other.trash.has(where))
        await one.drafts.put('new', Draft(text='On my phone'))
        await until(other.drafts.changed, lambda: other.drafts.get('new').text == 'On my phone')


async def test_what_cannot_be_read_is_no_reason_to_hear_nothing_more(
    storage: PostgresStorage, postgres_url: str
) -> None:
    for where in ('broken', 'whole'):
        await storage.conversations.save(conversation_of(where, conversation_id=where))
    rows(postgres_url, "update conversation set summary = '[]' where key = 1")
    rows(postgres_url, 'update conversation set deleted_at = clock_timestamp() where key = 2')
    await until(storage.catalog.trash_changed, lambda: storage.trash.has('whole'))


async def test_what_cannot_be_read_keeps_nobody_out(
    storage: PostgresStorage, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """All else of theirs is there, and the row stays as it is."""
    for where in ('broken', 'whole'):
        await storage.conversations.save(conversation_of(where, conversation_id=where))
        await storage.assistants.put(Assistant(id=where, name=where))
        await storage.drafts.put(where, Draft(text=where))
    await storage.preferences.write(Preferences(instructions='Be brief.'))
    rows(
        postgres_url,
        "update conversation set summary = '[]' where key = 1;"
        "update value set document = '[]' where kind = 'assistants' and place = 1;"
        "update draft set document = '[]' where place = (select place from draft order by place limit 1);"
        "update value set document = json_build_object('id', '1', 'value', 1) where kind = 'preferences'",
    )
    for _ in range(2):
        async with postgres_storage(postgres_url) as other:
            assert [summary.conversation_id for summary in other.catalog.summaries] == ['whole']
            assert [each.name for each in await other.assistants.read()] == ['whole']
            assert sorted(other.drafts.get(where).text for where in ('broken', 'whole'))[0] == ''
            assert await other.preferences.read() == Preferences()
    assert 'the conversation in row 1 is invalid; it is left out' in caplog.text
    assert rows(postgres_url, 'select count(*) from conversation') == [(2,)]


async def test_what_cannot_be_listed_keeps_nothing_else_from_it(
    storage: PostgresStorage, postgres_url: str
) -> None:
    """It is told of, until it can be."""
    for where in ('broken', 'whole'):
        await storage.conversations.save(conversation_of(where, conversation_id=where))
    rows(postgres_url, "update conversation set summary = '[]' where key = 1")
    async with postgres_storage(postgres_url) as other:
        assert [summary.conversation_id for summary in other.catalog.summaries] == ['whole']
        await until(storage.catalog.changed, lambda: bool(storage.catalog.problems))
        for each in (storage, other):
            assert not each.catalog.has('broken')
            assert [problem.sentence for problem in each.catalog.problems] == [UNREADABLE]
        await storage.conversations.write_metadata('broken', ConversationMetadata(title='Whole again'))
        for each in (storage, other):
            await until(each.catalog.changed, lambda each=each: each.catalog.has('broken'))
            assert not each.catalog.problems


async def test_a_connection_that_is_lost_while_writing_is_no_conflict(postgres_url: str) -> None:
    """Neither before the database has stored it, nor after, when nobody can know."""
    async with line_to(postgres_url) as (storage, line):
        conversation = conversation_of('one')
        for prompt, moment in (('two', b'insert into entry'), ('three', b'COMMIT'), ('four', b'COMMIT')):
            line.lost_answer_to = moment
            await storage.conversations.save(conversation)
            assert line.lost_answer_to is None
            conversation.messages += turn(prompt)
        where, revision = conversation.conversation_id, conversation.revision or ''
        for moment in (b'COMMIT', b'select document from entry'):
            line.lost_answer_to = moment
            revision = await storage.conversations.prune(where, [], expected_revision=revision)
        line.lost_answer_to = b'COMMIT'
        await storage.conversations.write_metadata(where, ConversationMetadata(title='Three'))
        assert prompts_in(await storage.conversations.load(where)) == ['one', 'two', 'three']
        for act in (
            lambda: storage.conversations.move_to_trash(where),
            lambda: storage.trash.restore(where),
            lambda: storage.conversations.delete(where),
        ):
            line.lost_answer_to = b'COMMIT'
            await act()
        assert (storage.catalog.summaries, storage.trash.conversations) == ([], [])
        assert rows(postgres_url, 'select name from conversation') == []


async def test_backends_that_are_ended_at_any_moment_lose_nothing(postgres_url: str) -> None:
    async with postgres_storage(postgres_url) as storage:
        conversation = conversation_of('0')
        for number in range(1, 9):
            saving = asyncio.create_task(storage.conversations.save(conversation))
            await asyncio.wait({saving}, timeout=number / 500)
            await asyncio.to_thread(rows, postgres_url, END_BACKENDS)
            await saving
            conversation.messages += turn(str(number))
        loaded = await storage.conversations.load(conversation.conversation_id)
        assert prompts_in(loaded) == [str(number) for number in range(8)]


async def test_while_the_database_is_away(postgres_url: str) -> None:
    """What is written meanwhile is stored once it is back, and after a while there is a sentence."""
    async with (
        line_to(postgres_url, beat=0.05) as (storage, line),
        node_at(address_at(line, postgres_url), retry_times=RetryTimes(read=1, write=1)) as hasty,
    ):
        conversation = conversation_of('one')
        await storage.conversations.save(conversation)
        impatient = PostgresStorage(hasty, 'anna')
        line.go_down()
        conversation.messages += turn('two')
        saving = asyncio.create_task(storage.conversations.save(conversation))
        with pytest.raises(StorageUnavailable, match=r'database cannot be reached.*\.$') as refusal:
            await impatient.conversations.save(conversation_of('other'))
        assert isinstance(refusal.value, OSError)
        assert not saving.done()
        line.is_down = False
        await saving
        assert prompts_in(await storage.conversations.load(conversation.conversation_id)) == ['one', 'two']
        async with postgres_storage(postgres_url) as other:
            await other.conversations.write_metadata(
                conversation.conversation_id, ConversationMetadata(title='Meanwhile')
            )
        await until(storage.catalog.changed, lambda: storage.catalog.summaries[0].title == 'Meanwhile')


async def test_a_draft_that_could_not_be_stored_stays_and_is_stored_later(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The browser is told that it is stored when it is, and not before: it forgets it then."""
    written, hasty = Draft(text='While the database was away'), RetryTimes(read=0.2, write=0.2)
    async with (
        line_to(postgres_url, beat=0.05, lease=60, retry_times=hasty) as (storage, line),
        postgres_storage(postgres_url, lease=60) as other,
    ):
        line.go_down()
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                await storage.drafts.put('new', written)
        line.is_down = False
        await until(other.drafts.changed, lambda: other.drafts.get('new') == written)
        assert storage.drafts.get('new') == written
    assert caplog.text.count('The sign of life of this node is late') <= 1


async def test_who_cannot_be_opened_now_leaves_nothing_behind(postgres_url: str) -> None:
    async with (
        TcpProxy(postgres_url) as line,
        node_at(address_at(line, postgres_url), retry_times=RetryTimes(read=0.2, write=0.2)) as node,
    ):
        line.go_down()
        with pytest.raises(StorageUnavailable):
            await open_storage(node, 'anna')
        assert node.members == []


async def test_a_node_whose_clock_is_behind_lists_chats_in_their_order(postgres_url: str) -> None:
    """As if the database were ahead: what is dated in the future of this computer is so for no other."""
    async with postgres_storage(postgres_url) as storage:
        for name in ('older', 'newer', 'oldest'):
            await storage.conversations.save(conversation_of(name, conversation_id=name))
        ahead = datetime.now(UTC) + timedelta(hours=1)
        stored = rows(postgres_url, 'select key, summary::text from conversation')
        for (key, summary), minutes in zip(sorted(stored), (1, 2, 0), strict=True):
            storage.catalog.put(ListedRow.of(key, summary, ahead + timedelta(minutes=minutes), None))
        listed = [each.conversation_id for each in storage.catalog.summaries]
        assert listed == ['newer', 'older', 'oldest']


async def test_what_was_left_in_the_trash_holds_up_no_other(
    storage: PostgresStorage, postgres_url: str
) -> None:
    """It is taken over once it is restored."""
    for where in ('trashed', 'listed'):
        await storage.conversations.save(conversation_of(where, conversation_id=where))
    await storage.conversations.move_to_trash('trashed')
    rows(postgres_url, 'insert into run (conversation, node) select key, null from conversation')
    assert await adopt_all(storage.database, timedelta(hours=1)) == 1
    await storage.trash.restore('trashed')
    assert await adopt_all(storage.database, timedelta(hours=1)) == 1


async def test_answers_that_make_no_sense_hold_up_no_other(
    storage: PostgresStorage, postgres_url: str
) -> None:
    """Of what was said that cannot be read nothing is left; a chat that cannot be read stays as it is."""
    unreadable = ADOPTIONS_AT_ONCE
    names = [str(number) for number in range(unreadable + 2)]
    for name in names:
        await storage.conversations.save(conversation_of('one', conversation_id=name))
    rows(postgres_url, 'insert into run (conversation, node) select key, null from conversation order by key')
    rows(postgres_url, "insert into frame (run, seq, keep, tail) select id, 1, 0, '[{' from run")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("update conversation set record = '{}' where key <= %s", [unreadable])
    assert await adopt_all(storage.database, timedelta(hours=1)) == len(names) - unreadable
    assert len(rows(postgres_url, 'select id from run')) == unreadable


@pytest.mark.parametrize('document', ['{}', '[]', '{"id": "only", "value": [1]}'])
async def test_settings_that_make_no_sense_are_replaced(
    storage: PostgresStorage, postgres_url: str, document: str
) -> None:
    await storage.preferences.write(Preferences(limit_day=5))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute('update value set document = %s', [document])
    assert await storage.preferences.read() == Preferences()
    await storage.preferences.write(Preferences(limit_day=7))
    assert (await storage.preferences.read()).limit_day == 7


async def test_what_a_node_has_left_is_taken_over_once(postgres_url: str) -> None:
    """A silent node counts as dead: what its answer had said is marked, and what it says then is refused."""
    async with AsyncExitStack() as stack:
        silent = await stack.enter_async_context(node_at(postgres_url, beat=3600))
        storage = await open_storage(silent, 'anna')
        stack.push_async_callback(storage.close)
        file = await storage.conversations.store_file('cat.png', PICTURE)
        conversation = conversation_of('one')
        await storage.conversations.save(conversation)
        conversation.messages.append(ModelRequest(parts=[UserPromptPart('two')]))
        await storage.conversations.save(conversation)
        for said in ('So', 'So far', 'So far \0', 'Sound'):
            await storage.conversations.write_checkpoint(
                conversation.conversation_id, [ModelResponse(parts=[TextPart(said)], run_id='run')]
            )
        before = storage.catalog.summaries[0].updated_at
        others = [
            await stack.enter_async_context(node_at(postgres_url, beat=0.05, lease=0.2)) for _ in range(2)
        ]
        opened = [await open_storage(other, 'anna') for other in others]
        for each in opened:
            stack.push_async_callback(each.close)
        await until(opened[0].catalog.changed, lambda: opened[0].catalog.summaries[0].updated_at > before)
        loaded = await opened[1].conversations.load(conversation.conversation_id)
        assert loaded
        [*_, last] = loaded.messages
        assert isinstance(last, ModelResponse)
        assert (last.parts, last.state, len(loaded.messages)) == ([TextPart('Sound')], 'interrupted', 4)
        assert rows(postgres_url, 'select count(*) from run') == [(0,)]
        conversation.messages.append(ModelResponse(parts=[TextPart('Too late')]))
        with pytest.raises(ConversationConflict):
            await storage.conversations.save(conversation)
        assert await opened[0].attachments.get(file.blob)


async def test_files_go_with_what_names_them(storage: PostgresStorage, postgres_url: str) -> None:
    """A file stays for as long as a chat, a fork of it or a draft names it, and not longer."""

    def blobs() -> int:
        return rows(postgres_url, 'select count(*) from blob')[0][0]

    attachment = await storage.attachments.save('cat.png', PICTURE.data)
    await storage.drafts.put('new', Draft(attachments=(attachment,)))
    conversation = Conversation(messages=[ModelRequest(parts=[UserPromptPart(['Look', PICTURE])])])
    await storage.conversations.save(conversation)
    await storage.drafts.put('new', Draft())
    fork = await storage.conversations.fork(conversation.conversation_id)
    await storage.conversations.delete(conversation.conversation_id)
    assert blobs() == 1
    kept = await storage.conversations.load(fork.conversation_id)
    assert kept
    assert _file_in(kept.messages[0]) == PICTURE.data
    file = await storage.attachments.get(attachment.blob)
    assert file
    assert isinstance(file.content, AsyncIterable)
    assert b''.join([piece async for piece in file.content]) == PICTURE.data
    await storage.conversations.move_to_trash(fork.conversation_id)
    assert blobs() == 1
    rows(postgres_url, "update conversation set deleted_at = deleted_at - interval '30 days 1 second'")
    await clean_up(storage.database)
    await until(storage.trash.changed, lambda: not storage.trash.conversations)
    assert blobs() == 0
    assert rows(postgres_url, 'select count(*) from entry') == [(0,)]


async def test_a_node_erases_what_nobody_needs(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what is of people who never come again; what may be needed stays."""
    monkeypatch.setitem(PROCESS_FIELDS, 'node', '')  # as it was, at the end
    async with postgres_storage(postgres_url, 'gone') as storage:
        for where in ('old', 'new'):
            prompt = ModelRequest(parts=[UserPromptPart([where, PICTURE])])
            await storage.conversations.save(Conversation(conversation_id=where, messages=[prompt]))
            await storage.conversations.move_to_trash(where)
            await storage.attachments.save('a.txt', where.encode())
            await storage.usage.add(DayUsage(day='2026-11-28', model=where), uuid4())
    rows(
        postgres_url,
        "update conversation set deleted_at = deleted_at - interval '31 days' where key = 1;"
        "update blob_use set used_at = used_at - interval '2 days' where conversation is null "
        "and sha256 = encode(sha256('old'), 'hex');"
        "update booking set booked_at = booked_at - interval '8 days' "
        'where id in (select id from booking order by booked_at limit 1)',
    )
    settings = read_command_line(['--database', postgres_url, '--user', 'anna']).settings
    counts = (
        'select (select count(*) from conversation), (select count(*) from blob), '
        '(select count(*) from booking), (select count(*) from day_usage)'
    )
    assert rows(postgres_url, counts) == [(2, 3, 2, 2)]
    async with AsyncExitStack() as stack:
        await open_team_storage(settings, stack)
        await until_rows(postgres_url, 'select where (select count(*) from booking) = 1')
    assert rows(postgres_url, counts) == [(1, 2, 1, 2)]


async def test_search_knows_all_scripts(storage: PostgresStorage) -> None:
    for prompt in ('東京は日本の首都です', 'Der Fluß in ZÜRICH', 'Ελληνικά', 'a 100% "quoted\\" \0 word'):
        await storage.conversations.save(conversation_of(prompt))

    async def found(text: str) -> list[str]:
        hits = await storage.search.search(text)
        assert hits is not None
        return [hit.snippet[hit.start : hit.end] for hit in hits]

    assert await found('京') == ['京']
    assert await found('東京 首都') == ['東京']
    assert await found('大京') == []
    assert await found('fluss zuri') == ['Fluß']
    assert await found('ελλην') == ['Ελλην']
    assert await found('100%') == ['100%']
    assert await found('ur') == ['ÜR']
    assert await found('"fluss in zurich"') == ['Fluß in ZÜRICH']
    asked = asyncio.create_task(storage.search.search('fluss', asker='page'))
    await asyncio.sleep(0)
    assert await storage.search.search('fluss', asker='page') != []
    assert await asked is None


async def test_times_are_those_of_the_database(storage: PostgresStorage, postgres_url: str) -> None:
    """The clock of a node that is wrong moves nothing to the top."""
    conversation = conversation_of('one')
    await storage.conversations.save(conversation)
    record = await storage.conversations.read_record(conversation.conversation_id)
    assert record
    [(now,)] = rows(postgres_url, 'select clock_timestamp()')
    assert abs(now - record.updated_at) < timedelta(minutes=1)
    assert storage.catalog.summaries[0].updated_at == record.updated_at
    record.updated_at += timedelta(days=1)
    await storage.conversations.write_record(record, expected_revision=record.revision)
    again = await storage.conversations.read_record(conversation.conversation_id)
    assert again
    assert again.updated_at < now + timedelta(minutes=1)
