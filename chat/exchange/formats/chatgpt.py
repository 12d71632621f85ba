"""ChatGPT: conversations with a tree of messages; what is in a message is read by `chatgpt_content`."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from chat.errors import ImportRefused
from chat.exchange.formats.chatgpt_content import Assets, node_of
from chat.exchange.formats.documents import Document, Read, Reader, each_value
from chat.exchange.formats.records import Chat, File
from chat.exchange.formats.values import (
    Json,
    fields,
    items,
    moment,
    name_of,
    string,
)
from chat.exchange.imported import DamagedChat
from chat.exchange.json_items import read_whole
from chat.exchange.sources import Member

_ASSET_ID = re.compile(r'file-[A-Za-z0-9]+|file_[A-Za-z0-9]+')

MANIFEST = 'export_manifest.json'
"""Names the files over which the conversations are spread; exports of before 2026 have none."""

ASSET_NAMES = 'conversation_asset_file_names.json'
"""Names of the files that are stored under the ids of assets."""


class ChatGPT(Reader):
    """The export of ChatGPT, of any year; also a single conversation of it."""

    id = 'chatgpt'
    name = 'ChatGPT'

    def __init__(self) -> None:
        self._newest: dict[str, tuple[float, str]] = {}
        """By the id of a conversation: in which of several files it was changed last, and when."""

    def begins(self, first: Json) -> bool:
        return isinstance(first.get('mapping'), dict)

    def read(self, document: Document) -> Iterator[Read]:
        if document is document.group[0]:
            yield from _missing_shards(document)
            self._find_newest(document)
        assets = _ExportedAssets(document)
        for read in each_value(document, lambda value: _chat(fields(value), assets)):
            newest = self._newest.get(read.id) if isinstance(read, Chat) else None
            if newest is None or newest[1] == document.member.name:
                yield read

    def _find_newest(self, first: Document) -> None:
        """Find in which of several files each conversation is newest."""
        shards = [each for each in first.group if each.folder == first.folder]
        for document in shards if len(shards) > 1 else []:
            try:
                for value in map(fields, document.values()):
                    age = _seconds(value.get('update_time')), document.member.name
                    self._newest[found] = max(self._newest.get(found := _id(value), age), age)
            except ImportRefused:
                continue  # which is said when it is read


def _seconds(time: object) -> float:
    found = moment(time)
    return found.timestamp() if found else 0


def _id(conversation: Json) -> str:
    return name_of(conversation.get('conversation_id')) or name_of(conversation.get('id'))


def _missing_shards(document: Document) -> Iterator[DamagedChat]:
    """Yield the files of conversations that the export should have, and has not."""
    logical = fields(fields(_json_beside(document, MANIFEST)).get('logical_files'))
    for name in map(string, items(fields(logical.get('conversations.json')).get('files'))):
        if name and document.beside(name) is None:
            yield DamagedChat(
                title=name,
                sentence='The export names this file and does not have it. The chats in it are missing.',
            )


def _json_beside(document: Document, name: str) -> Any:
    member = document.beside(name)
    try:
        return read_whole(member) if member else None
    except ImportRefused:
        return None


def _chat(value: Json, assets: Assets) -> Chat:
    project = string(value.get('conversation_template_id'))
    model = string(value.get('default_model_slug'))
    chat = Chat(
        id=_id(value),
        title=string(value.get('title')),
        created=moment(value.get('create_time')),
        updated=moment(value.get('update_time')),
        model='' if model == 'auto' else model,
        is_pinned=bool(value.get('is_starred') or value.get('pinned_time')),
        is_archived=bool(value.get('is_archived')),
        folder=f'Project {project[-6:]}' if project.startswith('g-p-') else '',
        current=name_of(value.get('current_node')),
    )
    mapping = fields(value.get('mapping'))
    parents = {
        child: node_id
        for node_id, entry in mapping.items()
        for child in map(name_of, items(fields(entry).get('children')))
    }
    for node_id, entry in mapping.items():
        node = node_of(node_id, fields(entry), chat, assets)
        node.parent = node.parent or parents.get(node_id)
        chat.nodes.append(node)
    return chat


class _ExportedAssets:
    """The files beside the conversations, by the ids of assets in their names."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def file(self, pointer: str, name: str = '', media_type: str = '') -> File:
        """Return the file that a pointer or an id means; without bytes if the export does not have it."""
        found = _ASSET_ID.search(pointer.rpartition('//')[2])
        member = self._members.get(found[0]) if found else None
        if member is None:
            return File(name=name or pointer.rpartition('/')[2] or 'file', media_type=media_type)
        base = PurePosixPath(member.name).name
        own = PurePosixPath(self._names.get(base, '')).name or base.removeprefix(found[0] if found else '')
        return File(name=name or own.lstrip('-') or base, media_type=media_type, open=member.attachment)

    @cached_property
    def _members(self) -> dict[str, Member]:
        folder = self._document.folder
        return {
            found[0]: member
            for name, member in self._document.source.members.items()
            if name.startswith(folder) and (found := _ASSET_ID.match(PurePosixPath(name).name))
        }

    @cached_property
    def _names(self) -> dict[str, str]:
        names = fields(_json_beside(self._document, ASSET_NAMES))
        return {name: string(value) for name, value in names.items()}
