"""What an unfinished answer has said so far, as text, and what becomes of it if the process dies."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError
from pydantic_ai import ModelMessage, ModelMessagesTypeAdapter, ModelResponse

from chat.conversation.messages import says_something
from chat.store.documents.plain import Json, plain
from chat.store.documents.tables import as_json

log = logging.getLogger(__name__)


def dumped_checkpoint(messages: Sequence[ModelMessage]) -> list[Json]:
    """The messages as JSON."""
    return ModelMessagesTypeAdapter.dump_python(list(messages), mode='json', fallback=repr)


def checkpoint_of(dumped: Sequence[Json]) -> str:
    """The messages as text that grows where they grow."""
    return as_json(plain(list(dumped)))


def interrupted(checkpoint: str) -> list[ModelMessage]:
    """What was said up to the last word, its last response marked as interrupted; maybe nothing."""
    try:
        messages = ModelMessagesTypeAdapter.validate_json(checkpoint)
    except ValidationError:
        log.warning('An unfinished answer cannot be read')
        return []
    while messages and not says_something(messages[-1]):
        messages.pop()
    if messages and isinstance(messages[-1], ModelResponse):
        messages[-1] = replace(messages[-1], state='interrupted')
    return messages
