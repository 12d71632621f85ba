"""JSON values: copied, and with no text in them that a file could not hold."""

from typing import Any, TypeAlias

from pydantic import JsonValue

Json: TypeAlias = dict[str, Any]


def plain(value: JsonValue) -> Any:
    """A copy of a JSON value that shares nothing with it, with U+FFFD for every half of a character.

    A half (a lone surrogate) comes from a model that was cut off inside an emoji. No UTF-8 can hold it.
    """
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, dict):
        return {whole_text(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def whole_text(text: str) -> str:
    """The text with U+FFFD for every half of a character; two halves that fit become one character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
    return text
