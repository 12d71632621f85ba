"""What went into a tool and what came out, as text: a beginning for each page, all of it on demand."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from pydantic_ai.messages import BaseToolCallPart, BaseToolReturnPart
from pydantic_core import from_json, to_json

from chat.conversation.content.message_files import all_in_words, in_words, without_files

MAX_PREVIEW_LENGTH = 2_000
"""Characters of what went in, and of what came out, that a page has from the start."""

MAX_PARSED_LENGTH = 4_096
"""Characters of arguments that are parsed for that: they are looked at again and again while they grow."""

MAX_PREVIEW_ITEMS = 100
"""Values of a structure that are written for that."""

MAX_HINT_LENGTH = 80
"""Characters of the arguments that stand beside the name."""

PIECE_LENGTH = 16_000
"""Characters that a browser is given as one block: what it does not show of them it need not lay out."""


def hint_of(call: BaseToolCallPart) -> str:
    """Return the beginning of the arguments on one line."""
    values = parsed_beginning(call.args)
    pairs = values.items() if isinstance(values, dict) else ()
    hint = ', '.join(f'{name}: {_on_one_line(value)}' for name, value in pairs)
    return hint if len(hint) <= MAX_HINT_LENGTH else f'{hint[: MAX_HINT_LENGTH - 1]}…'


def _on_one_line(value: object) -> str:
    """Return the beginning of an argument as a person would write it: lists and yes or no as JSON does."""
    pruned = value if isinstance(value, str) else _pruned(value, [MAX_PREVIEW_ITEMS])
    text = pruned if isinstance(pruned, str) else json.dumps(pruned, ensure_ascii=False, default=str)
    return ' '.join(text[:MAX_HINT_LENGTH].split())


def arguments_preview(call: BaseToolCallPart) -> tuple[str, str]:
    """Return the beginning of the arguments in lines, and what to press if that is not all."""
    if not isinstance(call.args, str):
        return value_preview(call.args)
    values = parsed_beginning(call.args)
    text = call.args[:MAX_PREVIEW_LENGTH] if values is None else value_preview(values)[0]
    is_all = len(call.args) <= MAX_PARSED_LENGTH and len(text) < MAX_PREVIEW_LENGTH
    return text, '' if is_all else f'Show all ({len(call.args):,} characters)'


def value_preview(value: object) -> tuple[str, str]:
    """Return the beginning of a text or of a structure in lines, and what to press if that is not all."""
    if isinstance(value, str):
        return value[:MAX_PREVIEW_LENGTH], _length(value)
    budget = [MAX_PREVIEW_ITEMS]
    text = value_as_text(_pruned(value, budget))
    is_all = budget[0] >= 0 and len(text) <= MAX_PREVIEW_LENGTH
    return text[:MAX_PREVIEW_LENGTH], '' if is_all else 'Show all'


def result_value(returned: BaseToolReturnPart | None) -> Any:  # JSON of any shape
    """Return what a tool returned, without its files."""
    return without_files(returned.content) if returned else None


def whole_arguments(call: BaseToolCallPart) -> str:
    """Return the arguments as JSON, in lines; as they came while they are not complete. Takes its time."""
    try:
        return value_as_text(from_json(call.args) if isinstance(call.args, str) else call.args)
    except ValueError:
        return str(call.args)


def value_as_text(value: object) -> str:
    """Return a text as it is, nothing as nothing, all else as JSON."""
    if value is None or isinstance(value, str):
        return value or ''
    return to_json(
        value, indent=2, serialize_unknown=True, bytes_mode='base64', inf_nan_mode='strings'
    ).decode()


def whole_value(value: object) -> str:
    """Return all of a value as text. Takes its time."""
    return value_as_text(all_in_words(value))


def pieces_of(text: str) -> Iterator[str]:
    """Yield a text in pieces, most of which end with a line."""
    start = 0
    while start < len(text):
        end = min(start + PIECE_LENGTH, len(text))
        line = text.rfind('\n', start, end)
        if end < len(text) and line > start + PIECE_LENGTH // 2:
            end = line + 1
        yield text[start:end]
        start = end


def parsed_beginning(arguments: object) -> dict[str, Any] | None:
    """Return the arguments by name as far as they are there, or `None` if there are none."""
    if not isinstance(arguments, str):
        return cast('dict[str, Any]', arguments) if isinstance(arguments, dict) else None
    try:
        values = from_json(arguments[:MAX_PARSED_LENGTH], allow_partial='trailing-strings')
    except ValueError:
        return None
    return values if isinstance(values, dict) else None  # pyright: ignore[reportUnknownVariableType]  # from JSON


def _length(text: str) -> str:
    return f'Show all ({len(text):,} characters)' if len(text) > MAX_PREVIEW_LENGTH else ''


def _pruned(value: object, budget: list[int]) -> Any:  # JSON of any shape
    """Return the first items of a structure; `budget` is below 0 once something was left out."""
    if isinstance(value, str) and len(value) > MAX_PREVIEW_LENGTH:
        budget[0] = -1
        return value[:MAX_PREVIEW_LENGTH]
    if isinstance(value, Mapping):
        pairs = cast('Mapping[Any, object]', value).items()
        return {str(key)[:MAX_PREVIEW_LENGTH]: _pruned(each, budget) for key, each in _first(pairs, budget)}
    if isinstance(value, list | tuple):
        return [_pruned(each, budget) for each in _first(cast('Iterable[Any]', value), budget)]
    return in_words(value)


def _first(items: Iterable[Any], budget: list[int]) -> Iterator[Any]:
    for item in items:
        budget[0] -= 1
        if budget[0] < 0:
            return
        yield item
