"""Lenient reading of JSON that other programs have written: a value of another type is none."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

from chat.lone_surrogates import replace_lone_surrogates

Json: TypeAlias = dict[str, Any]
"""An object of JSON. All that is in it may be of any type."""

MAX_SECONDS = 1e11
"""Since 1970, which is the year 5138; as milliseconds it is 1973."""

MAX_DEPTH = 100
"""Lists and objects in one another; pydantic writes 255."""

_DATA_URL = re.compile(r'data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w=.-]+)*?;base64,', re.IGNORECASE)


def fields(value: object) -> Json:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]  # of JSON


def items(value: object) -> list[Any]:
    """Return a list, or an empty one for anything else."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]  # of JSON


def objects(value: object) -> Iterator[Json]:
    """Yield the objects in a list that are not empty; what else is in it is left out."""
    return (item for item in map(fields, items(value)) if item)


def first_object(value: object) -> Json:
    """Return the first object in a list that is not empty, or an empty one."""
    nothing: Json = {}
    return next(objects(value), nothing)


def string(value: object) -> str:
    """Return a text that can be stored, or '' for anything else."""
    return replace_lone_surrogates(value) if isinstance(value, str) else ''


def name_of(value: object) -> str:
    """Return an id or a name, which some programs write as a number; '' if it is neither."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return string(value)


def first_string(*values: object) -> str:
    """Return the first of these that is a text and not empty."""
    return next((found for value in values if (found := string(value))), '')


def flag(value: object) -> bool | None:
    """Return whether something holds, also written as a number or a text; `None` for anything else."""
    said = value if isinstance(value, bool) else name_of(value)
    return {'true': True, '1': True, 'false': False, '0': False}.get(str(said).lower())


def number(value: object) -> float | None:
    """Return a number, also one in a text; `None` for anything else, and for what is none, such as NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (OverflowError, ValueError):
        return None
    return found if abs(found) != float('inf') and found == found else None  # NaN


def moment(value: object) -> datetime | None:
    """Return a time: of seconds, milliseconds, micro- or nanoseconds since 1970, or of ISO 8601.

    A time without a zone is taken for UTC, so that it is the same on each computer. `None` if it is none; 0
    stands for a time that is not known.
    """
    if isinstance(value, str):
        return _moment_in(value.strip())
    seconds = number(value)
    if not seconds:
        return None
    for _ in range(3):  # up to nanoseconds
        seconds = seconds / 1000 if abs(seconds) >= MAX_SECONDS else seconds
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _moment_in(text: str) -> datetime | None:
    try:
        return moment(float(text))
    except ValueError:
        pass  # it is no number
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def parsed(value: object) -> Any:
    """Return what the JSON in a text says, or the value itself if it is no text with JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def as_text(value: object) -> str:
    """Return a text, and anything else as JSON; '' for nothing."""
    if value is None:
        return ''
    if isinstance(value, str):
        return replace_lone_surrogates(value)
    try:
        return replace_lone_surrogates(json.dumps(value, ensure_ascii=False, default=repr))
    except (ValueError, RecursionError):
        return ''


def storable(value: object) -> Any:
    """Return a value as it can be stored: with whole characters only, and as a text if it is very deep."""
    if isinstance(value, str):
        return replace_lone_surrogates(value)
    text = as_text(value)
    return parsed(text) if _depth(value) <= MAX_DEPTH else text


def _depth(value: object) -> int:
    """Return how many lists and objects are in one another, without being as deep itself."""
    depth, level = 0, [value]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [each for one in level for each in (*fields(one).values(), *items(one))]
    return depth


def is_data_url(url: str) -> bool:
    """Return whether an address has the bytes in it."""
    return url[:5].lower() == 'data:'


def data_url_content(url: str) -> tuple[bytes, str] | None:
    """Return the bytes and the media type of a data URL; `None` if it is none, or damaged."""
    if not (found := _DATA_URL.match(url)):
        return None
    content = base64_content(url[found.end() :])
    return None if content is None else (content, (found['type'] or '').lower())


def base64_content(text: str) -> bytes | None:
    """Return the bytes that are written in base64; `None` if they are none, or damaged."""
    try:
        return base64.b64decode(''.join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
