"""What is saved of damaged files, and what a repair leaves alone."""

import json
from pathlib import Path

import pytest
from pydantic_ai import Conversation

from chat.conversation.content.metadata import ConversationMetadata
from chat.store.data_folder import open_store
from chat.store.filesystem.disk import UNFINISHED_SUFFIX
from chat.store.maintenance.repair import recover_conversation, repair_folder
from chat.store.maintenance.verify import verify_folder
from tests.store.store_samples import (
    conversation_of,
    names_in,
    only_file,
    prompts_in,
    stock_tinydb,
    store_in,
    turn,
)

PROMPTS = ('one', 'two', 'three', 'four')


async def stored(folder: Path, conversation_id: str | None = None) -> Conversation:
    conversation = conversation_of(*PROMPTS, conversation_id=conversation_id)
    async with store_in(folder) as data_folder:
        await data_folder.conversations.write_metadata(
            conversation.conversation_id, ConversationMetadata(title='Numbers')
        )
        await data_folder.conversations.save(conversation)
    return conversation


async def prompts_of(folder: Path, conversation_id: str) -> list[str]:
    async with store_in(folder) as data_folder:
        return prompts_in(await data_folder.conversations.load(conversation_id))


@pytest.mark.parametrize('is_started_first', [False, True])
async def test_a_repair_saves_every_message_that_is_whole(tmp_path: Path, is_started_first: bool) -> None:
    """Also if a start of Parlour has set the file aside before; and a second repair does nothing more."""
    conversation = await stored(tmp_path)
    path = only_file(tmp_path)
    damaged = path.read_text().replace('"two"', 'two"')
    path.write_text(damaged)
    if is_started_first:
        async with store_in(tmp_path) as data_folder:
            assert data_folder.catalog.summaries == []
    done = await repair_folder(tmp_path)
    assert done[-1] == f'Saved 7 messages of {path.name}.corrupt as {conversation.conversation_id}.'
    assert path.with_name(f'{path.name}.corrupt').read_text() == damaged
    async with store_in(tmp_path) as data_folder:
        assert [summary.title for summary in data_folder.catalog.summaries] == ['Numbers']
        loaded = await data_folder.conversations.load(conversation.conversation_id)
        assert prompts_in(loaded) == ['one', 'three', 'four']
        assert loaded is not None
        loaded.messages += turn('five')
        await data_folder.conversations.save(loaded)
    assert await repair_folder(tmp_path) == []
    assert await prompts_of(tmp_path, conversation.conversation_id) == ['one', 'three', 'four', 'five']


async def test_a_file_whose_messages_make_no_sense_is_repaired_too(tmp_path: Path) -> None:
    conversation = await stored(tmp_path)
    path = only_file(tmp_path)
    tables = json.loads(path.read_text())
    [_, second, third, *_] = tables['entries'].values()
    second['message'] = {'kind': 'nonsense'}
    third['parent_id'] = 'nowhere'
    path.write_text(json.dumps(tables))
    assert len(await repair_folder(tmp_path)) == 2
    assert await prompts_of(tmp_path, conversation.conversation_id) == list(PROMPTS)


async def test_what_follows_a_damaged_line_of_a_journal_is_saved(tmp_path: Path) -> None:
    data_folder = await open_store(tmp_path, rewrite_below=0)
    conversation = conversation_of('one')
    for prompt in ('two', 'three', 'four'):
        await data_folder.conversations.save(conversation)
        conversation.messages += turn(prompt)
    await data_folder.conversations.save(conversation)
    journal = only_file(tmp_path).with_suffix('.journal')
    kept = journal.read_text().replace('"two"', 'two', 1)
    content = only_file(tmp_path).read_bytes()
    await data_folder.close()
    only_file(tmp_path).write_bytes(content)
    journal.write_text(kept)
    assert ['journal' in problem for problem in verify_folder(tmp_path).problems] == [True]
    await repair_folder(tmp_path)
    assert await prompts_of(tmp_path, conversation.conversation_id) == ['one', 'three', 'four']
    assert verify_folder(tmp_path).problems == []


