"""Our own JSON: a conversation as `store/FORMAT.md` describes it, with its files inside or beside it."""

import base64
import binascii
import contextlib
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from chat.conversation.content.attachments import Attachment
from chat.conversation.whole_conversation import (
    ONLY_ID,
    Json,
    Tables,
    WholeConversation,
    WholeConversationReader,
    attachments_in,
    blobs_in_tables,
    is_list,
    is_object,
)
from chat.errors import ImportRefused
from chat.exchange.imported import DamagedChat
from chat.exchange.journals import journal_problems
from chat.exchange.json_items import MAX_ITEM_BYTES, read_whole
from chat.exchange.message_json import odd_messages
from chat.exchange.prepared import EPOCH, PreparedChat, PreparedFile, known_time, sound_parents
from chat.exchange.sources import DAMAGE_ERRORS, Member, Source
from chat.exchange.zip_stream import bytes_of

FORMAT_NAME = 'parlour'
FORMAT_VERSION = 1
"""Of the export; that of the tables in it is that of the files, and 1 as well."""

FILES_FOLDER = 'files'
"""Where an archive has the files of its conversations, named by their SHA-256 and an ending."""

CHATS_FOLDER = 'conversations'

OTHER_FOLDERS = (FILES_FOLDER, 'blobs', 'trash', 'backups', 'unsent')
"""Folders of an archive or of a data folder that have no chats, or such as were deleted."""

MAX_INLINE_BYTES = 1024
"""Bytes up to which the content of a file stays in the JSON, as `store/FORMAT.md` says."""

_BEGINNING = re.compile(
    rb'\s*\{\s*(?:"format"\s*:\s*"parlour"'
    rb'|"_meta"\s*:\s*\{\s*"1"\s*:\s*\{[^{}]*"format_version"[^{}]*\}\s*\}\s*,\s*"record")'
)
"""How a chat of ours begins, in an export or in a data folder."""

MAX_DEPTH = 200
"""Lists and objects in one another; whatever walks through more of them might end with an error."""

PRIVATE_FIELDS = ('allowed', 'queue', 'tools', 'is_unread')
"""Of the metadata: what a chat is allowed to do, and what waits to be sent, stays here."""


async def own_json(
    whole: WholeConversation, reader: WholeConversationReader, *, with_files: bool
) -> AsyncIterator[bytes]:
    """Yield a conversation as JSON, one entry a line.

    Args:
        whole: The conversation.
        reader: Has its files.
        with_files: Whether the bytes of files are in it, else only their SHA-256.
    """
    yield f'{{\n"format": "{FORMAT_NAME}",\n"version": {FORMAT_VERSION}'.encode()
    for name, table in exported_tables(whole).items():
        yield f',\n{_encoded(name)}: {{'.encode()
        comma = '\n'
        for key, document in table.items():
            document = await _with_bytes(document, reader) if with_files else document
            yield f'{comma}{_encoded(key)}: {_encoded(document)}'.encode()
            comma = ',\n'
        yield b'\n}'
    yield b'\n}\n'


def exported_tables(whole: WholeConversation) -> Tables:
    """Return the tables of a conversation, without what is no part of what was said."""
    meta = {
        key: {name: value for name, value in document.items() if name not in PRIVATE_FIELDS}
        for key, document in whole.tables.get('meta', {}).items()
    }
    return {
        '_meta': {ONLY_ID: {'format_version': FORMAT_VERSION}},
        'record': whole.tables['record'],
        'entries': whole.entries,
        'meta': meta,
    }


_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


async def _with_bytes(node: Any, reader: WholeConversationReader) -> Any:
    """Return JSON with the bytes of the files that it names; beside them the name stays."""
    if is_list(node):
        return [await _with_bytes(item, reader) for item in node]
    if not is_object(node):
        return node
    if node.get('kind') == 'binary' and isinstance(blob := node.get('blob'), str):
        return {**node, 'data': base64.urlsafe_b64encode(await content_of(reader, blob)).decode()}
    return {key: await _with_bytes(value, reader) for key, value in node.items()}


