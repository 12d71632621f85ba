"""Search in files: those of the store, with and without a journal, and those that others wrote or damaged."""

import asyncio
import json
import tempfile
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from pydantic_ai import ModelRequest, UserPromptPart
from pydantic_ai.conversation_store import ConversationEntry

from chat.conversation.search import SearchHit
from chat.conversation.storage import ConversationSummary
from chat.store.catalog import Catalog
from chat.store.conversations.conversation_file import IndexedSummary
from chat.store.conversations.format import dump_entry, file_name
from chat.store.filesystem.disk import Disk
from chat.store.search.query import Query
from chat.store.search.search import Search
from chat.store.tinydb_storage.document_storage import DocumentStorage
from chat.store.tinydb_storage.journal import journal_of
from chat.store.tinydb_storage.tables import Tables, encoded
from chat.text_normalization import normalized
from tests.store.search.test_search import found_in, marked, only_name, saved, search_in
from tests.store.search.test_text_normalization import TEXT, composed, decomposed
from tests.store.store_samples import only_file, turn
from tests.support.profile import examples


async def test_what_cannot_be_read_is_skipped(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        conversations = [await saved(data_folder, *turn(f'apple {number}')) for number in range(6)]
        paths = [tmp_path / 'conversations' / only_name(each) for each in conversations]
        paths[0].unlink()
        paths[1].unlink()
        paths[1].mkdir()
        paths[2].write_bytes(b'apple \xff\xfe')
        paths[3].write_bytes(paths[3].read_bytes().partition(b'ple 3')[0])
        paths[4].write_text(
            '{"entries": {"1": "apple", "2": {"message": {"parts": ["apple", {"content": "apple"}]}}}}'
        )
        assert [hit.snippet for hit in await found_in(search, 'apple')] == ['apple 5']


async def test_changes_are_found_at_once(tmp_path: Path) -> None:
    """Also if the file was searched before, and now has other characters."""
    async with search_in(tmp_path) as (data_folder, search):
        conversation = await saved(data_folder, *turn('plain'))
        assert await found_in(search, 'uber') == []
        conversation.messages += turn('Über')
        await data_folder.conversations.save(conversation)
        assert [marked(hit) for hit in await found_in(search, 'uber')] == ['Über']


def stock(tables: Tables) -> bytes:
    return json.dumps(tables).encode()


def indented(tables: Tables) -> bytes:
    return b'\xef\xbb\xbf' + json.dumps(tables, indent=4, ensure_ascii=False).encode()


def on_many_lines(tables: Tables) -> bytes:
    return json.dumps(tables, indent=0).replace('/', '\\/').encode()


LAYOUTS: list[Callable[[Tables], bytes]] = [encoded, stock, indented, on_many_lines]


@pytest.mark.parametrize('layout', LAYOUTS)
async def test_files_that_others_wrote_are_searched(
    tmp_path: Path, layout: Callable[[Tables], bytes]
) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('der Weg nach/über Köln', 'ok'), title='t')
        path = only_file(tmp_path)
        path.write_bytes(layout(json.loads(path.read_bytes())))
        assert [marked(hit) for hit in await found_in(search, 'weg nach/uber')] == ['Weg']
        assert [marked(hit) for hit in await found_in(search, '"ÜBER koln"')] == ['über Köln']


def entry(text: str) -> dict[str, Any]:
    message = ModelRequest(parts=[UserPromptPart(text)])
    return dump_entry(ConversationEntry(id='unused', parent_id=None, message=message))


async def test_journals_are_searched(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('apple one'))
        path = only_file(tmp_path)
        storage = DocumentStorage(path, disk=Disk(), rewrite_below=1)
        storage.put({'entries': {'two': entry('apple two')}})
        storage.put({'entries': {'three': entry('Äpfel drei'), 'two': entry('apple two, replaced')}})
        storage.put_checkpoint('apple, unfinished')
        assert journal_of(path).exists()
        found = [(hit.entry_id, hit.snippet) for hit in await found_in(search, 'apple')]
        assert [snippet for _, snippet in found] == ['apple two, replaced', 'apple one']
        assert [hit.entry_id for hit in await found_in(search, 'apfel')] == ['three']


