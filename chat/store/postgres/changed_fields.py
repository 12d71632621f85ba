"""What a node has changed of metadata: of what several may change at once, each entry for itself."""

from typing import Any, cast

from chat.conversation.content.merged_metadata import merged_by_key, merged_mapping
from chat.conversation.content.messages import TURN_ID_KEY
from chat.store.tinydb_storage.tables import Json

BY_KEY = ('endings', 'images', 'tools', 'waiting')
"""The fields that have entries by keys."""


def changed_fields(stored: Json, mine: Json, since: Json) -> Json:
    """Return the fields that are to be stored: with what was changed since, and the rest as it is stored."""
    return {
        name: _merged(name, stored.get(name), value, since.get(name))
        for name, value in mine.items()
        if name not in since or since[name] != value
    }


def _merged(name: str, stored: Any, mine: Any, since: Any) -> Any:
    if name == 'queue':
        return merged_by_key(*(map(_mapping, each or ()) for each in (stored, mine, since)), key=_turn_id)
    if name not in BY_KEY or not isinstance(mine, dict):
        return mine
    before, there = _mapping(since), _mapping(stored)
    merged = merged_mapping(there, _mapping(mine), before)
    if name == 'waiting':
        for run in merged.keys() & there.keys():
            merged[run] = _with_decisions(there[run], merged[run], _mapping(before.get(run)))
    return merged


def _with_decisions(stored: Json, mine: Json, since: Json) -> Json:
    """Return what waits with the decisions of both; of two about the same call the first one counts."""
    before, there = _mapping(since.get('decisions')), _mapping(stored.get('decisions'))
    decisions = merged_mapping(there, _mapping(mine.get('decisions')), before)
    first = {call: there[call] for call in there.keys() - before.keys()}
    return {**mine, 'decisions': {**decisions, **first}}


def _turn_id(prompt: Json) -> str:
    return str(_mapping(prompt.get('metadata')).get(TURN_ID_KEY, ''))


def _mapping(value: Any) -> Json:
    return cast('Json', value) if isinstance(value, dict) else {}
