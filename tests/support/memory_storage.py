"""A `Storage` that forgets with the process: it has no folder and no file, which nobody may notice."""

import hashlib
from collections.abc import AsyncIterator, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from pydantic import SecretStr
from pydantic_ai import BinaryContent, ModelMessage, TextPart, UserPromptPart
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord

from chat.agent.added_servers import AddedServer
from chat.agent.api_keys import SavedKey
from chat.agent.mcp.entries import StoredServer
from chat.change_signal import ChangeSignal
from chat.conversation.content.attachments import (
    Attachment,
    attached_file,
    checked_content,
    media_type_of,
    safe_name,
)
from chat.conversation.content.chat_settings import Preferences
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, SavedPrompt
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.search import SearchHit
from chat.conversation.storage import ConversationSummary, FileProblem, StoredFile, TrashedConversation
from chat.conversation.usage_ledger import EVER, DayUsage
from chat.conversation.whole_conversation import Json, Tables, WholeConversation, with_fields
from chat.errors import ConversationExists, ConversationNotFound
from chat.sharing.invites import Invite
from chat.sharing.lock import LockRecord
from chat.store.conversations.format import (
    dump_entry,
    dump_metadata,
    dump_record,
    load_entry,
    load_metadata,
    load_record,
)
from chat.store.search.query import Query
from chat.store.settings_files import server_key
from chat.ui.app_context import MemoryDrafts
from tests.support.memory_values import MemoryValues
from tests.support.scripted import MemoryStore

MAX_HITS_PER_CONVERSATION = 3

PIECE_BYTES = 1000
"""Bytes of a file that are given out at once."""


class MemoryCatalog:
    """What is listed of the conversations in memory."""

    def __init__(self) -> None:
        self.changed = ChangeSignal()
        self.problems: Sequence[FileProblem] = ()
        self._summaries: dict[str, ConversationSummary] = {}

    @property
    def summaries(self) -> list[ConversationSummary]:
        return sorted(self._summaries.values(), key=lambda summary: summary.updated_at, reverse=True)

    def get(self, conversation_id: str) -> ConversationSummary | None:
        return self._summaries.get(conversation_id)

    def has(self, conversation_id: str) -> bool:
        return conversation_id in self._summaries

    def problem_of(self, conversation_id: str) -> FileProblem | None:
        return next((each for each in self.problems if each.conversation_id == conversation_id), None)

    def put(self, summary: ConversationSummary) -> None:
        self._summaries[summary.conversation_id] = summary
        self.changed.notify()

    def remove(self, conversation_id: str) -> None:
        self._summaries.pop(conversation_id, None)
        self.changed.notify()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    """All there is of a conversation in the trash."""

    record: ConversationRecord
    entries: list[ConversationEntry]
    metadata: ConversationMetadata
    deleted_at: datetime

    @property
    def conversation(self) -> TrashedConversation:
        return TrashedConversation(
            conversation_id=self.record.conversation_id,
            title=self.metadata.title,
            updated_at=self.record.updated_at,
            deleted_at=self.deleted_at,
        )


class MemoryConversations(MemoryStore):
    """Conversations in memory that a catalog lists, and that come back from the trash as they were."""

    def __init__(self, catalog: MemoryCatalog) -> None:
        super().__init__()
        self._catalog = catalog
        self.discarded: list[Discarded] = []
        """The last one first."""
        self.trash_changed = ChangeSignal()

    async def write_record(
        self,
        record: ConversationRecord,
        *,
        new_entries: Sequence[ConversationEntry] = (),
        expected_revision: str | None,
    ) -> None:
        await super().write_record(record, new_entries=new_entries, expected_revision=expected_revision)
        await self._list(record.conversation_id)

    async def delete_record(self, conversation_id: str, *, expected_revision: str) -> None:
        await super().delete_record(conversation_id, expected_revision=expected_revision)
        self._metadata.pop(conversation_id, None)
        self._catalog.remove(conversation_id)

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        await super().write_metadata(conversation_id, metadata)
        await self._list(conversation_id)

    async def move_to_trash(self, conversation_id: str) -> None:
        record = await self.read_record(conversation_id)
        if record is None:
            raise ConversationNotFound
        discarded = Discarded(
            record=record,
            entries=await self.entries_of(record),
            metadata=await self.read_metadata(conversation_id),
            deleted_at=datetime.now(UTC),
        )
        await self.delete_record(conversation_id, expected_revision=record.revision)
        self.discarded.insert(0, discarded)
        self.trash_changed.notify()

    async def put_back(self, discarded: Discarded) -> None:
        self.discarded.remove(discarded)
        conversation_id = discarded.record.conversation_id
        await self.write_record(discarded.record, new_entries=discarded.entries, expected_revision=None)
        await self.write_metadata(conversation_id, discarded.metadata)
        self.trash_changed.notify()

    async def entries_of(self, record: ConversationRecord) -> list[ConversationEntry]:
        """Those of all its branches."""
        entries: dict[str, ConversationEntry] = {}
        for tip in (record.head_id, *record.branches):
            entries |= {entry.id: entry for entry in await self.read_history(tip)}
        return list(entries.values())

    async def _list(self, conversation_id: str) -> None:
        if record := await self.read_record(conversation_id):
            metadata = await self.read_metadata(conversation_id)
            summary = ConversationSummary(
                conversation_id=conversation_id,
                title=metadata.title,
                updated_at=record.updated_at,
                is_pinned=metadata.is_pinned,
                is_archived=metadata.is_archived,
                is_unread=metadata.is_unread,
                folder=metadata.folder,
                is_waiting=record.deferred_tool_requests is not None,
            )
            self._catalog.put(summary)


