"""The trial that a person can make on their own computer."""

from pathlib import Path

from chat.store.selftest.selftest import files_unreadable_by_tinydb, selftest
from tests.store.store_samples import names_in


def test_it_says_what_was_tried_and_that_nothing_was_lost(tmp_path: Path) -> None:
    said: list[str] = []
    assert selftest(tmp_path / 'data', said.append, kills=1), said
    assert [line.split(':')[0] for line in said[:-1]] == [
        'Files rewritten whole',
        'Files grown line by line',
        'Files kept as usual',
        'Full disk',
    ]
    assert said[-1].endswith('nothing was lost.')
    assert names_in(tmp_path / 'data') == set()


def test_a_trial_that_tried_too_little_is_not_passed(tmp_path: Path) -> None:
    said: list[str] = []
    assert not selftest(tmp_path, said.append, kills=0)
    assert any('too few' in line for line in said)


def test_a_file_is_read_as_tinydb_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / 'conversations'
    folder.mkdir()
    (folder / 'whole.json').write_text('{"record": {"1": {"head_id": "b"}}, "entries": {"b": {}}}')
    (folder / 'headless.json').write_text('{"record": {"1": {"head_id": "c"}}, "entries": {"b": {}}}')
    (folder / 'cut.json').write_text('{"record": {"1": {"head_id"')
    (folder / 'another.json').write_text('{"_default": {}}')
    found = files_unreadable_by_tinydb(tmp_path)
    assert sorted(line.split()[0] for line in found) == ['another.json', 'cut.json', 'headless.json']