async def test_a_branch_that_was_left_stays(tmp_path: Path) -> None:
    conversation = await stored(tmp_path)
    async with store_in(tmp_path) as data_folder:
        branch = await data_folder.conversations.branch(
            conversation.conversation_id, at=4, expected_revision=conversation.revision
        )
        branch.messages += turn('other')
        await data_folder.conversations.save(branch)
        record = await data_folder.conversations.read_record(conversation.conversation_id)
        assert record is not None
    path = only_file(tmp_path)
    path.write_text(path.read_text()[:-10] + 'nonsense')
    await repair_folder(tmp_path)
    async with store_in(tmp_path) as data_folder:
        again = await data_folder.conversations.read_record(conversation.conversation_id)
        assert again is not None
        assert (again.head_id, again.branches) == (record.head_id, record.branches)
        assert again.revision != record.revision


@pytest.mark.parametrize('is_stock', [False, True])
@pytest.mark.parametrize('kind', ['cut', 'zeros', 'bytes'])
async def test_damage_in_any_place_costs_that_place(tmp_path: Path, kind: str, is_stock: bool) -> None:
    """Whether we wrote the file last, or TinyDB as it comes, all in one line."""
    conversation = await stored(tmp_path)
    path = only_file(tmp_path)
    if is_stock:
        with stock_tinydb(path) as database:
            database.table('meta').update({'title': 'Stock'})
    data = path.read_bytes()
    whole = [json.dumps(entry_id).encode() for entry_id in json.loads(data)['entries']]
    for place in range(0, len(data) - 20, 37):
        harm = {
            'cut': b'',
            'zeros': bytes(20) + data[place + 20 :],
            'bytes': b'\xff' * 20 + data[place + 20 :],
        }
        found = recover_conversation(data[:place] + harm[kind], path.stem)
        count = len(found.entries) if found else 0
        before = sum(1 for entry in whole if data.find(entry + b': {"parent') < place)
        assert count >= (before - 1 if kind == 'cut' else len(whole) - 2)
        if found:
            assert found.record['conversation_id'] == conversation.conversation_id
            assert found.record['head_id'] in found.entries


async def test_without_its_record_an_odd_id_is_lost_but_not_the_messages(tmp_path: Path) -> None:
    await stored(tmp_path, 'odd / id')
    path = only_file(tmp_path)
    path.write_text(path.read_text().replace('"record"', '"rec'))
    [_, saved] = await repair_folder(tmp_path)
    async with store_in(tmp_path) as data_folder:
        [summary] = data_folder.catalog.summaries
        assert saved.endswith(f'as {summary.conversation_id}.')
        assert prompts_in(await data_folder.conversations.load(summary.conversation_id)) == list(PROMPTS)
    assert await repair_folder(tmp_path) == []


async def test_what_was_thrown_away_does_not_come_back(tmp_path: Path) -> None:
    conversation = await stored(tmp_path)
    path = only_file(tmp_path)
    path.write_text(path.read_text()[:-10])
    await repair_folder(tmp_path)
    async with store_in(tmp_path) as data_folder:
        await data_folder.conversations.move_to_trash(conversation.conversation_id)
    assert await repair_folder(tmp_path) == []
    async with store_in(tmp_path) as data_folder:
        await data_folder.trash.delete_for_good(conversation.conversation_id)
    assert await repair_folder(tmp_path) == []
    assert names_in(tmp_path / 'conversations') == set()


async def test_it_tidies_up(tmp_path: Path) -> None:
    await stored(tmp_path)
    (tmp_path / 'blobs' / f'x{UNFINISHED_SUFFIX}').write_text('half')
    (tmp_path / 'blobs' / ('0' * 64)).write_text('another content')
    (tmp_path / 'index.json').write_text('[7]')
    [damaged] = await repair_folder(tmp_path)
    assert damaged.startswith('blobs/0000')
    assert names_in(tmp_path / 'blobs') == {'0' * 64 + '.corrupt'}
    assert len(json.loads((tmp_path / 'index.json').read_text())) == 1
