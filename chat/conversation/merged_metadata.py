"""Metadata that several processes change: each changes what it has changed, and leaves the rest."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, cast

from chat.conversation.metadata import ConversationMetadata

MISSING = object()

_FIELDS = fields(ConversationMetadata)


def merged_metadata(
    stored: ConversationMetadata, mine: ConversationMetadata, since: ConversationMetadata
) -> ConversationMetadata:
    """Return what is stored now with what was changed here since; of mappings, each entry for itself."""
    values = (
        (field.name, *(getattr(each, field.name) for each in (stored, mine, since))) for field in _FIELDS
    )
    return replace(stored, **{name: _merged(*versions) for name, *versions in values})


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


def _differs(one: Mapping[str, Any], other: Mapping[str, Any], key: str) -> bool:
    return bool(one.get(key, MISSING) != other.get(key, MISSING))
