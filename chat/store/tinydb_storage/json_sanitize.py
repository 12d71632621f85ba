"""Copy JSON values, and replace what a file cannot hold."""

import math
from typing import Any, TypeAlias

from pydantic import JsonValue

Json: TypeAlias = dict[str, Any]

MAX_NUMBER_BITS = 4000 * 3
"""Bits of an integer that Python still writes in decimal; it refuses more than 4,300 digits."""


def sanitized(value: JsonValue) -> Any:
    """Return a deep copy of a JSON value, without anything that a file cannot hold.

    NaN, infinity and too long numbers become strings, and every lone surrogate becomes U+FFFD: such a
    half of a character comes from a model that was cut off inside an emoji, and UTF-8 cannot encode it.
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
    """Replace every lone surrogate by U+FFFD; join pairs of surrogates into one character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
    return text
