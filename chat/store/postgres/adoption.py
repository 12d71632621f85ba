"""Take over what a node has left: what an answer had said when its node died stays, marked as interrupted."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, LiteralString
from uuid import uuid4

from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord

from chat.conversation.answering.answer import AnswerDetails, load_details
from chat.conversation.content.metadata import ComparedAnswer, Comparison, ConversationMetadata
from chat.errors import ChatError
from chat.store.conversations.blobs import with_blob_names
from chat.store.conversations.format import (
    dump_entry,
    dump_metadata,
    dump_record,
    interrupted_answers,
    with_interrupted,
)
from chat.store.postgres.blobs import OWN_BLOBS
from chat.store.postgres.commits import Commit, commit, record_of
from chat.store.postgres.database import Connection, Database
from chat.store.postgres.frames import text_of_frames
from chat.store.postgres.rows import BlobBytes, blobs_of, entry_rows
from chat.store.postgres.runs import without_details
from chat.store.tinydb_storage.tables import Json, encode_json, parsed

log = logging.getLogger(__name__)

ADOPTIONS_AT_ONCE = 8
"""Answers that a node takes over at a time; hundreds may be left by one node."""

_TOLD = set[int]()
"""The rows of conversations that cannot be taken over, of which the log says so once."""

ONLY_GIVEN_UP = timedelta(days=36500)
"""The lease of a node that takes over only what nobody has any more."""

CONTINUE = 'continue'
"""The kind of the command that has an answer be gone on with; see `chat.cluster.command_handler`."""

IS_LEFT: LiteralString = (
    '(r.node is null or not exists '
    '(select from node n where n.id = r.node and n.seen_at > clock_timestamp() - %s))'
)
"""Whether nobody answers in a run: it was given up, or its node has been silent for so long."""


async def adopt_all(
    database: Database,
    lease: timedelta,
    *,
    node: str = '',
    first: Collection[tuple[str, str]] = (),
    continues: bool = False,
    is_sure: Callable[[], bool] = lambda: True,
) -> int:
    """Take over all answers whose nodes are silent for this long; return how many there were.

    Args:
        database: Where they are.
        lease: How long a node has to be silent.
        node: Which takes over; what it answers itself it knows better, however late its sign of life was.
        first: The conversations that somebody looks at, by owner and name: they come before the others.
        continues: Whether an answer is gone on with, unless that was done before.
        is_sure: Whether silence still means something, asked after each statement that may have had to wait:
            while the database is away nobody can say that they live.

    Raises:
        StorageUnavailable: If the database is away for too long.
    """
    rows = await database.read(
        'select c.key, c.owner, c.name from run r join conversation c on c.key = r.conversation '
        f'where {IS_LEFT} and r.node is distinct from %s and c.deleted_at is null order by r.begun_at',
        *(lease, node),
    )
    left = [key for key, *_ in sorted(rows, key=lambda row: (row[1], row[2]) not in first)][::-1]

    async def adopt_one_after_the_other() -> int:
        adopted = 0
        while left:
            adopted += await _adopt_if_readable(
                database, left.pop(), lease, continues=continues, is_sure=is_sure
            )
        return adopted

    workers = (adopt_one_after_the_other() for _ in range(ADOPTIONS_AT_ONCE))
    ended = await asyncio.gather(*workers, return_exceptions=True)
    for error in ended:
        if isinstance(error, BaseException):
            raise error
    adopted = sum(each for each in ended if isinstance(each, int))
    if adopted:
        database.metrics.adoptions.inc(adopted)
        log.info('Answers of nodes that are gone were taken over: %d', adopted)
    return adopted


async def take_over(database: Database, key: int) -> None:
    """End whatever is answered in a conversation, at whichever node; what it has said is stored.

    Raises:
        StorageUnavailable: If the database is away for too long.
    """
    await _adopt(database, key, timedelta(0), continues=False, is_sure=lambda: True)


async def _adopt_if_readable(
    database: Database, key: int, lease: timedelta, *, continues: bool, is_sure: Callable[[], bool]
) -> bool:
    try:
        return await _adopt(database, key, lease, continues=continues, is_sure=is_sure)
    except ChatError:
        raise
    except Exception:  # the border of a conversation: the others are taken over
        if key not in _TOLD:
            _TOLD.add(key)
            log.exception('What a node has left of the conversation in row %d stays as it is', key)
        return False


async def _adopt(
    database: Database, key: int, lease: timedelta, *, continues: bool, is_sure: Callable[[], bool]
) -> bool:
    """Take over an answer, unless another node does; return whether it was left."""

    async def work(connection: Connection, _: bool) -> bool:
        cursor = await connection.execute(
            f'select r.id, r.attempt, r.is_shown from run r where r.conversation = %s and {IS_LEFT} '
            'for update skip locked',
            [key, lease],
        )
        if (row := await cursor.fetchone()) is None or not is_sure():
            return False
        run, attempt, is_shown = row
        cursor = await connection.execute('select keep, tail from frame where run = %s order by seq', [run])
        text, details, names = await asyncio.to_thread(_said_in, await cursor.fetchall())
        cursor = await connection.execute(
            'select owner, record, updated_at from conversation where key = %s for update', [key]
        )
        [(owner, record, updated_at)] = await cursor.fetchall()
        blobs = await _blobs_named(connection, owner, names)
        change = await asyncio.to_thread(_interrupted, record_of(record, updated_at), text, details, blobs)
        await commit(connection, owner, change)
        await connection.execute('delete from run where id = %s', [run])
        if continues and is_shown and not attempt:  # else its prompt is not stored
            await connection.execute(
                'insert into command (conversation, document) values (%s, %s)',
                [key, encode_json({'kind': CONTINUE, 'revision': change.record['revision']})],
            )
        return True

    return await database.write(work)


def _said_in(frames: Sequence[Any]) -> tuple[str, str, list[str]]:
    """Return messages and details as frames say them, and the names of their blobs. For a thread."""
    text, details = without_details(text_of_frames(frames))
    try:
        messages: list[Json] = [with_blob_names(message) for message in parsed(text)] if text else []
    except ValueError:  # some may be lost; then the answer ends with nothing said
        messages = []
    return text, details, blobs_of(messages)


async def _blobs_named(connection: Connection, owner: str, names: Sequence[str]) -> BlobBytes:
    if not names:
        return BlobBytes()
    cursor = await connection.execute(OWN_BLOBS, [list(names), owner])
    return BlobBytes({name: bytes(content) for name, content in await cursor.fetchall()})


def _interrupted(record: ConversationRecord, text: str, details: str, blobs: BlobBytes) -> Commit:
    """Return a conversation with what was said; its new revision refuses what the old node still writes."""
    before, question, entries = record.revision, record.head_id, dict[str, Json]()
    answers = interrupted_answers(text or '[]', blobs, question)
    record, found = with_interrupted(record, answers)
    record = replace(record, revision=str(uuid4()))
    entries |= {entry.id: dump_entry(entry) for entry in found}
    rows: Any = entry_rows(entries, blobs)
    columns = load_details(details).answers
    return Commit(
        record=dump_record(record),
        expected_revision=before,
        rows=rows,
        blobs=blobs,
        metadata=_compared(question, columns, answers) if question and len(columns) > 1 else None,
    )


def _compared(
    question: str, columns: Sequence[AnswerDetails], answers: Sequence[Sequence[ConversationEntry]]
) -> Json:
    """Return the metadata with which several answers still stand side by side."""
    said, compared = iter(answers), list[ComparedAnswer]()
    for column in columns:
        entries = next(said, ()) if column.message_count else ()
        compared.append(
            ComparedAnswer(model=column.model, entry=entries[0].id)
            if entries
            else ComparedAnswer(model=column.model, outcome=column.outcome)
        )
    comparison = Comparison(question=question, answers=tuple(compared))
    return {'comparison': dump_metadata(ConversationMetadata(comparison=comparison))['comparison']}
