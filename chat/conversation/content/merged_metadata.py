"""Metadata that several processes change: each changes what it has changed, and leaves the rest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar, cast

from chat.conversation.content.messages import turn_id_of
from chat.conversation.content.metadata import ConversationMetadata

T = TypeVar('T')

MISSING = object()

_FIELDS = fields(ConversationMetadata)


def merged_metadata(
    stored: ConversationMetadata, mine: ConversationMetadata, since: ConversationMetadata
) -> ConversationMetadata:
    """Return what is stored now with what was changed here since.

    Of mappings that is each entry for itself, of the queue each prompt.
    """
    values = (
        (field.name, *(getattr(each, field.name) for each in (stored, mine, since))) for field in _FIELDS
    )
    merged = replace(stored, **{name: _merged(*versions) for name, *versions in values})
    if mine.queue == since.queue:
        return merged
    queue = merged_by_key(stored.queue, mine.queue, since.queue, turn_id_of)
    return replace(merged, queue=tuple(queue))


def _merged(stored: Any, mine: Any, since: Any) -> Any:
    if mine == since:
        return stored
    return (
        merged_mapping(stored, cast('Mapping[str, Any]', mine), since) if isinstance(mine, Mapping) else mine
    )


def merged_mapping(
    stored: Mapping[str, Any], mine: Mapping[str, Any], since: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is stored now with the entries that were changed here since."""
    changed = {
        key: mine.get(key, MISSING) for key in mine.keys() | since.keys() if _differs(mine, since, key)
    }
    return {key: value for key, value in {**stored, **changed}.items() if value is not MISSING}


def merged_by_key(
    stored: Iterable[T], mine: Iterable[T], since: Iterable[T], key: Callable[[T], str]
) -> list[T]:
    """Return what is stored now with what was added, changed and taken out here since; what is here is first.

    `key` names each, as it is also named after a change. What others have taken out is not changed.
    """
    there, changed, before = ({key(each): each for each in version} for version in (stored, mine, since))
    here = {known: each for known, each in changed.items() if known in there or known not in before}
    merged = merged_mapping(there, here, before)
    return [merged.pop(known) for known in here if known in merged] + [*merged.values()]


def _differs(one: Mapping[str, Any], other: Mapping[str, Any], key: str) -> bool:
    return bool(one.get(key, MISSING) != other.get(key, MISSING))