async def content_of(reader: WholeConversationReader, blob: str) -> bytes:
    """Return the bytes of a file; none if it is missing."""
    file = await reader.file(blob)
    return b''.join([piece async for piece in bytes_of(file)]) if file else b''


class OwnFormat:
    """Reads our own JSON: a file of a chat, an archive of many, or a data folder."""

    name = 'Parlour'

    def __init__(self, source: Source) -> None:
        self._source = source
        self._chats = [member for member in source.members.values() if _is_chat(member, source)]

    def read(self) -> Iterator[PreparedChat | DamagedChat]:
        """Yield the chats, one in memory at a time."""
        files = _files_by_sha256(self._source) if self._chats else {}
        for member in self._chats:
            try:
                document = read_whole(member, MAX_ITEM_BYTES)
                problems = journal_problems(self._source, member, document)
                yield _prepared(document, files, member.name, problems)
            except (ImportRefused, *DAMAGE_ERRORS) as error:
                yield DamagedChat(title=member.name, sentence=str(error))
            except (LookupError, TypeError, ValueError, AttributeError):
                yield DamagedChat(
                    title=member.name, sentence=f'{member.name} is damaged: it is no whole chat.'
                )

    @property
    def others(self) -> Source:
        """What of the source is not ours: files beside ours, but nothing in an archive or a data folder."""
        own = {PurePosixPath(member.name) for member in self._chats}
        whole = {path.parent.parent for path in own if path.parent.name == CHATS_FOLDER}
        members = {
            name: member
            for name, member in self._source.members.items()
            if (path := PurePosixPath(member.name)) not in own and whole.isdisjoint(path.parents)
        }
        return replace(self._source, members=members)


def _is_chat(member: Member, source: Source) -> bool:
    is_candidate = source.is_single_file or member.name.endswith('.json')
    folder = PurePosixPath(member.name).parent.name
    return is_candidate and folder not in OTHER_FOLDERS and bool(_BEGINNING.match(member.head(400)))


def _sound_ends(record: Json, parents: Mapping[str, str | None]) -> Json:
    """Return the head and the branches of a record, so that all its entries are on one of them."""
    inner = set(parents.values())
    ends = [key for key in parents if key not in inner]
    head = record['head_id'] if record['head_id'] in parents else next(reversed(ends))
    known = [end for end in record['branches'] if end in parents]
    covered = {head, *known, *_ancestors([head, *known], parents)}
    return {'head_id': head, 'branches': [*known, *(end for end in ends if end not in covered)]}


def _prepared(
    document: Any, files: Mapping[str, Member], member_name: str, problems: list[str]
) -> PreparedChat:
    """Return a chat of ours as it will be stored; `problems` are known of it already.

    Raises:
        ImportRefused: If a newer version has written it.
        LookupError, TypeError, ValueError: If it is no chat.
    """
    written = max(document.get('version', 1), document['_meta'][ONLY_ID]['format_version'])
    if written > FORMAT_VERSION:
        raise ImportRefused(
            f'{member_name} was written by a newer version of Parlour. Update Parlour to import it.'
        )
    if _is_too_deep(document):
        raise ImportRefused(f'{member_name} is damaged: lists in it are nested more than {MAX_DEPTH} deep.')
    record, entries = dict(document['record'][ONLY_ID]), dict[str, Json](document['entries'])
    if not isinstance(chat_id := record['conversation_id'], str) or not chat_id:
        raise ValueError('no id')
    if not isinstance(record['revision'], str):
        raise TypeError('no revision')
    if not entries or not all(is_object(entry['message']) for entry in entries.values()):
        raise ValueError('no messages')
    parents = sound_parents({key: entry['parent_id'] for key, entry in entries.items()})
    entries = {key: {**entries[key], 'parent_id': parents[key]} for key in entries}
    record |= _sound_ends(record, parents)
    if known_time(datetime.fromisoformat(record['updated_at'])) is None:
        problems.append(f'Its time, {record["updated_at"]}, cannot be right. It was left out.')
        record['updated_at'] = EPOCH.isoformat()
    meta = _shared_meta(document)
    inside: dict[str, bytes] = {}
    entries = {key: _without_bytes(entry, inside) for key, entry in entries.items()}
    problems += odd_messages([entry['message'] for entry in entries.values()])
    tables: Tables = {'record': {ONLY_ID: record}, 'entries': entries}
    tables |= {'meta': {ONLY_ID: meta}} if meta else {}
    said, named = attachments_in(tables), blobs_in_tables(tables)
    missing = named - inside.keys() - files.keys()
    return PreparedChat(
        format=OwnFormat.name,
        title=str(meta.get('title', '')),
        tables=tables,
        files=_prepared_files(named - missing, said, inside, files),
        is_own=True,
        missing_files=sorted(_name(blob, said) for blob in missing),
        problems=problems,
    )


