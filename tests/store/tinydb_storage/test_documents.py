"""TinyDB over files that are replaced whole."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tinydb import where
from tinydb.table import Document

from chat.store.filesystem.disk import UNFINISHED_SUFFIX
from chat.store.tinydb_storage.document_storage import DocumentFile
from chat.store.tinydb_storage.tables import encoded, sanitized, sanitized_text
from tests.store.store_samples import stock_tinydb

ANY_TEXT = some.text(some.characters())
"""Text with halves of characters, too."""

VALUE = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False)
    | ANY_TEXT
    | some.lists(ANY_TEXT)
)
TABLE = some.dictionaries(ANY_TEXT, some.fixed_dictionaries({'value': VALUE}), max_size=3)
TABLES = some.fixed_dictionaries({'one': TABLE}, optional={'two': TABLE})


def test_documents_are_found_by_ids_that_are_words(tmp_path: Path) -> None:
    documents = DocumentFile(tmp_path / 'file.json')
    documents.put('guests', {'ann': {'age': 7}, 'bob': {'age': 8}})
    documents.put('guests', {'ann': {'age': 9}})
    assert documents.documents('guests') == {'ann': {'age': 9}, 'bob': {'age': 8}}
    guests: Any = documents.table('guests')
    assert guests.search(where('age') == 9)[0].doc_id == 'ann'
    assert DocumentFile(tmp_path / 'file.json').documents('guests') == documents.documents('guests')
    with stock_tinydb(tmp_path / 'file.json') as stock:
        assert stock.table('guests').get(doc_id='ann') == {'age': 9}


def test_a_document_is_removed_and_the_others_stay(tmp_path: Path) -> None:
    documents = DocumentFile(tmp_path / 'file.json')
    documents.put('guests', {'ann': {'age': 7}, 'bob': {'age': 8}})
    documents.remove_document('guests', 'ann')
    documents.remove_document('guests', 'eve')
    assert documents.documents('guests') == {'bob': {'age': 8}}
    assert DocumentFile(tmp_path / 'file.json').documents('guests') == {'bob': {'age': 8}}


def test_documents_of_several_tables_are_one_commit(tmp_path: Path) -> None:
    path = tmp_path / 'file.json'
    documents = DocumentFile(path)
    documents.put('one', {'a': {}})
    before = path.read_bytes()
    with pytest.raises(TypeError):
        documents.file.put({'one': {'b': {}}, 'two': {'c': {'number': object()}}})
    assert (list(documents.documents('one')), path.read_bytes()) == (['a'], before)
    documents.file.put({'one': {'b': {}}, 'two': {'c': {}}})
    stored = json.loads(path.read_text())
    assert {name: list(table) for name, table in stored.items()} == {'one': ['a', 'b'], 'two': ['c']}


def test_a_write_that_fails_changes_neither_memory_nor_disk(tmp_path: Path) -> None:
    path = tmp_path / 'file.json'
    documents = DocumentFile(path)
    documents.put('one', {'a': {'number': 1}})
    table: Any = documents.table('one')
    before = path.read_bytes()
    obstacle = path.with_name(path.name + UNFINISHED_SUFFIX)
    obstacle.mkdir()
    with pytest.raises(OSError, match=obstacle.name):
        documents.put('one', {'a': {'number': 2}})
    with pytest.raises(OSError, match=obstacle.name):
        table.update({'number': 2})
    with pytest.raises(OSError, match=obstacle.name):
        documents.drop_table('one')
    assert documents.documents('one') == {'a': {'number': 1}}
    obstacle.rmdir()
    with pytest.raises(TypeError):
        documents.put('one', {'a': {'number': object()}})
    assert documents.documents('one') == {'a': {'number': 1}}
    assert path.read_bytes() == before


def test_documents_are_replaced_and_never_edited(tmp_path: Path) -> None:
    """Who has read a document keeps what was read, whatever TinyDB does to update it."""
    documents = DocumentFile(tmp_path / 'file.json')
    documents.put('one', {'a': {'tags': ['x']}, 'b': {'tags': []}})
    before = dict(documents.documents('one'))

    def tag(document: Any) -> None:
        document['tags'].append('y')

    table: Any = documents.table('one')
    table.update(tag, doc_ids=['a'])
    table.update_multiple([(tag, where('tags') == [])])
    table.upsert(Document({'more': 1}, 'b'))  # pyright: ignore[reportArgumentType]  # ids are int for TinyDB
    assert before == {'a': {'tags': ['x']}, 'b': {'tags': []}}
    assert documents.documents('one') == {'a': {'tags': ['x', 'y']}, 'b': {'tags': ['y'], 'more': 1}}
    assert DocumentFile(tmp_path / 'file.json').documents('one') == documents.documents('one')


def test_what_stock_tinydb_wrote_can_be_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / 'file.json'
    with stock_tinydb(path) as stock:
        stock.insert({'text': 'half \ud83d'})
    documents = DocumentFile(path)
    assert documents.documents('_default') == {'1': {'text': 'half \ufffd'}}
    documents.put('other', {'a': {}})
    with stock_tinydb(path) as stock:
        assert stock.all() == [{'text': 'half \ufffd'}]


@given(TABLES)
def test_any_plain_tables_are_the_same_after_writing_and_reading(tables: dict[str, Any]) -> None:
    tables = sanitized(tables)
    assert json.loads(encoded(tables)) == tables
    assert sanitized(tables) == tables


@given(ANY_TEXT)
def test_text_without_halves_stays_as_it_is(text: str) -> None:
    whole = sanitized_text(text)
    assert whole.encode().decode() == whole
    if not any('\ud800' <= character <= '\udfff' for character in text):
        assert whole == text
