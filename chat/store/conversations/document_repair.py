"""Lenient reading of stored JSON: only the field that does not fit is mended.

A server may send a number where an id belongs, another version of pydantic-ai may know other parts. What
validation finds is mended in the JSON, place by place and as little as possible: a value becomes one of the
right type, else it is left out, else what it is in becomes text, or is left out in its turn.
"""

import json
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_ai import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)
from pydantic_core import ErrorDetails

from chat.conversation.content.messages import PLACEHOLDER_KEY
from chat.store.tinydb_storage.tables import Json, sanitized

log = logging.getLogger(__name__)

T = TypeVar('T')

MAX_REPAIR_ROUNDS = 50
"""How often a document is looked at again; each round mends every place that is odd by then."""

_Path: TypeAlias = tuple[str | int, ...]

_TYPE_TAGS = {('kind',), ('part_kind',)}
"""The fields that say of which type an object is."""

UNREADABLE_MESSAGE = (
    'This is a message that cannot be shown. It is kept as it is, in the file of this conversation.'
)

_UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
"""The same at every look."""

Condition = Literal['whole', 'odd', 'unreadable']


class RepairFailed(ValueError):
    """Nothing of a document could be read."""


@dataclass(frozen=True, slots=True)
class RepairedValue(Generic[T]):
    """A value, and the JSON from which it was read."""

    value: T
    document: Any
    """The very one that was given, if nothing was odd."""
    paths: tuple[str, ...] = ()
    """Where it was odd, and how; nothing of what is stored there, so that a log may say it."""


def repair_document(adapter: TypeAdapter[list[T]], document: Any) -> RepairedValue[T]:
    """Validate a document, and mend what is odd in it.

    Raises:
        RepairFailed: If there is nothing left to mend.
    """
    root, places, tries = [document], list[str](), Counter[_Path]()
    for _ in range(MAX_REPAIR_ROUNDS):
        try:
            [value] = adapter.validate_python(root)
        except ValidationError as error:
            root = root if places else [_copy(document)]
            for path, each in _innermost(root, error):
                places.append(f'{".".join(map(str, path[1:]))}: {each["type"]}')
                _repair_at(root, path, each, tries)
        else:
            return RepairedValue(value, root[0], tuple(places))
    raise RepairFailed


def text_in(node: Any) -> str:
    """Return what a person or a model may have said in a document that makes no sense otherwise."""
    if isinstance(node, str):
        return node
    if isinstance(node, list):
        return '\n\n'.join(filter(None, map(text_in, _items(node))))
    if isinstance(node, dict):
        return '\n\n'.join(
            filter(None, (text_in(_fields(node).get(name)) for name in ('parts', 'content', 'text')))
        )
    return ''


def _copy(document: Any) -> Any:
    """Copy the lists and objects of a JSON value, which may then be edited."""
    if isinstance(document, dict):
        return {key: _copy(value) for key, value in _fields(document).items()}
    if isinstance(document, list):
        return [_copy(item) for item in _items(document)]
    return document


def _innermost(root: Any, error: ValidationError) -> list[tuple[_Path, ErrorDetails]]:
    """Return the places that are odd by themselves and not only for what is in them, the last first.

    Of a union pydantic tells for each of its types why the value is none of it.
    """
    found = {_path(root, each['loc']): each for each in error.errors(include_url=False)}
    others = [path for path in found if path[-1:] not in _TYPE_TAGS]
    outer = {path[:end] for path in others for end in range(len(path))}
    innermost = [(path, each) for path, each in found.items() if path not in outer]
    if len(others) > 1 or not any(path[-1:] in _TYPE_TAGS for path in found):
        innermost = [(path, each) for path, each in innermost if path[-1:] not in _TYPE_TAGS]
    return sorted(innermost, key=lambda item: [str(key).zfill(9) for key in item[0]], reverse=True)


def _path(root: Any, location: _Path) -> _Path:
    """Return the place in the JSON that a location of pydantic names, without the types in it."""
    path: list[str | int] = []
    node = root
    for key in location:
        try:
            node = node[key]
        except (LookupError, TypeError):
            continue
        path.append(key)
    return tuple(path)


def _repair_at(root: list[Any], path: _Path, error: ErrorDetails, attempts: Counter[_Path]) -> None:
    """Mend the place or, if that was tried, the value around it."""
    if not path or attempts[path] > 2:
        path = path[:-1]
    if len(path) < 2:  # the document itself is none
        raise RepairFailed
    holder = _node(root, path[:-1])
    if not hasattr(holder, '__setitem__'):  # what it is in has been mended meanwhile
        return
    attempts[path] += 1
    if attempts[path] == 1 and (fitting := _fitting(root, holder, path, error)) is not None:
        holder[path[-1]] = fitting
    elif (
        isinstance(path[-1], int) and attempts[path] <= 2 and (text := _item_as_text(root, path)) is not None
    ):
        holder[path[-1]] = text
    else:
        del holder[path[-1]]
        attempts[path] = 3  # that it is missing is no reason to remove what takes its place in a list