async def test_a_journal_of_another_generation_is_not_searched(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('apple one'))
        path = only_file(tmp_path)
        storage = DocumentStorage(path, disk=Disk(), rewrite_below=1)
        storage.put({'entries': {'two': entry('apple two')}})
        before = path.read_bytes()
        storage.put({'entries': {'three': entry('apple three')}})
        journal = journal_of(path).read_bytes()
        storage.merge_journal()
        path.write_bytes(path.read_bytes().replace(b'apple three', b'gone'))
        journal_of(path).write_bytes(journal)
        assert [hit.snippet for hit in await found_in(search, 'apple')] == ['apple two', 'apple one']
        path.write_bytes(before)
        assert len(await found_in(search, 'apple')) == 3


async def test_a_long_conversation_is_searched_from_its_end(tmp_path: Path) -> None:
    async with search_in(tmp_path) as (data_folder, search):
        await saved(data_folder, *turn('x'))
        path = only_file(tmp_path)
        tables = json.loads(path.read_bytes())
        filler = ' the quick Brown fox' * 60
        for number in range(2_500):
            rare = ' Rötung' if number in (0, 700, 1_200, 2_499) else ''
            tables['entries'][str(number)] = entry(f'{filler} {number}{rare}')
        path.write_bytes(encoded(tables))
        assert path.stat().st_size > 3_000_000
        assert [hit.entry_id for hit in await found_in(search, 'rotung')] == ['2499', '1200', '700']
        assert [hit.entry_id for hit in await found_in(search, '0 rotung')] == ['1200', '700', '0']


async def found_in_file(text: str, content: bytes) -> list[SearchHit]:
    """What a search finds in a folder with one conversation."""
    now = datetime.now(UTC)
    row = IndexedSummary(
        summary=ConversationSummary(conversation_id='one', title='', updated_at=now), size=0, mtime_ns=0
    )
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / file_name('one')).write_bytes(content)
        search = Search(Path(name), Catalog([row]))
        try:
            return await found_in(search, text)
        finally:
            await search.close()


def without_accents(text: str) -> str:
    return ''.join(each for each in decomposed(text) if not unicodedata.combining(each))


CHANGES: list[Callable[[str], str]] = [
    str, str.upper, str.lower, str.casefold, str.swapcase, composed, decomposed, without_accents, normalized,
]  # fmt: skip


@pytest.mark.long
@examples(short=25, long=100)
@given(some.lists(TEXT, min_size=1, max_size=3), some.data())
def test_every_piece_of_a_text_is_found(texts: list[str], data: some.DataObject) -> None:
    """However it is typed, and whoever wrote the file: what is held back unparsed could not match."""
    place = data.draw(some.integers(0, len(texts) - 1))
    start = data.draw(some.integers(0, len(texts[place])))
    piece = texts[place][start : data.draw(some.integers(start, len(texts[place])))]
    asked = data.draw(some.sampled_from(CHANGES))(piece)
    assume(normalized(asked) == normalized(piece))
    if data.draw(some.booleans()) and not set(asked) & set('"“”„‟'):
        asked = f'"{asked}"'
    assume(terms := Query(asked).terms)
    tables: Tables = {
        '_meta': {'1': {'format_version': 1}},
        'entries': {str(number): entry(text) for number, text in enumerate(texts)},
    }
    hits = asyncio.run(found_in_file(asked, data.draw(some.sampled_from(LAYOUTS))(tables)))
    assert str(place) in {hit.entry_id for hit in hits}
    for hit in hits:
        found = ' '.join(normalized(marked(hit)).split())
        assert any(' '.join(term) in found for term in terms)
