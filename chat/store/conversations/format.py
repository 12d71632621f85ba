"""The format of a conversation file: conversations to JSON and back.

A conversation file is a TinyDB file with these tables, their documents by id:

    _meta     1         {"format_version": 1}
    record    1         the `ConversationRecord`
    entries   entry id  {"parent_id": …, "message": …}
    meta      1         title, model, endings and queue; missing as long as there are none
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter
from pydantic_ai import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord

from chat.conversation.content.comparison import GROWING, chained, separated_answers
from chat.conversation.content.messages import has_content, has_tool_return
from chat.conversation.content.metadata import ConversationMetadata
from chat.errors import ChatError
from chat.store.conversations.blobs import BlobContents, with_blob_names
from chat.store.conversations.document_repair import dump_messages, load_message, repair_document
from chat.store.tinydb_storage.migration import MigrationStep
from chat.store.tinydb_storage.tables import Json, encode_json, parsed, sanitized

log = logging.getLogger(__name__)

T = TypeVar('T')

FORMAT_VERSION = 1
"""Of the file, and of pydantic-ai's record in it: the newest that this version can read."""

YIELD_AFTER_ENTRIES = 50
"""New entries after which others have a turn, for thousands may be stored at once."""

MIGRATION_STEPS: dict[int, MigrationStep] = {}
"""What makes the tables of the next version, by the version before."""

_AS_MESSAGES = ConfigDict(defer_build=True, ser_json_bytes='base64', val_json_bytes='base64')

# Adapters of lists, for one of a dataclass takes no configuration.
_RECORDS = TypeAdapter(list[ConversationRecord], config=_AS_MESSAGES)

_METADATA = TypeAdapter(list[ConversationMetadata], config=_AS_MESSAGES)

_FIRST_TIME = datetime.fromtimestamp(0, UTC)
"""Times before it are wrong; the first year of all has none in some zones."""

_UUID = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')


class FileDamaged(ChatError):
    """A file does not hold a conversation, or not all of it."""

    sentence = 'The file of this chat is damaged and cannot be read.'


class FileNewer(ChatError):
    """A file has a format that this version does not know."""

    reason = 'was stored by a newer version of Parlour. Update Parlour to open it.'
    sentence = f'This conversation {reason}'


def file_name(conversation_id: str) -> str:
    """Return the name of the file of a conversation: safe on every system, whatever the id is."""
    if _UUID.fullmatch(conversation_id):
        return f'{conversation_id}.json'
    return f'x{hashlib.sha256(conversation_id.encode("utf-8", "surrogatepass")).hexdigest()}.json'


def conversation_id_in(name: str) -> str | None:
    """Return the id that the name of a file says, also of one that was set aside, if it says one."""
    stem = name.split('.')[0]
    return stem if _UUID.fullmatch(stem) else None


def dump_record(record: ConversationRecord) -> Json:
    """Return the record as JSON that can be read again."""
    [document] = _RECORDS.dump_python([record], mode='json', fallback=repr, warnings=False)
    return _repaired(_RECORDS, sanitized(document), 'The record of a conversation')


def load_record(document: Json) -> ConversationRecord:
    """Return a record of the caller's own, mended where it is odd.

    Raises:
        RepairFailed: If the document is not a record.
    """
    revision = document.get('revision')
    revision = revision if isinstance(revision, str) else 'unknown'  # else it would be another at every look
    record = repair_document(_RECORDS, sanitized({**document, 'revision': revision})).value
    if record.updated_at.tzinfo is None:  # written by hand; records are sorted by it
        record.updated_at = record.updated_at.replace(tzinfo=UTC)
    record.updated_at = max(record.updated_at, _FIRST_TIME)
    return record


def dump_entry(entry: ConversationEntry) -> Json:
    """Return the entry as JSON, without its id; what JSON cannot express becomes text."""
    [message] = dump_messages([entry.message])
    return {'parent_id': entry.parent_id, 'message': sanitized(message)}


async def dump_entries(entries: Iterable[ConversationEntry]) -> dict[str, Json]:
    """Return entries as JSON, by their ids."""
    dumped = dict[str, Json]()
    for entry in entries:
        dumped[entry.id] = dump_entry(entry)
        if len(dumped) % YIELD_AFTER_ENTRIES == 0:
            await asyncio.sleep(0)
    return dumped


def load_entry(entry_id: str, document: Json) -> ConversationEntry:
    """Return an entry of the caller's own; if its message cannot be read, one that says so.

    Raises:
        FileDamaged: If the document does not hold a message.
    """
    try:
        parent_id, _ = document['parent_id'], document['message']
    except KeyError as error:
        raise FileDamaged from error
    return ConversationEntry(id=entry_id, parent_id=parent_id, message=load_message(entry_id, document))


def dump_metadata(metadata: ConversationMetadata) -> Json:
    """Return the metadata as JSON that can be read again."""
    [document] = _METADATA.dump_python([metadata], mode='json', fallback=repr, warnings=False)
    return _repaired(_METADATA, sanitized(document), 'What is kept beside the messages of a conversation')


def load_metadata(document: Json) -> ConversationMetadata:
    """Return the metadata in the document, without fields that are not of their type.

    Raises:
        RepairFailed: If nothing can be read.
    """
    return repair_document(_METADATA, sanitized(document)).value


def _repaired(adapter: TypeAdapter[list[T]], document: Json, what: str) -> Json:
    """Return the document, mended where it could not be read again."""
    found = repair_document(adapter, document)
    if found.paths:
        log.warning('%s was mended to be stored: %s', what, '; '.join(found.paths))
    return found.document


def warm_up() -> None:
    """Build what the first dump would else build, which takes some 50 ms."""
    ModelMessagesTypeAdapter.dump_python([])
    _RECORDS.dump_python([])
    _METADATA.dump_python([])


def dump_checkpoint(messages: Sequence[ModelMessage]) -> list[Json]:
    """Return the messages as JSON."""
    return dump_messages(list(messages))


def load_checkpoint(dumped: Sequence[Json]) -> str:
    """Return the messages as text that grows where they grow."""
    return encode_json(sanitized(list(dumped)))


def interrupted_answers(
    checkpoint: str, blobs: BlobContents, head_id: str | None
) -> list[list[ConversationEntry]]:
    """Return what was said to the question at the head, as entries, by one model or by several at once.

    Of each are there the messages up to the last word or result, which may be none; a response at the end as
    interrupted, unless that answer had ended.
    """
    try:
        found: list[Json] = [blobs.inline(with_blob_names(message)) for message in parsed(checkpoint)]
    except ValueError:
        log.warning('An unfinished answer cannot be read')
        return []
    loaded = [load_message('of an unfinished answer', {'parent_id': '', 'message': each}) for each in found]
    answers: list[list[ConversationEntry]] = []
    for messages, state in separated_answers(loaded):
        while messages and not (has_content(messages[-1]) or has_tool_return(messages[-1])):
            messages.pop()
        if messages and isinstance(messages[-1], ModelResponse) and state == GROWING:
            messages[-1] = replace(messages[-1], state='interrupted')
        answers.append(chained(messages, head_id))
    return answers


def with_interrupted(
    record: ConversationRecord, answers: Iterable[Sequence[ConversationEntry]]
) -> tuple[ConversationRecord, list[ConversationEntry]]:
    """Return the record with what was said, the first answer as what is shown, and all entries of it."""
    chains = [answer for answer in answers if answer]
    if not chains:
        return record, []
    tips = [chain[-1].id for chain in chains]
    return (
        replace(record, head_id=tips[0], branches=[*record.branches, *tips[1:]]),
        [entry for chain in chains for entry in chain],
    )