def _node(root: Any, path: _Path) -> Any:
    try:
        for key in path:
            root = root[key]
    except (LookupError, TypeError):
        return None
    return root


def _fitting(root: Any, holder: Any, path: _Path, error: ErrorDetails) -> Any:
    """Return a value of the expected type that says the same; `None` if there is none."""
    try:
        value = holder[path[-1]]
    except LookupError:
        return None
    match error['type'], value:
        case 'int_from_float', float():
            return round(value)
        case 'string_type', None:
            return _generated_id(root, path) if path[-1] == 'tool_call_id' else None
        case 'string_type', _:
            return json.dumps(value, ensure_ascii=False)
        case _:
            return None


def _generated_id(root: Any, path: _Path) -> str:
    """Make an id for a call without one; its result, in the same place of its message, gets the same."""
    *_, parts, part, _ = (_node(root, path[:end]) for end in range(len(path) + 1))
    before = takewhile(lambda each: each is not part, parts)
    return f'call-{sum(isinstance(each, dict) and "tool_call_id" in each for each in before)}'


def _item_as_text(root: list[Any], path: _Path) -> Any:
    """Return the text of an odd item in a list, if the items of this list can be text."""
    text = text_in(_node(root, path) or '')
    match path[-2]:
        case 'content' if text:
            return text
        case 'parts' if text:
            is_said = root[0].get('kind') == 'response'
            return {'part_kind': 'text' if is_said else 'user-prompt', 'content': text}
        case _:
            return None


def _items(value: Any) -> list[Any]:
    return value


def dump_messages(messages: list[ModelMessage]) -> list[Json]:
    """Return the messages as JSON, whatever a server has put into them; no warning quotes it."""
    return ModelMessagesTypeAdapter.dump_python(messages, mode='json', fallback=repr, warnings=False)


def load_message(entry_id: str, document: Mapping[str, Any], *, is_sanitized: bool = False) -> ModelMessage:
    """Return the message of a stored entry; if it cannot be read, a message that says so, with its text.

    What is on the disk stays as it is. What `is_sanitized` already is not looked through for that.
    """
    odd = document.get('message')
    try:
        found = _repaired_message(odd if is_sanitized else sanitized(odd))
    except RepairFailed:
        log.warning('The message %s cannot be read', entry_id)
        return _placeholder(odd, is_first=document.get('parent_id') is None)
    if found.paths:
        log.warning('The message %s was mended to be read: %s', entry_id, '; '.join(found.paths))
    return found.value


def storable_entry(entry_id: str, document: Json) -> Json:
    """Return the entry in a form that can be read again; log what had to be mended for that."""
    try:
        found = _repaired_message(sanitized(document['message']))
        places, message = '; '.join(found.paths), found.document
    except RepairFailed:
        stand_in = _placeholder(document['message'], is_first=document['parent_id'] is None)
        places, message = 'it is kept as text', sanitized(dump_messages([stand_in])[0])
    if places:
        log.warning('The message %s was mended to be stored: %s', entry_id, places)
        return {**document, 'message': message}
    return document


def condition_of(document: Mapping[str, Any]) -> Condition:
    """Return whether the message of an entry can be read."""
    try:
        return 'odd' if _repaired_message(sanitized(document.get('message'))).paths else 'whole'
    except RepairFailed:
        return 'unreadable'


def _repaired_message(message: Any) -> RepairedValue[ModelMessage]:
    found = repair_document(ModelMessagesTypeAdapter, message)
    if not found.value.parts and found.paths:  # parts of another version, and no text in them
        raise RepairFailed
    return found


def _placeholder(odd: Any, *, is_first: bool) -> ModelMessage:
    """Make a message in the place of one that cannot be read; the first is a question, to begin a turn."""
    fields = _fields(odd)
    text = '\n\n'.join(filter(None, (UNREADABLE_MESSAGE, text_in(odd))))
    metadata = {**_fields(fields.get('metadata')), PLACEHOLDER_KEY: True}
    if is_first or fields.get('kind') == 'request':
        return ModelRequest(parts=[UserPromptPart(text)], metadata=metadata)
    run_id = fields.get('run_id')
    run_id = run_id if isinstance(run_id, str) else None
    return ModelResponse(parts=[TextPart(text)], metadata=metadata, run_id=run_id, timestamp=_UNKNOWN_TIME)


def _fields(value: Any) -> Json:
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]  # of JSON
