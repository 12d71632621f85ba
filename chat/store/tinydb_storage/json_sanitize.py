"""JSON values: copied, and with no text in them that a file could not hold."""

import math
from typing import Any, TypeAlias

from pydantic import JsonValue

Json: TypeAlias = dict[str, Any]

MAX_NUMBER_BITS = 4000 * 3
"""Bits of a whole number that Python can still write in decimal; it refuses more than 4,300 digits."""


def sanitized(value: JsonValue) -> Any:
    """A copy of a JSON value that shares nothing with it, and nothing in it that a file cannot hold.

    Numbers that are none or too long become words, and every half of a character becomes U+FFFD: such a
    half (a lone surrogate) comes from a model that was cut off inside an emoji, and no UTF-8 can hold it.
    """
    if isinstance(value, str):
        return sanitized_text(value)
    if isinstance(value, dict):
        return {sanitized_text(key): sanitized(item) for key, item in value.items()}
    if isinstance(value, list):
        return [sanitized(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return 'NaN' if math.isnan(value) else 'Infinity' if value > 0 else '-Infinity'
    if isinstance(value, int) and value.bit_length() > MAX_NUMBER_BITS:
        return hex(value)
    return value


def sanitized_text(text: str) -> str:
    """The text with U+FFFD for every half of a character; two halves that fit become one character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
    return text