class MemoryTrash:
    """The trash of these conversations."""

    def __init__(self, conversations: MemoryConversations, catalog: MemoryCatalog) -> None:
        self.changed = conversations.trash_changed
        self._conversations = conversations
        self._catalog = catalog

    @property
    def conversations(self) -> list[TrashedConversation]:
        return [each.conversation for each in self._conversations.discarded]

    def has(self, conversation_id: str) -> bool:
        return any(each.conversation_id == conversation_id for each in self.conversations)

    async def restore(self, conversation_id: str) -> None:
        discarded = self._last(conversation_id)
        if self._catalog.has(conversation_id):
            raise ConversationExists
        await self._conversations.put_back(discarded)

    async def delete_for_good(self, conversation_id: str) -> None:
        self._conversations.discarded.remove(self._last(conversation_id))
        self.changed.notify()

    def _last(self, conversation_id: str) -> Discarded:
        for each in self._conversations.discarded:
            if each.record.conversation_id == conversation_id:
                return each
        raise ConversationNotFound


class MemoryWholeConversations:
    """Conversations as JSON, as if they stood in files."""

    def __init__(self, conversations: MemoryConversations, attachments: 'MemoryAttachments') -> None:
        self._conversations = conversations
        self._attachments = attachments
        self._imports: dict[str, Json] = {}

    async def read(self, conversation_id: str, *, with_files: bool = False) -> WholeConversation:
        record = await self._conversations.read_record(conversation_id)
        if record is None:
            raise ConversationNotFound
        entries = await self._conversations.entries_of(record)
        metadata = await self._conversations.read_metadata(conversation_id)
        history = await self._conversations.read_history(record.head_id)
        return WholeConversation(
            tables={
                'record': {'1': dump_record(record)},
                'entries': {entry.id: dump_entry(entry) for entry in entries},
                'meta': {'1': dump_metadata(metadata)},
            },
            metadata=metadata,
            path=[entry.id for entry in history],
            messages=[entry.message for entry in history],
        )

    async def file(self, blob: str) -> StoredFile | None:
        return await self._attachments.get(blob)

    async def put(self, tables: Tables, *, expected_revision: str | None) -> None:
        record = load_record(tables['record']['1'])
        known = [
            entry.id
            for stored in [await self._conversations.read_record(record.conversation_id)]
            if stored
            for entry in await self._conversations.entries_of(stored)
        ]
        entries = [load_entry(key, each) for key, each in tables['entries'].items() if key not in known]
        if meta := tables.get('meta', {}).get('1'):
            stored_meta = dump_metadata(await self._conversations.read_metadata(record.conversation_id))
            await self._conversations.write_metadata(
                record.conversation_id, load_metadata({**stored_meta, **meta})
            )
        await self._conversations.write_record(
            record, new_entries=entries, expected_revision=expected_revision
        )

    async def remove(self, revisions: Mapping[str, str], *, to_trash: bool) -> set[str]:
        left: set[str] = set()
        for conversation_id, revision in revisions.items():
            record = await self._conversations.read_record(conversation_id)
            if record is None:
                continue
            if record.revision != revision:
                left.add(conversation_id)
            elif to_trash:
                await self._conversations.move_to_trash(conversation_id)
            else:
                await self._conversations.delete_record(conversation_id, expected_revision=revision)
        return left

    async def revert(self, conversation_id: str, record: Json, revision: str, *, meta: Json) -> bool:
        stored = await self._conversations.read_record(conversation_id)
        if stored is None or stored.revision != revision:
            return False
        before = load_record(record)
        stored_meta = dump_metadata(await self._conversations.read_metadata(conversation_id))
        reverted = load_metadata(with_fields(stored_meta, meta))
        await self._conversations.write_metadata(conversation_id, reverted)
        await self._conversations.write_record(before, expected_revision=revision)
        await self._conversations.prune(conversation_id, before.branches, expected_revision=before.revision)
        return True

    async def imports(self) -> dict[str, Json]:
        return dict(self._imports)

    async def put_import(self, import_id: str, document: Json) -> None:
        self._imports[import_id] = document


