"""The SQLite file of pydantic-ai's example of a chat app: a row for each turn, all of one chat.

Its ids are NULL, since INT is no alias of the row's id, and its lists are bytes: rows are read in their
order. The file may be in use by the app: what is opened is a copy, and nothing is locked or changed.
"""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from chat.errors import ImportRefused
from chat.exchange.formats.documents import Document, Read, Reader, Sample, chat_of
from chat.exchange.formats.pydantic_ai_messages import chat_of_messages
from chat.exchange.formats.records import Chat
from chat.exchange.formats.values import items

SIGNATURE = b'SQLite format 3\0'

COMPANIONS = ('-wal', '-journal')
"""Ends of the names of files that have a part of what is in the database."""


class ChatAppDatabase(Reader):
    """The file in which pydantic-ai's chat app keeps its messages."""

    id = 'pydantic-ai-chat-app'
    name = "pydantic-ai's chat app"

    def recognises(self, sample: Sample) -> bool:
        return sample.head.startswith(SIGNATURE)

    def read(self, document: Document) -> Iterator[Read]:
        rows = _rows(document)
        yield chat_of(rows, lambda _: _chat(rows))


def _chat(rows: list[Any]) -> Chat:
    lists = [_messages(row) for row in rows]
    chat = chat_of_messages([message for each in lists for message in each or []])
    if odd := lists.count(None):
        chat.problems.append(f'{odd} of its rows are no list of messages, and were left out.')
    return chat


def _messages(row: Any) -> list[Any] | None:
    try:
        value = json.loads(row)
    except (TypeError, ValueError, RecursionError):
        return None
    return items(value) if isinstance(value, list) else None  # pyright: ignore[reportUnknownArgumentType]  # of JSON


def _rows(document: Document) -> list[Any]:
    """Return what is in the rows of the table, in the order in which they were written."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / 'copy.sqlite'
        for end in ('', *COMPANIONS):
            member = document.beside(document.name + end)
            if member:
                with member.open_attachment() as stream, Path(f'{copy}{end}').open('wb') as file:
                    shutil.copyfileobj(stream, file)
        try:
            with closing(sqlite3.connect(copy)) as database:
                database.execute('PRAGMA trusted_schema = OFF')
                rows = database.execute('SELECT message_list FROM messages ORDER BY rowid')
                return [row for (row,) in rows]
        except sqlite3.OperationalError as error:
            raise ImportRefused(
                f'{document.name} is an SQLite file without a table of messages that is known here.'
            ) from error
        except sqlite3.Error as error:
            raise ImportRefused(f'{document.name} is damaged: SQLite cannot read it.') from error
