"""What exports read of temporary chats, which stand in no file: the same JSON, made of what is in memory."""

import base64
from hashlib import sha256
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic_ai.conversation_store import ConversationRecord

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import StoredFile
from chat.conversation.temporary.memory_conversations import WholeRecord
from chat.conversation.temporary.temporary_chats import TemporaryChats
from chat.conversation.whole_conversation import ONLY_ID, Json, WholeConversation, WholeConversationReader
from chat.exchange.message_json import dump_message, with_replaced_files
from chat.exchange.own_format import MAX_INLINE_BYTES

_AS_MESSAGES = ConfigDict(defer_build=True, ser_json_bytes='base64')

_RECORDS = TypeAdapter(list[ConversationRecord], config=_AS_MESSAGES)
_METADATA = TypeAdapter(list[ConversationMetadata], config=_AS_MESSAGES)


class AllConversations:
    """The `WholeConversationReader` of pages: temporary chats are found first."""

    def __init__(self, temporary: TemporaryChats, stored: WholeConversationReader) -> None:
        self._temporary = temporary
        self._stored = stored

    async def read(self, conversation_id: str, *, with_files: bool = False) -> WholeConversation:
        """Return all there is of a conversation; the files of a temporary one are always in its messages."""
        storage = self._temporary.storage_of(conversation_id)
        if storage is not None and (whole := await storage.whole(conversation_id)):
            return _as_json(whole)
        return await self._stored.read(conversation_id, with_files=with_files)

    async def file(self, blob: str) -> StoredFile | None:
        """Return the bytes of a file; `None` if there is none with this SHA-256."""
        return self._temporary.stored_file(blob) or await self._stored.file(blob)


def _as_json(whole: WholeRecord) -> WholeConversation:
    path: list[str] = []
    entries = {entry.id: entry for entry in whole.entries}
    entry_id = whole.record.head_id
    while entry_id is not None:
        path.insert(0, entry_id)
        entry_id = entries[entry_id].parent_id
    return WholeConversation(
        tables={
            'record': {ONLY_ID: _dump(_RECORDS, whole.record)},
            'entries': {
                entry.id: {
                    'parent_id': entry.parent_id,
                    'message': with_replaced_files(dump_message(entry.message), _named),
                }
                for entry in whole.entries
            },
            'meta': {ONLY_ID: _dump(_METADATA, whole.metadata)},
        },
        metadata=whole.metadata,
        path=path,
        messages=[entries[each].message for each in path],
    )


def _dump(adapter: TypeAdapter[Any], value: object) -> dict[str, Any]:
    return adapter.dump_python([value], mode='json', fallback=repr, warnings=False)[0]


def _named(file: Json) -> Json:
    """Return a file in a message as it is stored: a long one is named, and its bytes are elsewhere."""
    content = base64.urlsafe_b64decode(file.get('data', ''))
    if len(content) <= MAX_INLINE_BYTES:
        return file
    return {**file, 'data': '', 'blob': sha256(content).hexdigest()}
