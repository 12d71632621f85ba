"""What an unfinished answer has said so far, as text, and what becomes of it if the process dies."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from pydantic_ai import ModelMessage, ModelResponse

from chat.conversation.messages import has_content
from chat.store.conversations.message_repair import dump_messages, load_message
from chat.store.tinydb_storage.json_sanitize import Json, sanitized
from chat.store.tinydb_storage.tables import encode_json, parsed

log = logging.getLogger(__name__)


def dump_checkpoint(messages: Sequence[ModelMessage]) -> list[Json]:
    """The messages as JSON."""
    return dump_messages(list(messages))


def load_checkpoint(dumped: Sequence[Json]) -> str:
    """The messages as text that grows where they grow."""
    return encode_json(sanitized(list(dumped)))


def interrupted_answer(checkpoint: str) -> list[ModelMessage]:
    """What was said up to the last word, its last response marked as interrupted; maybe nothing."""
    try:
        found: list[Json] = parsed(checkpoint)
    except ValueError:
        log.warning('An unfinished answer cannot be read')
        return []
    messages = [load_message('of an unfinished answer', {'parent_id': '', 'message': each}) for each in found]
    while messages and not has_content(messages[-1]):
        messages.pop()
    if messages and isinstance(messages[-1], ModelResponse):
        messages[-1] = replace(messages[-1], state='interrupted')
    return messages
