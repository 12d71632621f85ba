"""Coerce JSON values of a wrong type into what was meant, or leave them out."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, TypeAlias, TypeGuard, cast

from chat.lone_surrogates import replace_lone_surrogates

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object that others wrote."""

MAX_TIMESTAMP = 2**33
"""The latest valid time, in seconds since 1970."""


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Return whether this is a JSON object."""
    return isinstance(value, dict)


def objects_in(value: object) -> list[JsonObject]:
    """Return the objects in a list; anything else is left out."""
    return (
        [item for item in cast('list[object]', value) if is_object(item)] if isinstance(value, list) else []
    )


def as_text(value: object) -> str:
    """Return a text, or how JSON writes what is there instead; '' for `None`."""
    if value is None:
        return ''
    return replace_lone_surrogates(value if isinstance(value, str) else json.dumps(value))


def nested_text(value: object) -> str:
    """Return the words in a value that should be a text, also those in lists and objects."""
    match value:
        case None | False | True:
            return ''
        case str():
            return value
        case int() | float():
            return json.dumps(value)
        case list():
            return ''.join(nested_text(item) for item in cast('list[object]', value))
        case dict():
            part = cast('JsonObject', value)
            if part.get('type') == 'thinking':
                return ''
            words = [nested_text(part.get(name)) for name in ('text', 'content', 'refusal')]
            return next(filter(None, words), '')  # to decline is an answer too
        case _:
            return ''


def as_count(value: object) -> int | None:
    """Return a whole number from 0 on; `None` if the value is none."""
    match value:
        case bool():
            return None
        case str():
            return as_count(_number(value))
        case int() | float() if isfinite(value) and value >= 0:
            return int(value)
        case _:
            return None


def as_timestamp(value: object) -> int:
    """Return a time in seconds since 1970; 0 if the value is none."""
    seconds = as_count(value) or 0
    return seconds if seconds < MAX_TIMESTAMP else 0


def parse_usage(value: Mapping[str, object]) -> JsonObject | None:
    """Return the usage; `None` if tokens are not counted. Only costs and times may be fractions."""
    if any(as_count(value.get(name)) is None for name in ('prompt_tokens', 'completion_tokens')):
        return None
    usage: JsonObject = {}
    for name, amount in value.items():
        if name.endswith('tokens_details'):
            usage[name] = _counts_in(amount) if is_object(amount) else None
        elif 'tokens' in name:
            usage[name] = as_count(amount)
        elif not isinstance(amount, bool | str | list) and not (
            isinstance(amount, float) and not isfinite(amount)
        ):
            usage[name] = amount
    return usage


def _counts_in(details: Mapping[str, object]) -> JsonObject:
    return {name: count for name, value in details.items() if (count := as_count(value)) is not None}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
