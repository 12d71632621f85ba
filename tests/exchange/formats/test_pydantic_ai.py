"""pydantic-ai: messages of every version, and the file of its chat app."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from chat.errors import ImportRefused
from tests.exchange.formats.reading import only, read, read_path

TIME = '2025-01-20T10:00:00Z'


def asked(*parts: dict[str, Any]) -> dict[str, Any]:
    return {'kind': 'request', 'parts': [*parts]}


def said(*parts: dict[str, Any]) -> dict[str, Any]:
    return {'kind': 'response', 'timestamp': TIME, 'parts': [*parts]}


HELLO = asked({'part_kind': 'user-prompt', 'content': 'Hello'})


def test_the_messages_of_2024_are_told_apart_by_their_roles() -> None:
    """Before 0.0.13."""
    call = {'tool_name': 't', 'args': {'args_json': '{"a":1}'}, 'tool_id': None}
    messages = [
        {'role': 'system', 'content': 'Be brief.'},
        {'role': 'user', 'content': 'How warm?', 'timestamp': TIME},
        {'role': 'model-structured-response', 'calls': [call], 'timestamp': TIME},
        {'role': 'tool-return', 'tool_name': 't', 'content': {'c': 19}, 'tool_id': None, 'timestamp': TIME},
        {'role': 'model-text-response', 'content': '19', 'timestamp': TIME},
    ]
    seen = only(read(messages))
    assert (seen.texts, seen.chat.instructions) == (['How warm?', '19'], 'Be brief.')
    assert ([call.args for call in seen.calls], [*seen.results.values()]) == ([{'a': 1}], [{'c': 19}])


def test_one_odd_message_never_refuses_a_history() -> None:
    messages = [
        HELLO,
        said({'part_kind': 'hologram', 'content': 'Boo'}, {'part_kind': 'text', 'content': 'Hi'}),
        {'kind': 'thought'},
        None,
        asked({'part_kind': 'user-prompt', 'content': [{'kind': 'smell', 'x': 1}, 'And now?']}),
        said({'part_kind': 'tool-call', 'tool_name': 't', 'args': '{"a": '}),
    ]
    seen = only(read(messages))
    assert seen.texts == ['Hello', 'Boo\n\nHi', 'And now?\n\n*[A part of the kind “smell”, not shown]*', '']
    assert [call.args for call in seen.calls] == ['{"a": ']
    assert seen.chat.problems == ['2 of its messages have no parts, and were left out.']


def test_files_are_bytes_or_addresses() -> None:
    """The bytes are in the base64 of addresses; what is at an address is not loaded."""
    content = [
        'Look',
        {'kind': 'binary', 'data': '-_-_', 'media_type': 'image/png', 'identifier': 'a1b2c3'},
        {'kind': 'image-url', 'url': 'https://example.org/cat.jpg'},
    ]
    seen = only(read([asked({'part_kind': 'user-prompt', 'content': content})]))
    assert seen.files == {'a1b2c3.png': b'\xfb\xff\xbf'}
    assert seen.missing == ['cat.jpg']


def database(path: Path, *statements: str, rows: tuple[object, ...] = ()) -> Path:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
        for row in rows:
            connection.execute('INSERT INTO messages (message_list) VALUES (?)', (row,))
    connection.close()
    return path


TABLE = 'CREATE TABLE messages (id INT PRIMARY KEY, message_list TEXT)'


def test_the_rows_of_the_chat_app_are_one_chat(tmp_path: Path) -> None:
    """In the order in which they were written; one that is damaged is named."""
    rows = (json.dumps([HELLO]), b'[{', json.dumps([said({'part_kind': 'text', 'content': 'Hi'})]).encode())
    path = database(tmp_path / 'x.bin', TABLE, rows=rows)
    before = path.read_bytes()
    seen = only(read_path(path))
    assert seen.texts == ['Hello', 'Hi']
    assert seen.chat.problems == ['1 of its rows are no list of messages, and were left out.']
    assert path.read_bytes() == before


def test_a_database_in_use_is_read_and_left_alone(tmp_path: Path) -> None:
    """Also what is only in its log of changes so far."""
    path = database(tmp_path / 'x.sqlite', 'PRAGMA journal_mode = WAL', TABLE)
    app = sqlite3.connect(path, isolation_level=None)
    app.execute('INSERT INTO messages (message_list) VALUES (?)', (json.dumps([HELLO]),))
    app.execute('BEGIN EXCLUSIVE')
    assert only(read_path(tmp_path)).texts == ['Hello']
    app.execute('COMMIT')
    app.close()


@pytest.mark.parametrize('statement', ['CREATE TABLE urls (url TEXT)', 'CREATE TABLE messages (text TEXT)'])
def test_another_database_is_refused_in_a_sentence(tmp_path: Path, statement: str) -> None:
    path = database(tmp_path / 'history', statement)
    with pytest.raises(ImportRefused, match='without a table of messages that is known here'):
        read_path(path)


def test_a_damaged_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = database(tmp_path / 'x', TABLE, rows=tuple(json.dumps([HELLO] * 200) for _ in range(20)))
    content = path.read_bytes()
    path.write_bytes(content[:100] + b'\xff' * 4000 + content[4100:])
    with pytest.raises(ImportRefused, match='damaged'):
        read_path(path)
