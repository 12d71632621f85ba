"""Errors in a stream: however they come, they leave in the form that the packages of providers know."""

import json
from typing import Any, cast

from chat.agent.wire.events import Event
from chat.agent.wire.json_coercion import JsonObject, is_object
from chat.error_text import MAX_QUOTE_LENGTH, message_in_body

WEB_PAGE_MESSAGE = 'it returned a web page instead of an answer. Check the address of the server.'
UNNAMED_MESSAGE = 'the server did not say what is wrong.'


def error_in(event: Event, value: object) -> JsonObject | None:
    """The error that an event tells, or `None` if it tells none.

    Args:
        event: As it came.
        value: The JSON in its data, or `None` if that is no JSON.
    """
    if value is None:
        return _error_in_text(event)
    if isinstance(value, list):  # as Google's interface for the package of OpenAI has it
        items = cast('list[object]', value)
        return next((error for item in items if (error := error_in(event, item))), None)
    if not is_object(value):
        return None
    if value.get('error'):
        return error_with(value['error'], around=value)
    if event.name == 'error' or value.get('object') == 'error' or _is_error_object(value):
        return error_with(value)
    return None


def error_with(error: object, *, around: JsonObject | None = None) -> JsonObject:
    """An error as the package of OpenAI expects it; `around` is the object in which it stood."""
    fields: dict[str, Any] = error if is_object(error) else {}
    outside = around or {}
    code, kind = (fields.get(name, outside.get(name)) for name in ('code', 'type'))
    return {
        'message': message_in_body(error) or message_in_body(outside) or UNNAMED_MESSAGE,
        'type': kind if isinstance(kind, str) else None,
        'code': code if isinstance(code, str | int) and not isinstance(code, bool) else None,
    }


def error_event(error: JsonObject) -> Event:
    """An event that tells an error in the language of OpenAI."""
    return Event(json.dumps({'error': error}))


def _is_error_object(value: JsonObject) -> bool:
    """Whether an object says something in words and holds nothing of an answer."""
    return not (value.get('choices') or value.get('usage') or value.get('candidates')) and bool(
        message_in_body(value)
    )


def _error_in_text(event: Event) -> JsonObject | None:
    """The error in what is no JSON: named so, or a body that a gateway has sent in place of an answer."""
    text = event.data.strip()
    if event.is_stray and text.startswith('<'):
        return {'message': WEB_PAGE_MESSAGE, 'type': None, 'code': None}
    if event.name == 'error' or (event.is_stray and not text.startswith(('{', '['))):
        return {'message': text[: 2 * MAX_QUOTE_LENGTH], 'type': None, 'code': None}
    return None
