"""Commits that are lines of a journal, until they are folded into their file."""

import json
from pathlib import Path

import pytest

from chat.store.filesystem.disk import Disk
from chat.store.tinydb_storage.document_storage import DocumentFile
from chat.store.tinydb_storage.journal import Journal, journal_of
from tests.store.failing_disk import FailingDisk
from tests.store.store_samples import names_in, stock_tinydb


def journaled(path: Path, disk: Disk | None = None) -> DocumentFile:
    """A file where every commit but the first is a line of the journal."""
    return DocumentFile(path, disk=disk, rewrite_below=0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with three commits, two of them in its journal."""
    path = tmp_path / 'file.json'
    documents = journaled(path)
    for name in ('one', 'two', 'three'):
        documents.put('notes', {name: {'text': name}})
    return path


def notes(path: Path) -> list[str]:
    return list(journaled(path).documents('notes'))


def test_a_commit_is_a_line_and_does_not_touch_the_file(path: Path) -> None:
    before = path.read_bytes()
    journaled(path).put('notes', {'four': {}})
    assert path.read_bytes() == before
    assert len(journal_of(path).read_bytes().splitlines()) == 3
    assert notes(path) == ['one', 'two', 'three', 'four']


def test_folding_leaves_a_file_as_tinydb_knows_it(path: Path) -> None:
    documents = journaled(path)
    documents.file.merge_journal()
    assert names_in(path.parent) == {path.name}
    with stock_tinydb(path) as database:
        stored = database.table('notes')
        stored.document_id_class = str  # for TinyDB expects numbers
        assert [document['text'] for document in stored.all()] == ['one', 'two', 'three']
    documents.put('notes', {'four': {}})
    assert notes(path) == ['one', 'two', 'three', 'four']


def test_a_long_journal_is_folded(tmp_path: Path) -> None:
    path = tmp_path / 'file.json'
    documents = journaled(path)
    longest = 0
    for number in range(300):
        documents.put('notes', {str(number): {'text': 'x' * 1000}})
        if journal_of(path).exists():
            longest = max(longest, journal_of(path).stat().st_size / path.stat().st_size)
            assert journal_of(path).stat().st_size <= max(path.stat().st_size / 2, 16 * 1024) + 1100
    assert longest > 0.4
    assert len(notes(path)) == 300


def test_what_removes_something_rewrites_the_file(path: Path) -> None:
    documents = journaled(path)
    documents.remove_document('notes', 'two')
    assert names_in(path.parent) == {path.name}
    assert notes(path) == ['one', 'three']


def test_a_journal_of_before_says_nothing(path: Path) -> None:
    """As when the process dies after the rewrite of a file, before its journal is removed."""
    old = journal_of(path).read_bytes()
    documents = journaled(path)
    documents.put('notes', {'one': {'text': 'newer'}})
    documents.file.merge_journal()
    journal_of(path).write_bytes(old)
    documents = journaled(path)
    assert documents.documents('notes')['one'] == {'text': 'newer'}
    documents.put('notes', {'four': {}})
    assert notes(path) == ['one', 'two', 'three', 'four']
    assert len(journal_of(path).read_bytes().splitlines()) == 1


def test_a_journal_left_by_a_deleted_file_says_nothing_about_a_new_one(path: Path) -> None:
    path.unlink()
    documents = journaled(path)
    assert notes(path) == []
    documents.put('notes', {'new': {}})
    documents.put('notes', {'newer': {}})
    assert notes(path) == ['new', 'newer']


@pytest.mark.parametrize('left', [b'', b'{"check": "0', b'\0' * 500, b'\0' * 500 + b'\n'])
def test_a_line_that_was_cut_off_does_not_count_and_is_removed(path: Path, left: bytes) -> None:
    whole = journal_of(path).read_bytes()
    journal_of(path).write_bytes(whole + left)
    documents = journaled(path)
    assert notes(path) == ['one', 'two', 'three']
    documents.put('notes', {'four': {}})
    assert journal_of(path).read_bytes().startswith(whole)
    assert notes(path) == ['one', 'two', 'three', 'four']
    assert names_in(path.parent) == {path.name, journal_of(path).name}


def test_damage_anywhere_keeps_what_comes_before_and_a_copy_of_all(path: Path) -> None:
    whole = journal_of(path).read_bytes()
    lines = whole.splitlines(keepends=True)
    for place in range(len(whole)):
        journal_of(path).write_bytes(whole[:place] + b'#' + whole[place + 1 :])
        kept = 1 if place < len(lines[0]) else 2
        assert notes(path) == ['one', 'two', 'three'][:kept]
    damaged = journal_of(path).read_bytes()
    journal_of(path).write_bytes(damaged[:100] + b'#' + damaged[101:])
    before = journal_of(path).read_bytes()
    journaled(path).put('notes', {'four': {}})
    assert notes(path) == ['one', 'four']
    assert journal_of(path).with_name('file.journal.corrupt').read_bytes() == before


@pytest.mark.parametrize('failing', range(1, 6))
def test_an_append_that_fails_changes_nothing(path: Path, failing: int) -> None:
    disk = FailingDisk(failing, times=1)
    documents = journaled(path, disk)
    failed = False
    for name in ('four', 'five'):
        before = notes(path)
        try:
            documents.put('notes', {name: {}})
        except OSError:
            failed = True
            assert notes(path) == before
            assert list(documents.documents('notes')) == before
    documents.put('notes', {'six': {}})
    assert notes(path) == list(documents.documents('notes'))
    assert failed or failing == 5


def test_what_json_cannot_say_is_refused_before_anything_is_written(path: Path) -> None:
    documents = journaled(path)
    before = journal_of(path).read_bytes()
    with pytest.raises(TypeError):
        documents.put('notes', {'four': {'text': object()}})
    assert journal_of(path).read_bytes() == before
    assert list(documents.documents('notes')) == ['one', 'two', 'three']


def test_a_journal_is_json_lines(path: Path) -> None:
    first, _ = map(json.loads, journal_of(path).read_text(encoding='utf-8').splitlines())
    assert first['tables'] == {'notes': {'two': {'text': 'two'}}}
    assert first['generation'] == json.loads(path.read_bytes())['_meta']['1']['generation']


def test_reading_changes_nothing(path: Path) -> None:
    journal_of(path).write_bytes(b'\0' * 10)
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    assert notes(path) == ['one']
    assert Journal(journal_of(path), Disk()).read('another') == []
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == before