class MemoryAttachments:
    """Files as bytes, which are given out in pieces."""

    def __init__(self, blobs: dict[str, tuple[bytes, str]]) -> None:
        self._blobs = blobs

    async def save(self, name: str, content: bytes, *, for_prompt: bool = True) -> Attachment:
        name, media_type = safe_name(name), media_type_of(content) or ''
        if for_prompt:
            content, media_type = checked_content(name, content)
        blob = hashlib.sha256(content).hexdigest()
        self._blobs[blob] = content, media_type
        return Attachment(blob=blob, name=name, media_type=media_type, size=len(content))

    async def read(self, attachments: Iterable[Attachment]) -> dict[Attachment, BinaryContent]:
        nothing = b'', ''
        return dict(attached_file(said, self._blobs.get(said.blob, nothing)[0]) for said in attachments)

    async def get(self, blob: str) -> StoredFile | None:
        if blob not in self._blobs:
            return None
        content, media_type = self._blobs[blob]
        return StoredFile(media_type=media_type, size=len(content), content=_pieces(content))

    async def discard(self, blobs: Iterable[str]) -> None:
        pass  # nothing tells here what is named


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]


class MemorySearch:
    """Looks through all messages; it never has to wait, so no question ends another."""

    def __init__(self, conversations: MemoryConversations, catalog: MemoryCatalog) -> None:
        self._conversations = conversations
        self._catalog = catalog

    async def prepare(self) -> None:
        pass  # it needs nothing

    async def search(self, text: str, *, limit: int = 50, asker: Hashable = None) -> list[SearchHit] | None:
        query = Query(text)
        summaries = self._catalog.summaries
        summaries.sort(key=lambda summary: query.match(summary.title) is None)
        hits: list[SearchHit] = []
        for summary in summaries:
            entries = await self._conversations.load_entries(summary.conversation_id) or []
            hits += islice(_hits_of(summary, entries, query), MAX_HITS_PER_CONVERSATION)
        return hits[:limit]


def _hits_of(
    summary: ConversationSummary, entries: Sequence[ConversationEntry], query: Query
) -> Iterator[SearchHit]:
    if match := query.match(summary.title):
        yield match.hit_in(summary)
    for entry in reversed(entries):
        if match := query.match(_words(entry.message)):
            yield match.hit_in(summary, entry.id)


def _words(message: ModelMessage) -> str:
    parts = (part for part in message.parts if isinstance(part, (TextPart, UserPromptPart)))
    return ' '.join(part.content for part in parts if isinstance(part.content, str))


class MemoryPreferences:
    """The preferences as they were written last."""

    def __init__(self) -> None:
        self._stored = Preferences()

    async def read(self) -> Preferences:
        return self._stored

    async def write(self, preferences: Preferences) -> None:
        self._stored = preferences


class MemoryApiKeys:
    """Keys by their prefixes."""

    def __init__(self) -> None:
        self._keys: dict[str, SavedKey] = {}

    async def read(self) -> dict[str, SavedKey]:
        return dict(self._keys)

    async def save(self, prefix: str, secret: SecretStr) -> SavedKey:
        self._keys[prefix] = SavedKey(saved_at=datetime.now(UTC), location='file', secret=secret)
        return self._keys[prefix]

    async def remove(self, prefix: str) -> None:
        self._keys.pop(prefix, None)


class MemoryUsage:
    """What was used, by day and model."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, str], DayUsage] = {}
        self._bookings = set[UUID]()

    async def read(self, since: str = EVER) -> list[DayUsage]:
        return [each for each in self._days.values() if each.day >= since]

    async def add(self, usage: DayUsage, booking: UUID) -> None:
        if booking not in self._bookings:
            self._bookings.add(booking)
            key = usage.day, usage.model
            self._days[key] = self._days[key].plus(usage) if key in self._days else usage


class MemoryStorage:
    """All of it."""

    path = None
    warnings: Sequence[str] = ()

    def __init__(self) -> None:
        self.catalog = MemoryCatalog()
        self.conversations = MemoryConversations(self.catalog)
        self.trash = MemoryTrash(self.conversations, self.catalog)
        self.drafts = MemoryDrafts()
        self.attachments = MemoryAttachments(self.conversations.files)
        self.whole = MemoryWholeConversations(self.conversations, self.attachments)
        self.search = MemorySearch(self.conversations, self.catalog)
        self.preferences = MemoryPreferences()
        self.api_keys = MemoryApiKeys()
        self.servers = MemoryValues[AddedServer](server_key)
        self.mcp_servers = MemoryValues[StoredServer](server_key)
        self.invites = MemoryValues[Invite]()
        self.lock = MemoryValues[LockRecord](lambda _: '1')
        self.assistants = MemoryValues[Assistant]()
        self.prompts = MemoryValues[SavedPrompt]()
        self.folders = MemoryValues[ChatFolder]()
        self.usage = MemoryUsage()

    async def size(self) -> int:
        return 0

    async def close(self) -> None:
        pass  # there is nothing to write
