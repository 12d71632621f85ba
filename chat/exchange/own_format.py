"""Our own JSON: a conversation as `store/FORMAT.md` describes it, with its files inside or beside it."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

from chat.conversation.whole_conversation import (
    ONLY_ID,
    Tables,
    WholeConversation,
    WholeConversationReader,
    is_list,
    is_object,
)
from chat.exchange.zip_stream import bytes_of

FORMAT_NAME = 'parlour'
FORMAT_VERSION = 1
"""Of the export; that of the tables in it is that of the files, and 1 as well."""

FILES_FOLDER = 'files'
"""Where an archive has the files of its conversations, named by their SHA-256 and an ending."""

CHATS_FOLDER = 'conversations'

PRIVATE_FIELDS = ('allowed', 'queue', 'is_unread')
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
