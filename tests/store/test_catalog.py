"""What is listed at start: from the index where it holds, else from the files."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic_ai import Conversation

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import FileProblem
from chat.errors import ChatError
from tests.store.store_samples import conversation_of, names_noted, only_file, prompts_in, store_in, turn


async def saved_in(folder: Path, *titles: str) -> list[Conversation]:
    """Conversations with these titles, saved in this order."""
    saved: list[Conversation] = []
    async with store_in(folder) as data_folder:
        for title in titles:
            saved.append(conversation_of(title))
            await data_folder.conversations.write_metadata(
                saved[-1].conversation_id, ConversationMetadata(title=title)
            )
            await data_folder.conversations.save(saved[-1])
    return saved


async def titles_in(folder: Path) -> list[str]:
    async with store_in(folder) as data_folder:
        return [summary.title for summary in data_folder.catalog.summaries]


async def test_it_follows_every_change(tmp_path: Path) -> None:
    async with store_in(tmp_path) as data_folder:
        one, two = conversation_of('one'), conversation_of('two')
        assert not data_folder.catalog.has(one.conversation_id)
        looking = asyncio.create_task(data_folder.catalog.changed.wait())
        await asyncio.sleep(0)
        await data_folder.conversations.save(one)
        await looking
        await data_folder.conversations.save(two)
        assert [summary.conversation_id for summary in data_folder.catalog.summaries] == [
            two.conversation_id,
            one.conversation_id,
        ]
        await data_folder.conversations.write_metadata(one.conversation_id, ConversationMetadata(title='One'))
        assert [summary.title for summary in data_folder.catalog.summaries] == ['', 'One']
        one.messages += turn('more')
        await data_folder.conversations.save(one)
        assert [summary.title for summary in data_folder.catalog.summaries] == ['One', '']
        record = await data_folder.conversations.read_record(one.conversation_id)
        assert record is not None
        assert data_folder.catalog.summaries[0].updated_at == record.updated_at
        await data_folder.conversations.delete(two.conversation_id)
        assert [summary.title for summary in data_folder.catalog.summaries] == ['One']
        assert data_folder.catalog.has(one.conversation_id)
        assert not data_folder.catalog.has(two.conversation_id)


async def test_details_that_are_the_same_change_nothing(tmp_path: Path) -> None:
    [conversation] = await saved_in(tmp_path, 'one')
    async with store_in(tmp_path) as data_folder:
        before = data_folder.catalog.changed.count
        await data_folder.conversations.write_metadata(
            conversation.conversation_id, ConversationMetadata(title='one')
        )
        assert data_folder.catalog.changed.count == before


def without(index: Path) -> None:
    index.unlink()


def garbage(index: Path) -> None:
    index.write_bytes(b'\xff\0 no index')


def another_shape(index: Path) -> None:
    index.write_text('{"rows": 7}')


def wrong_rows(index: Path) -> None:
    """One row names another size, one no time zone, one is of a file that is not there, and one is no row."""
    rows = json.loads(index.read_text())
    rows[0]['size'] += 1
    rows[0]['summary']['title'] = 'wrong'
    rows[1]['summary']['updated_at'] = '2020-01-01T00:00:00'
    foreign = {**rows[2], 'summary': {**rows[2]['summary'], 'conversation_id': 'foreign'}}
    index.write_text(json.dumps([*rows, foreign, 'no row']))


def a_folder(index: Path) -> None:
    index.unlink()
    index.mkdir()


@pytest.mark.parametrize('spoil', [without, garbage, another_shape, wrong_rows, a_folder])
async def test_the_index_is_only_a_cache(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    await saved_in(tmp_path, 'one', 'two', 'three')
    spoil(tmp_path / 'index.json')
    assert await titles_in(tmp_path) == ['three', 'two', 'one']
    assert await titles_in(tmp_path) == ['three', 'two', 'one']


async def test_the_index_spares_reading_the_files(tmp_path: Path) -> None:
    await saved_in(tmp_path, 'one')
    path = only_file(tmp_path)
    stat = path.stat()
    path.write_bytes(b'x' * stat.st_size)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert await titles_in(tmp_path) == ['one']


async def test_a_file_changed_by_someone_else_is_read_again(tmp_path: Path) -> None:
    await saved_in(tmp_path, 'one', 'two')
    for path in (tmp_path / 'conversations').iterdir():
        path.write_text(path.read_text().replace('"title": "', '"title": "number '))
    assert await titles_in(tmp_path) == ['number two', 'number one']


DAMAGED = {
    'no JSON': '{"record": {"1": {"conver',
    'nothing': '',
    'too deep': '[' * 100_000,
    'not text': b'\xff\xfe\xfd',
    'not TinyDB': '[1, 2]',
    'foreign': '{"hello": 1}',
    'another TinyDB': '{"_default": {"1": {"hello": 1}}}',
    'no record': '{"_meta": {"1": {"format_version": 1}}, "record": {"1": {"format_version": 1}}}',
    'no version': '{"_meta": {"1": {"format_version": "x"}}, "record": {"1": {}}}',
}


@pytest.mark.parametrize('content', DAMAGED.values(), ids=DAMAGED.keys())
async def test_a_damaged_file_is_set_aside_and_the_rest_loads(
    tmp_path: Path, content: str | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    content = content.encode() if isinstance(content, str) else content
    damaged, fine = await saved_in(tmp_path, 'one', 'two')
    path = tmp_path / 'conversations' / f'{damaged.conversation_id}.json'
    older = path.with_name(f'{path.name}.corrupt')
    older.write_text('an older one')
    path.write_bytes(content)
    async with store_in(tmp_path) as data_folder:
        aside = path.with_name(f'{path.name}.2.corrupt')
        assert names_noted(data_folder) == {older.name, aside.name}
        assert [summary.title for summary in data_folder.catalog.summaries] == ['two']
        assert prompts_in(await data_folder.conversations.load(fine.conversation_id)) == ['two']
        assert await data_folder.conversations.load(damaged.conversation_id) is None
        assert aside.read_bytes() == content
        assert older.read_text() == 'an older one'
    assert [record.getMessage().count(aside.name) for record in caplog.records] == [1]
    async with store_in(tmp_path) as data_folder:
        assert names_noted(data_folder) == {older.name, aside.name}


async def test_a_file_whose_head_is_missing_is_damaged(tmp_path: Path) -> None:
    await saved_in(tmp_path, 'one')
    tables = json.loads(only_file(tmp_path).read_text())
    del tables['entries']
    only_file(tmp_path).write_text(json.dumps(tables))
    async with store_in(tmp_path) as data_folder:
        assert len(data_folder.catalog.problems) == 1


@pytest.mark.parametrize('table', ['_meta', 'record'])
async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path, table: str) -> None:
    [newer, _] = await saved_in(tmp_path, 'one', 'two')
    path = tmp_path / 'conversations' / f'{newer.conversation_id}.json'
    tables = json.loads(path.read_text())
    tables[table]['1']['format_version'] = 2
    path.write_text(json.dumps(tables))
    before = path.read_bytes()
    async with store_in(tmp_path) as data_folder:
        assert data_folder.catalog.problems == [
            FileProblem(
                conversation_id=newer.conversation_id,
                sentence=f'{path.name} was stored by a newer version of Parlour. Update Parlour to open it.',
            )
        ]
        assert [summary.title for summary in data_folder.catalog.summaries] == ['two']
        with pytest.raises(ChatError, match='newer'):
            await data_folder.conversations.load(newer.conversation_id)
        with pytest.raises(ChatError, match='newer'):
            await data_folder.conversations.save(conversation_of('x', conversation_id=newer.conversation_id))
    assert path.read_bytes() == before


@pytest.mark.parametrize('conversation_id', ['0b7f5c1e-7c52-4c8e-9d5b-6a0f3e2d1c4b', 'odd / id'])
async def test_what_cannot_be_read_is_found_by_its_id(tmp_path: Path, conversation_id: str) -> None:
    """Whatever the id, at the start that finds the damage and at those that follow."""
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.save(conversation_of('one', conversation_id=conversation_id))
    only_file(tmp_path).write_text('{')
    for _ in range(2):
        async with store_in(tmp_path) as data_folder:
            problem = data_folder.catalog.problem_of(conversation_id)
            assert problem in data_folder.catalog.problems
            assert problem is not None
            assert 'is damaged and kept as it is' in problem.sentence
            assert problem.conversation_id == (None if '/' in conversation_id else conversation_id)
            assert data_folder.catalog.problem_of('another') is None


async def test_a_copy_of_a_file_is_left_alone(tmp_path: Path) -> None:
    [conversation] = await saved_in(tmp_path, 'one')
    path = only_file(tmp_path)
    path.with_name('copy.json').write_bytes(path.read_bytes())
    async with store_in(tmp_path) as data_folder:
        assert names_noted(data_folder) == {'copy.json'}
        assert [summary.conversation_id for summary in data_folder.catalog.summaries] == [
            conversation.conversation_id
        ]


async def test_a_file_damaged_while_running_harms_only_its_conversation(tmp_path: Path) -> None:
    one, two = await saved_in(tmp_path, 'one', 'two')
    async with store_in(tmp_path) as data_folder:
        (tmp_path / 'conversations' / f'{one.conversation_id}.json').write_text('{')
        with pytest.raises(ChatError, match='damaged'):
            await data_folder.conversations.load(one.conversation_id)
        [listed] = await data_folder.conversations.list_conversations()
        assert listed.conversation_id == two.conversation_id
        assert prompts_in(await data_folder.conversations.load(two.conversation_id)) == ['two']
