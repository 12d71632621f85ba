"""The file of one conversation: its record, its entries and its metadata."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic_ai import ModelMessage, ModelResponse
from pydantic_ai.conversation_store import ConversationRecord

from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.content.waiting import unanswered_calls
from chat.conversation.storage import ConversationSummary
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.document_repair import RepairFailed
from chat.store.conversations.format import (
    FORMAT_VERSION,
    MIGRATION_STEPS,
    FileDamaged,
    FileNewer,
    load_entry,
    load_metadata,
    load_record,
)
from chat.store.filesystem.disk import Disk
from chat.store.filesystem.layout import DataLayout
from chat.store.tinydb_storage.document_storage import REWRITE_BELOW_BYTES, DocumentFile
from chat.store.tinydb_storage.migration import Migration
from chat.store.tinydb_storage.tables import Json, Tables, with_added

log = logging.getLogger(__name__)

_ONLY_ID = '1'
"""The id of the document in a table that has only one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedSummary:
    """A summary, and what tells whether the file it was made from is still the same."""

    summary: ConversationSummary
    size: int
    """Of the file, in bytes."""
    mtime_ns: int


class ConversationFile:
    """A conversation as it is on disk; new, without a file, as long as nothing was stored.

    Blocks; for the disk thread only.

    Raises:
        OSError: If there is a file and it cannot be read.
        FileDamaged: If it does not hold a conversation.
        FileNewer: If its format is newer than this version.
    """

    def __init__(
        self, path: Path, *, disk: Disk | None = None, rewrite_below: float = REWRITE_BELOW_BYTES
    ) -> None:
        self.path = path
        disk = disk or Disk()
        migration = Migration(
            path,
            version=FORMAT_VERSION,
            steps=MIGRATION_STEPS,
            backups=DataLayout(path.parent.parent).backups,
            disk=disk,
        )
        self._documents = DocumentFile(path, disk=disk, rewrite_below=rewrite_below, migration=migration)
        self._recovered: Tables = {}
        """What is read as if it were stored, and is stored with whatever comes next."""
        try:
            if not self.is_new or path.exists():
                self._check()
        except (ValueError, KeyError, TypeError) as error:
            raise FileDamaged from error

    @property
    def is_new(self) -> bool:
        """Whether nothing was stored yet."""
        return not self._documents.tables()

    @property
    def entries(self) -> Mapping[str, Json]:
        """The stored entries by their ids; not to be edited."""
        return self._read('entries')

    @property
    def revision(self) -> str | None:
        """The revision of the record, or `None` if nothing was stored yet."""
        record = self.record()
        return record.revision if record else None

    def record(self) -> ConversationRecord | None:
        """Return a copy of the record; `None` if nothing was stored yet."""
        if self.is_new:
            return None
        record = load_record(self._read('record')[_ONLY_ID])
        record.branches = [end for end in record.branches if end in self.entries]
        return record

    @property
    def meta(self) -> Json:
        """The document of the metadata, or an empty one; not to be edited."""
        return self._documents.documents('meta').get(_ONLY_ID, {})

    def metadata(self, blobs: BlobStore | None = None) -> ConversationMetadata:
        """Return the metadata, or empty metadata; without blobs the files in the queue have no content."""
        try:
            return load_metadata(blobs.inline(self.meta) if blobs else self.meta)
        except RepairFailed:  # the messages are worth more
            log.warning('The metadata in %s cannot be read', self.path.name)
            return ConversationMetadata()

    def indexed_summary(self) -> IndexedSummary:
        """Return what the catalog lists of this file."""
        record, stat = self.record(), self.path.stat()
        if record is None:
            raise FileDamaged
        summary = summary_of(record, self.metadata(), self.entries)
        row = IndexedSummary(summary=summary, size=stat.st_size, mtime_ns=stat.st_mtime_ns)
        return not_in_future(datetime.now(UTC), row)

    def commit(self, record: Json, entries: Mapping[str, Json], metadata: Json | None = None) -> None:
        """Store the record, add the entries and, if given, replace the metadata: all or nothing.

        Raises:
            OSError: If the disk fails.
        """
        documents: Tables = {'record': {_ONLY_ID: record}, 'entries': dict(entries)}
        if self.is_new:
            documents = {'_meta': {_ONLY_ID: {'format_version': FORMAT_VERSION}}, **documents}
        if metadata is not None:
            documents |= self._meta(metadata)
        self._put(documents)

    def replace(self, record: Json, entries: Mapping[str, Json], meta: Json | None = None) -> None:
        """Store the record, keep only these entries and, if given, this of the metadata, all or nothing.

        Raises:
            OSError: If the disk fails.
        """
        tables = self._documents.file.read() or {}
        tables |= {'record': {_ONLY_ID: record}, 'entries': dict(entries)}
        self._documents.file.write(tables if meta is None else {**tables, 'meta': {_ONLY_ID: meta}})
        self._recovered = {}

    def put_metadata(self, metadata: Json) -> None:
        """Replace the metadata; what a newer version has added to it stays.

        Raises:
            OSError: If the disk fails.
        """
        self._put(self._meta(metadata), voids_checkpoint=False)

    @property
    def checkpoint(self) -> str | None:
        """What an unfinished answer has said so far, or `None` if none is under way."""
        return None if self._recovered else self._documents.file.checkpoint

    @property
    def is_idle(self) -> bool:
        """Whether no answer is under way, and all that is read is stored."""
        return self._documents.file.checkpoint is None

    def recover(self, record: Json, entries: Mapping[str, Json]) -> None:
        """Have these read in the place of the checkpoint; `store_recovered` stores them."""
        self._recovered = {'record': {_ONLY_ID: record}, 'entries': dict(entries)}

    def store_recovered(self) -> None:
        """Store what was recovered, unless that is done.

        Raises:
            OSError: If the disk fails; it is stored with whatever comes next.
        """
        if self._recovered:
            self._put({})

    def put_checkpoint(self, checkpoint: str) -> None:
        """Store what an unfinished answer has said so far, until the next `commit`.

        Raises:
            OSError: If the disk fails; the checkpoint before is still there.
        """
        self.store_recovered()
        self._documents.file.put_checkpoint(checkpoint)

    def merge_journal(self) -> None:
        """Leave no journal beside the file, unless an answer is under way.

        Raises:
            OSError: If the disk fails; the journal is still there.
        """
        self._documents.file.merge_journal()

    def _read(self, table: str) -> Mapping[str, Json]:
        stored = self._documents.documents(table)
        return {**stored, **self._recovered[table]} if table in self._recovered else stored

    def _put(self, documents: Tables, *, voids_checkpoint: bool = True) -> None:
        documents = with_added(self._recovered, documents)
        self._documents.file.put(documents, voids_checkpoint=voids_checkpoint or bool(self._recovered))
        self._recovered = {}

    def _meta(self, metadata: Json) -> Tables:
        return {'meta': {_ONLY_ID: {**self.meta, **metadata}}}

    def _check(self) -> None:
        stored = self._documents.documents('record')[_ONLY_ID]
        version = self._documents.documents('_meta')[_ONLY_ID]['format_version']
        if max(version, stored['format_version']) > FORMAT_VERSION:
            raise FileNewer(f'{self.path.name} {FileNewer.reason}')
        record = load_record(stored)
        if record.head_id is not None and record.head_id not in self.entries:
            raise FileDamaged


