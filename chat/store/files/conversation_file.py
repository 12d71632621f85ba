"""One conversation on disk: its record, its entries and its details."""

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic_ai.conversation_store import ConversationRecord

from chat.conversation.details import ConversationMetadata
from chat.store.disk.disk import Disk
from chat.store.disk.layout import Layout
from chat.store.documents.documents import DocumentFile
from chat.store.documents.migration import Migration
from chat.store.documents.plain import Json
from chat.store.documents.storage import REWRITE_BELOW
from chat.store.documents.tables import Tables
from chat.store.files.blobs import Blobs
from chat.store.files.format import (
    FORMAT_VERSION,
    STEPS,
    FileDamaged,
    FileNewer,
    loaded_details,
    loaded_record,
)
from chat.store.files.mending import CannotBeMended
from chat.store.files.summary import Row, Summary, not_after

log = logging.getLogger(__name__)

_ONLY = '1'
"""The id of the document in a table that has only one."""


class ConversationFile:
    """A conversation as it is on disk, or the place of one that is not stored yet.

    Blocks; for the worker thread only.

    Raises:
        OSError: If there is a file and it cannot be read.
        FileDamaged: If it does not hold a conversation.
        FileNewer: If its format is newer than this version.
    """

    def __init__(self, path: Path, *, disk: Disk | None = None, rewrite_below: float = REWRITE_BELOW) -> None:
        self.path = path
        disk = disk or Disk()
        migration = Migration(
            path,
            version=FORMAT_VERSION,
            steps=STEPS,
            backups=Layout(path.parent.parent).backups,
            disk=disk,
        )
        self._documents = DocumentFile(path, disk=disk, rewrite_below=rewrite_below, migration=migration)
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
        return self._documents.documents('entries')

    @property
    def revision(self) -> str | None:
        """The revision of the record, or `None` if nothing was stored yet."""
        record = self.record()
        return record.revision if record else None

    def record(self) -> ConversationRecord | None:
        """A copy of the record, or `None` if nothing was stored yet."""
        if self.is_new:
            return None
        record = loaded_record(self._documents.documents('record')[_ONLY])
        record.branches = [end for end in record.branches if end in self.entries]
        return record

    @property
    def meta(self) -> Json:
        """The document of the details, or an empty one; not to be edited."""
        return self._documents.documents('meta').get(_ONLY, {})

    def details(self, blobs: Blobs | None = None) -> ConversationMetadata:
        """The details, or empty ones; without blobs the files in the queue have no content."""
        try:
            return loaded_details(blobs.attached(self.meta) if blobs else self.meta)
        except CannotBeMended:  # the messages are worth more
            log.warning('The details in %s cannot be read', self.path.name)
            return ConversationMetadata()

    def row(self) -> Row:
        """What the catalog lists of this file."""
        record, stat = self.record(), self.path.stat()
        if record is None:
            raise FileDamaged
        details = self.details()
        summary = Summary(
            conversation_id=record.conversation_id,
            title=details.title,
            updated_at=record.updated_at,
            is_pinned=details.is_pinned,
            is_archived=details.is_archived,
            is_unread=details.is_unread,
        )
        row = Row(summary=summary, size=stat.st_size, mtime_ns=stat.st_mtime_ns)
        return not_after(datetime.now(UTC), row)

    def commit(self, record: Json, entries: Mapping[str, Json], details: Json | None = None) -> None:
        """Store the record, add the entries and, if given, replace the details: all or nothing.

        Raises:
            OSError: If the disk fails.
        """
        documents: Tables = {'record': {_ONLY: record}, 'entries': dict(entries)}
        if self.is_new:
            documents = {'_meta': {_ONLY: {'format_version': FORMAT_VERSION}}, **documents}
        if details is not None:
            documents |= self._meta(details)
        self._documents.file.put(documents)

    def replace(self, record: Json, entries: Mapping[str, Json]) -> None:
        """Store the record, and keep only these entries, all or nothing.

        Raises:
            OSError: If the disk fails.
        """
        tables = self._documents.file.read() or {}
        self._documents.file.write({**tables, 'record': {_ONLY: record}, 'entries': dict(entries)})

    def put_details(self, details: Json) -> None:
        """Replace the details; what a newer version has added to them stays.

        Raises:
            OSError: If the disk fails.
        """
        self._documents.file.put(self._meta(details), voids_checkpoint=False)

    @property
    def checkpoint(self) -> str | None:
        """What an unfinished answer has said so far, or `None` if none is under way."""
        return self._documents.file.checkpoint

    def put_checkpoint(self, checkpoint: str) -> None:
        """Keep what an unfinished answer has said so far, until the next `commit`.

        Raises:
            OSError: If the disk fails; the checkpoint before is still there.
        """
        self._documents.file.put_checkpoint(checkpoint)

    def fold(self) -> None:
        """Leave no journal beside the file, unless an answer is under way.

        Raises:
            OSError: If the disk fails; the journal is still there.
        """
        self._documents.file.fold()

    def _meta(self, details: Json) -> Tables:
        return {'meta': {_ONLY: {**self.meta, **details}}}

    def _check(self) -> None:
        stored = self._documents.documents('record')[_ONLY]
        version = self._documents.documents('_meta')[_ONLY]['format_version']
        if max(version, stored['format_version']) > FORMAT_VERSION:
            raise FileNewer(f'{self.path.name} {FileNewer.reason}')
        record = loaded_record(stored)
        if record.head_id is not None and record.head_id not in self.entries:
            raise FileDamaged


def chain(entries: Mapping[str, Json], head_id: str | None) -> Iterator[tuple[str, Json]]:
    """The entries from this one back to the first.

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