def _is_too_deep(document: Any) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
        below = chain.from_iterable(
            node.values() if is_object(node) else node if is_list(node) else () for node in level
        )
        level = [node for node in below if is_object(node) or is_list(node)]
    return bool(level)


def _shared_meta(document: Json) -> Json:
    """Return the metadata of a chat that is taken over."""
    meta = {
        key: value
        for key, value in document.get('meta', {}).get(ONLY_ID, {}).items()
        if key not in PRIVATE_FIELDS
    }
    if is_object(waiting := meta.get('waiting')):
        meta['waiting'] = {run: each for run, each in waiting.items() if _is_begun(each)}
    return meta


def _is_begun(waiting: Any) -> bool:
    """Return whether nothing would run because of these decisions, which a person here has not made."""
    return all(decision.get('begun') for decision in waiting.get('decisions', {}).values())


def _ancestors(ends: Iterable[str], parents: Mapping[str, str | None]) -> set[str]:
    found = set[str]()
    for end in ends:
        at = parents[end]
        while at is not None and at not in found:
            found.add(at)
            at = parents[at]
    return found


def _without_bytes(node: Any, inside: dict[str, bytes]) -> Any:
    """Return JSON without the bytes of files that are named beside them; these go to `inside`."""
    if is_list(node):
        return [_without_bytes(item, inside) for item in node]
    if not is_object(node):
        return node
    if node.get('kind') == 'binary' and isinstance(data := node.get('data'), str) and data:
        with contextlib.suppress(binascii.Error, ValueError):
            content = base64.urlsafe_b64decode(data)
            blob = hashlib.sha256(content).hexdigest()
            if 'blob' in node or len(content) > MAX_INLINE_BYTES:
                inside[blob] = content
                return {**node, 'data': '', 'blob': blob}
            inside[blob] = content
        return node
    return {key: _without_bytes(value, inside) for key, value in node.items()}


def _prepared_files(
    named: Iterable[str],
    said: Mapping[str, Attachment],
    inside: Mapping[str, bytes],
    files: Mapping[str, Member],
) -> dict[str, PreparedFile]:
    openers = {
        blob: partial(BytesIO, inside[blob]) if blob in inside else files[blob].open_attachment
        for blob in named
    }
    return {blob: PreparedFile(name=_name(blob, said), open=opener) for blob, opener in openers.items()}


def _name(blob: str, said: Mapping[str, Attachment]) -> str:
    return said[blob].name if blob in said else f'{blob[:12]}…'


def _files_by_sha256(source: Source) -> dict[str, Member]:
    """Return the files of an archive or a data folder by the SHA-256 that their names say."""
    members = ((PurePosixPath(name), member) for name, member in source.members.items())
    return {path.name[:64]: member for path, member in members if path.parent.name in (FILES_FOLDER, 'blobs')}
