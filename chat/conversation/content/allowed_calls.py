"""The calls of a response that needed no approval any more, as its metadata keeps them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError
from pydantic_ai import ModelMessage, ModelResponse

from chat.conversation.content.waiting import AllowedScope

ALLOWED_KEY = 'allowed'
"""Where the metadata of a response keeps these calls: by id, the scope."""

_SCOPES = TypeAdapter(dict[str, AllowedScope])


def with_allowed(response: ModelResponse, allowed: Mapping[str, AllowedScope]) -> ModelResponse:
    """Return the response with what was allowed of its calls in its metadata."""
    return replace(response, metadata={**(response.metadata or {}), ALLOWED_KEY: dict(allowed)})


def allowed_scopes(messages: Sequence[ModelMessage]) -> dict[str, AllowedScope]:
    """Return where tools were allowed, so that nobody was asked, by the ids of their calls."""
    found: dict[str, AllowedScope] = {}
    for message in messages:
        with suppress(ValidationError):  # this program has not written that
            found |= _SCOPES.validate_python((message.metadata or {}).get(ALLOWED_KEY, {}))
    return found
