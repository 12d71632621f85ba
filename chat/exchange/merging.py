"""A chat that is here already, and what an import adds to it: nothing of ours is changed or hidden."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from uuid import uuid5

from chat.conversation.whole_conversation import ONLY_ID, Json, Tables, WholeConversation, is_object
from chat.exchange.message_json import said_in
from chat.exchange.prepared import EPOCH, NAMESPACE, PreparedChat, message_mark, ordered_id, parents_first

MESSAGE_FIELDS = ('endings', 'images', 'waiting')
"""Of the metadata: what belongs to messages, by run or by the first entry of an answer."""


def is_known(ours: WholeConversation, theirs: PreparedChat) -> bool:
    """Return whether what is to be imported is what was imported, or is older than what is here."""
    if theirs.is_own:
        is_same = ours.record['revision'] == theirs.record['revision']
        return is_same or theirs.updated_at <= datetime.fromisoformat(ours.record['updated_at'])
    before = _origin(ours.tables)
    time = before.get('updated_at')
    is_older = isinstance(time, str) and theirs.updated_at <= datetime.fromisoformat(time)
    return (
        is_older and theirs.updated_at > EPOCH and len(theirs.tables['entries']) <= before.get('messages', 0)
    )


def merged(ours: WholeConversation, theirs: PreparedChat) -> Tables | None:
    """Return what is to be stored of a chat that has grown elsewhere; `None` if it has not.

    A message that is another one here becomes a version beside ours, once. The end that is shown moves only
    if it is where the last import has left it; title, model and settings stay as they are here.
    How the messages that are added ended, what they wait for and their images come along.
    """
    ids, added = _added_entries(ours.entries, theirs.tables['entries'])
    if not added:
        return None
    their_head = ids.get(theirs.record['head_id'] or '')
    head = their_head if _has_stayed(ours, theirs) else ours.record['head_id']
    entries = {**ours.entries, **added}
    inner = {entry['parent_id'] for entry in entries.values()}
    ends = [*ours.record['branches'], ours.record['head_id'], *added]
    tip = _beside(end for end in ends if end and end != head and end not in inner)
    updated = max(datetime.fromisoformat(ours.record['updated_at']), theirs.updated_at)
    revision = uuid5(NAMESPACE, f'{ours.record["revision"]}\n{theirs.record["revision"]}')
    record: Json = {
        **ours.record,
        'head_id': head,
        'branches': tip,
        'revision': str(revision),
        'updated_at': updated.isoformat(),
    }
    if head != ours.record['head_id']:
        record['deferred_tool_requests'] = theirs.record.get('deferred_tool_requests')
    tables = {'record': {ONLY_ID: record}, 'entries': added}
    meta = _own_meta(ours, theirs, ids) if theirs.is_own else _merged_meta(ours, theirs, their_head)
    return {**tables, 'meta': {ONLY_ID: meta}} if meta else tables


def _added_entries(
    ours: Mapping[str, Json], theirs: Mapping[str, Json]
) -> tuple[dict[str, str], dict[str, Json]]:
    """Return under which ids their entries are here, and those that are not here yet."""
    ids: dict[str, str] = {}
    added: dict[str, Json] = {}
    here = {message_mark(entry_id): entry_id for entry_id in ours}
    for entry_id in parents_first({key: entry['parent_id'] for key, entry in theirs.items()}):
        entry = theirs[entry_id]
        target = entry_id
        if known := here.get(message_mark(entry_id)):  # its place among the versions may be another by now
            said = said_in(entry['message'])
            if said_in(ours[known]['message']) == said:
                ids[entry_id] = known
                continue
            target = _version_id(known, said)
        ids[entry_id] = target
        if target not in ours:
            parent = entry['parent_id']
            added[target] = {**entry, 'parent_id': parent and ids[parent]}
    return ids, added


def _version_id(entry_id: str, said: str) -> str:
    """Return the id of another version of a message: beside it in time, and the same in every copy."""
    digest = sha256(f'{entry_id}\n{said}'.encode('utf-8', 'replace')).digest()
    milliseconds = int(entry_id.replace('-', '')[:12], 16) if entry_id[14:15] == '7' else 0
    return ordered_id(datetime.fromtimestamp(milliseconds / 1000, EPOCH.tzinfo), 4095, digest)


def _has_stayed(ours: WholeConversation, theirs: PreparedChat) -> bool:
    """Return whether what is shown here is what was shown there, so that it may move on."""
    head = ours.record['head_id']
    if theirs.is_own:
        return head is None or head in theirs.tables['entries']
    return head == _origin(ours.tables).get('head_id')


def _merged_meta(ours: WholeConversation, theirs: PreparedChat, their_head: str | None) -> Json:
    meta, new = ours.tables.get('meta', {}).get(ONLY_ID, {}), theirs.tables['meta'][ONLY_ID]
    return {
        'endings': {**new['endings'], **meta.get('endings', {})},
        'imported': {**new['imported'], 'head_id': their_head},
    }


def _own_meta(ours: WholeConversation, theirs: PreparedChat, ids: Mapping[str, str]) -> Json:
    """Return the metadata that changes: what is said there of messages of which nothing is said here."""
    there = theirs.tables.get('meta', {}).get(ONLY_ID, {})
    changed: Json = {}
    for name in MESSAGE_FIELDS:
        known, new = (value if is_object(value := meta.get(name)) else {} for meta in (ours.meta, there))
        if name == 'images':
            new = {ids.get(entry_id, entry_id): each for entry_id, each in new.items()}
        if new.keys() - known.keys():
            changed[name] = {**new, **known}
    return changed


def _origin(tables: Tables) -> Json:
    """Return what is stored of where a chat comes from."""
    return tables.get('meta', {}).get(ONLY_ID, {}).get('imported') or {}


def _beside(ends: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(ends))
