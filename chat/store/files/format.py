"""How a conversation becomes JSON, and comes back.

A conversation file is a TinyDB file with these tables, their documents by id:

    _meta     1         {"format_version": 1}
    record    1         the `ConversationRecord`
    entries   entry id  {"parent_id": …, "message": …}
    meta      1         title, model, endings and queue; missing as long as there are none
"""

import hashlib
import re
from datetime import UTC

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_ai import ModelMessagesTypeAdapter
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord

from chat.conversation.details import Details
from chat.errors import ChatError
from chat.store.documents.migration import Step
from chat.store.documents.plain import Json, plain

FORMAT_VERSION = 1
"""Of the file, and of pydantic-ai's record in it: the newest that this version can read."""

STEPS: dict[int, Step] = {}
"""What makes the tables of the next version, by the version before."""

_AS_MESSAGES = ConfigDict(defer_build=True, ser_json_bytes='base64', val_json_bytes='base64')

# Adapters of lists, for one of a dataclass takes no configuration.
_RECORDS = TypeAdapter(list[ConversationRecord], config=_AS_MESSAGES)
_DETAILS = TypeAdapter(list[Details], config=_AS_MESSAGES)
_UUID = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')


class FileDamaged(ChatError):
    """A file does not hold a conversation, or not all of it."""

    sentence = 'The file of this conversation is damaged and cannot be read.'


class FileNewer(ChatError):
    """A file has a format that this version does not know."""

    reason = 'was stored by a newer version of Parlour. Update Parlour to open it.'
    sentence = f'This conversation {reason}'


def file_name(conversation_id: str) -> str:
    """The name of the file of a conversation: safe on every system, whatever the id is."""
    if _UUID.fullmatch(conversation_id):
        return f'{conversation_id}.json'
    return f'x{hashlib.sha256(conversation_id.encode("utf-8", "surrogatepass")).hexdigest()}.json'


def dumped_record(record: ConversationRecord) -> Json:
    """The record as JSON."""
    return plain(_RECORDS.dump_python([record], mode='json', fallback=repr)[0])


def loaded_record(document: Json) -> ConversationRecord:
    """A record of the caller's own.

    Raises:
        ValidationError: If the document is not a record.
    """
    [record] = _RECORDS.validate_python([plain(document)])
    if record.updated_at.tzinfo is None:  # written by hand; records are sorted by it
        record.updated_at = record.updated_at.replace(tzinfo=UTC)
    return record


def dumped_entry(entry: ConversationEntry) -> Json:
    """The entry as JSON, without its id. What JSON cannot say becomes text, so that nothing is unsaveable."""
    [message] = ModelMessagesTypeAdapter.dump_python([entry.message], mode='json', fallback=repr)
    return {'parent_id': entry.parent_id, 'message': plain(message)}


def loaded_entry(entry_id: str, document: Json) -> ConversationEntry:
    """An entry of the caller's own.

    Raises:
        FileDamaged: If the document does not hold a message.
    """
    try:
        [message] = ModelMessagesTypeAdapter.validate_python([plain(document['message'])])
        return ConversationEntry(id=entry_id, parent_id=document['parent_id'], message=message)
    except (ValidationError, KeyError) as error:
        raise FileDamaged from error


def dumped_details(details: Details) -> Json:
    """The details as JSON."""
    return plain(_DETAILS.dump_python([details], mode='json', fallback=repr)[0])


def loaded_details(document: Json) -> Details:
    """The details in the document.

    Raises:
        ValidationError: If a detail is not of its type.
    """
    [details] = _DETAILS.validate_python([plain(document)])
    return details


def warm_up() -> None:
    """Build what the first dump would else build, which takes some 50 ms."""
    ModelMessagesTypeAdapter.dump_python([])
    _RECORDS.dump_python([])
    _DETAILS.dump_python([])
