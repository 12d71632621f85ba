"""Messages that do not fit: mended if they can be, else a message that cannot be shown stands in for them."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic_ai import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)

from chat.conversation.messages import PLACEHOLDER_KEY
from chat.store.conversations.document_repair import RepairedValue, RepairFailed, repair_document, text_in
from chat.store.tinydb_storage.json_sanitize import Json, sanitized

log = logging.getLogger(__name__)

UNREADABLE_MESSAGE = (
    'This is a message that cannot be shown. It is kept as it is, in the file of this conversation.'
)

_UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
"""The same at every look."""

Condition = Literal['whole', 'odd', 'unreadable']


def dump_messages(messages: list[ModelMessage]) -> list[Json]:
    """The messages as JSON, whatever a server has put into them; no warning quotes it."""
    return ModelMessagesTypeAdapter.dump_python(messages, mode='json', fallback=repr, warnings=False)


def load_message(entry_id: str, document: Mapping[str, Any]) -> ModelMessage:
    """The message of a stored entry. If nothing can be made of it, one that says so, with its text.

    What is on the disk stays as it is.
    """
    odd = document.get('message')
    try:
        found = _repaired_message(odd)
    except RepairFailed:
        log.warning('The message %s cannot be read', entry_id)
        return _placeholder(odd, is_first=document.get('parent_id') is None)
    if found.paths:
        log.warning('The message %s was mended to be read: %s', entry_id, '; '.join(found.paths))
    return found.value


def storable_entry(entry_id: str, document: Json) -> Json:
    """The entry as it can be read again; what had to be mended for that is said in the log."""
    try:
        found = _repaired_message(document['message'])
        places, message = '; '.join(found.paths), found.document
    except RepairFailed:
        stand_in = _placeholder(document['message'], is_first=document['parent_id'] is None)
        places, message = 'it is kept as text', sanitized(dump_messages([stand_in])[0])
    if places:
        log.warning('The message %s was mended to be stored: %s', entry_id, places)
        return {**document, 'message': message}
    return document


def condition_of(document: Mapping[str, Any]) -> Condition:
    """Whether the message of an entry can be read."""
    try:
        return 'odd' if _repaired_message(document.get('message')).paths else 'whole'
    except RepairFailed:
        return 'unreadable'


def _repaired_message(message: Any) -> RepairedValue[ModelMessage]:
    found = repair_document(ModelMessagesTypeAdapter, sanitized(message))
    if not found.value.parts and found.paths:  # parts of another version, and no text in them
        raise RepairFailed
    return found


def _placeholder(odd: Any, *, is_first: bool) -> ModelMessage:
    """A message in the place of one that cannot be read; the first is a question, for it begins a turn."""
    fields = _fields(odd)
    text = '\n\n'.join(filter(None, (UNREADABLE_MESSAGE, text_in(odd))))
    metadata = {**_fields(fields.get('metadata')), PLACEHOLDER_KEY: True}
    if is_first or fields.get('kind') == 'request':
        return ModelRequest(parts=[UserPromptPart(text)], metadata=metadata)
    run_id = fields.get('run_id')
    run_id = run_id if isinstance(run_id, str) else None
    return ModelResponse(parts=[TextPart(text)], metadata=metadata, run_id=run_id, timestamp=_UNKNOWN_TIME)


def _fields(value: Any) -> Json:
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]  # of JSON
