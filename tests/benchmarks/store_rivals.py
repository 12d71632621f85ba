"""Other ways to store a turn, for `store.py`: each keeps messages, and one turn is one method call."""

import sqlite3
from pathlib import Path
from typing import Any

from pydantic_ai import ModelMessage, ModelMessagesTypeAdapter
from tinydb import TinyDB


class PlainTinyDB:
    """A document per message, and one about the conversation, as TinyDB stores by itself."""

    name = 'plain TinyDB'

    def __init__(self, folder: Path, messages: list[ModelMessage]) -> None:
        self._database: Any = TinyDB(folder / 'plain.json', encoding='utf-8')  # mostly not typed
        self._messages = self._database.table('messages')
        self._records = self._database.table('records')
        self._messages.insert_multiple(documents(messages))
        self._records.insert({'head': len(messages)})

    def turn(self, messages: list[ModelMessage]) -> None:
        self._messages.insert_multiple(documents(messages))
        self._records.update({'head': len(self._messages)})

    def open(self, limit: int | None) -> int:
        stored = [document['message'] for document in self._messages.all()]
        return len(ModelMessagesTypeAdapter.validate_python(stored[-limit:] if limit else stored))

    def close(self) -> None:
        self._database.close()


class Sqlite:
    """A row per message, with a write-ahead log that is synced at each commit."""

    name = 'sqlite3, WAL, FULL'

    def __init__(self, folder: Path, messages: list[ModelMessage]) -> None:
        self._database = sqlite3.connect(folder / 'sqlite.db')
        self._database.execute('PRAGMA journal_mode=WAL')
        self._database.execute('PRAGMA synchronous=FULL')
        self._database.execute('CREATE TABLE messages (id INTEGER PRIMARY KEY, message TEXT)')
        self._database.execute('CREATE TABLE records (id INTEGER PRIMARY KEY, head INTEGER)')
        self._database.execute('INSERT INTO records VALUES (1, 0)')
        self.turn(messages)

    def turn(self, messages: list[ModelMessage]) -> None:
        rows = [(ModelMessagesTypeAdapter.dump_json([message]).decode(),) for message in messages]
        with self._database:
            self._database.executemany('INSERT INTO messages (message) VALUES (?)', rows)
            self._database.execute('UPDATE records SET head = head + ?', (len(rows),))

    def open(self, limit: int | None) -> int:
        query = 'SELECT message FROM messages ORDER BY id DESC LIMIT ?'
        rows = self._database.execute(query, (-1 if limit is None else limit,)).fetchall()
        return sum(len(ModelMessagesTypeAdapter.validate_json(row)) for (row,) in reversed(rows))

    def close(self) -> None:
        self._database.close()


class RowPerRun:
    """A row per turn in one table for all; each request reads and parses every row, as the origin does."""

    name = 'a row per run'

    def __init__(self, folder: Path, messages: list[ModelMessage]) -> None:
        self._database = sqlite3.connect(folder / 'runs.db')
        self._database.execute('CREATE TABLE messages (id INTEGER PRIMARY KEY, message_list TEXT)')
        for start in range(0, len(messages), 2):
            self._insert(messages[start : start + 2])
        self._database.commit()

    def turn(self, messages: list[ModelMessage]) -> None:
        self.open(None)
        self._insert(messages)
        self._database.commit()

    def open(self, limit: int | None) -> int:
        del limit  # there is none
        rows = self._database.execute('SELECT message_list FROM messages ORDER BY id').fetchall()
        return sum(len(ModelMessagesTypeAdapter.validate_json(row)) for (row,) in rows)

    def close(self) -> None:
        self._database.close()

    def _insert(self, messages: list[ModelMessage]) -> None:
        row = (ModelMessagesTypeAdapter.dump_json(messages),)
        self._database.execute('INSERT INTO messages (message_list) VALUES (?)', row)


def documents(messages: list[ModelMessage]) -> list[dict[str, Any]]:
    return [{'message': message} for message in ModelMessagesTypeAdapter.dump_python(messages, mode='json')]
