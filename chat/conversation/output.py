"""What a run gives that is not text: kept beside its messages, since these do not tell it."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic_ai import BinaryContent, DeferredToolRequests, ModelMessage
from pydantic_core import to_jsonable_python

OUTPUT_KEY = 'output'
"""Where the metadata of the last message of a run keeps it: `type`, its name, and `value`, as JSON."""


def with_output(messages: Sequence[ModelMessage], output: object) -> list[ModelMessage]:
    """Return the messages of a run with its output; text and files stand in the messages themselves."""
    if not messages or isinstance(output, str | BinaryContent | DeferredToolRequests):
        return [*messages]
    value = to_jsonable_python(
        output, serialize_unknown=True, bytes_mode='base64', inf_nan_mode='strings', fallback=repr
    )
    stored = {'type': type(output).__name__, 'value': value}
    last = replace(messages[-1], metadata={**(messages[-1].metadata or {}), OUTPUT_KEY: stored})
    return [*messages[:-1], last]


def has_output(message: ModelMessage) -> bool:
    """Return whether a run ended with this message, and what it gave is kept there."""
    return OUTPUT_KEY in (message.metadata or {})