def summary_of(
    record: ConversationRecord, metadata: ConversationMetadata, entries: Mapping[str, Json]
) -> ConversationSummary:
    """Return what is listed of a conversation; of the entries those at its head tell whether it waits."""
    return ConversationSummary(
        conversation_id=record.conversation_id,
        title=metadata.title,
        updated_at=record.updated_at,
        is_pinned=metadata.is_pinned,
        is_archived=metadata.is_archived,
        is_unread=metadata.is_unread,
        folder=metadata.folder,
        is_waiting=record.deferred_tool_requests is not None or _is_unsure(entries, record.head_id, metadata),
    )


def _is_unsure(entries: Mapping[str, Json], head_id: str | None, metadata: ConversationMetadata) -> bool:
    """Return whether a call at the end of what is shown may have run, so that a person is asked."""
    if not metadata.waiting:
        return False
    messages: list[ModelMessage] = []
    with suppress(LookupError, FileDamaged):  # of what is missing nothing waits
        for entry_id, entry in history_from(entries, head_id):
            messages.insert(0, load_entry(entry_id, entry).message)
            if isinstance(messages[0], ModelResponse):
                break
    run_id = messages[0].run_id if messages else None
    waiting = metadata.waiting.get(run_id or '')
    return waiting is not None and any(
        waiting.is_open(call.tool_call_id) for call in unanswered_calls(messages)
    )


def history_from(entries: Mapping[str, Json], head_id: str | None) -> Iterator[tuple[str, Json]]:
    """Yield the entries from this one back to the first.

    Raises:
        LookupError: If one of them is missing, or the way back has no end.
    """
    entry_id = head_id
    for _ in range(len(entries) + 1):
        if entry_id is None:
            return
        yield entry_id, entries[entry_id]
        entry_id = entries[entry_id]['parent_id']
        if entry_id is not None and not isinstance(entry_id, str):
            raise LookupError(head_id)
    raise LookupError(head_id)


def not_in_future(now: datetime, row: IndexedSummary) -> IndexedSummary:
    """Return the row, dated now if a wrong clock has dated it later: else it would stay on top."""
    if row.summary.updated_at <= now:
        return row
    return replace(row, summary=replace(row.summary, updated_at=now))
