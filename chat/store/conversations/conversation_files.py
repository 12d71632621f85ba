"""The folder of all conversations: finds the file of each, and what is in it."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from pydantic_ai.conversation_store import ConversationConflict, ConversationEntry, ConversationRecord

from chat.conversation.content.metadata import ConversationMetadata, image_blobs
from chat.conversation.whole_conversation import ONLY_ID, Tables, WholeConversation, blobs_in_tables
from chat.errors import ChatError, ConversationNotFound
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.conversation_file import ConversationFile, IndexedSummary, history_from
from chat.store.conversations.document_repair import storable_entry
from chat.store.conversations.format import (
    dump_metadata,
    file_name,
    load_checkpoint,
    load_entry,
    load_metadata,
)
from chat.store.conversations.open_files import OpenFileCache
from chat.store.conversations.pruning import PruneResult, StateBefore, prune_file
from chat.store.conversations.whole_file import read_whole, storable_tables
from chat.store.filesystem.disk import NotSynced
from chat.store.tinydb_storage.journal import journal_of
from chat.store.tinydb_storage.tables import Json

log = logging.getLogger(__name__)


class ConversationFiles:
    """All stored conversations. Blocks; for the disk thread only, so each method is a step of its own.

    Every method may raise `OSError`, and `FileDamaged` or `FileNewer` for a file it needs.
    """

    def __init__(self, files: OpenFileCache, *, blobs: BlobStore) -> None:
        self._open_files = files
        self._blobs = blobs
        self._early_metadata: dict[str, Json] = {}
        """By conversation id: metadata of conversations that have no file yet."""

    def record(self, conversation_id: str) -> ConversationRecord | None:
        """Return a copy of the record; `None` if there is no such conversation."""
        return self._file(conversation_id).record()

    def records(self, ids: Iterable[str], scope: str | None, limit: int | None) -> list[ConversationRecord]:
        """Return the records of the first `limit` of these conversations with the scope, newest first."""
        records = (record for record in map(self._listed_record, ids) if record is not None)
        chosen = islice((record for record in records if scope in (None, record.scope)), limit)
        return sorted(chosen, key=lambda record: record.updated_at, reverse=True)

    def history(self, head_id: str, limit: int | None) -> list[ConversationEntry]:
        """Return the last `limit` entries up to this one, oldest first.

        Raises:
            LookupError: If there is no such entry, or one before it is missing.
        """
        last = islice(history_from(self._entries_with(head_id), head_id), limit)
        return [self._loaded(entry_id, document) for entry_id, document in last][::-1]

    def entry(self, entry_id: str) -> ConversationEntry:
        """Return the entry with this id.

        Raises:
            LookupError: If there is none.
        """
        return self._loaded(entry_id, self._entries_with(entry_id)[entry_id])

    def commit(
        self, record: Json, entries: Mapping[str, Json], expected_revision: str | None
    ) -> IndexedSummary:
        """Store a record with its new entries, and copies of those that its history has in another file.

        Raises:
            ConversationConflict: If another revision is stored, or an entry of the history is nowhere.
        """
        conversation_id: str = record['conversation_id']
        file = self._file_at(conversation_id, expected_revision)
        try:
            borrowed = self._inherited_entries(file.entries, entries, record['head_id'])
        except LookupError:
            raise ConversationConflict(conversation_id) from None
        new: dict[str, Json] = self._blobs.externalize(entries)
        entries = {
            **borrowed,
            **{entry_id: storable_entry(entry_id, entry) for entry_id, entry in new.items()},
        }
        early = self._early_metadata.get(conversation_id) if file.is_new else None
        file.commit(record, entries, early)
        self._early_metadata.pop(conversation_id, None)
        self._open_files.add(file)
        return file.indexed_summary()

    def prune(self, conversation_id: str, branches: Sequence[str], expected_revision: str) -> PruneResult:
        """Erase the entries that lead neither to the head nor to one of these ends.

        Raises:
            ConversationConflict: If another revision is stored, or one of the ends is not.
        """
        try:
            return prune_file(self._file_at(conversation_id, expected_revision), branches)
        except LookupError:
            raise ConversationConflict(conversation_id) from None

    def remove(self, conversation_id: str, expected_revision: str) -> None:
        """Remove the file with all that is in it.

        Raises:
            ConversationConflict: If another revision is stored, or none.
        """
        file = self._file_at(conversation_id, expected_revision)
        try:
            self._open_files.remove(file.path.name)
        except NotSynced as error:  # it is gone; a power cut could only bring it back
            log.warning('%s was removed, but the disk did not confirm it: %s', file.path.name, error)

    def detach(self, conversation_id: str) -> tuple[Path, IndexedSummary]:
        """Let go of a file that is to be moved; return where it is, and what the catalog lists of it.

        Raises:
            ConversationNotFound: If there is no such conversation.
        """
        file = self._file(conversation_id)
        if file.is_new:
            raise ConversationNotFound
        self._open_files.evict(file.path.name)
        return file.path, file.indexed_summary()

    def recover_journals(self) -> list[IndexedSummary]:
        """Leave no file with a journal; return what is to be listed anew. What fails is logged."""
        return self._open_files.recover_journals()

    def put_checkpoint(self, conversation_id: str, dumped: Sequence[Json]) -> None:
        """Store what an unfinished answer has said so far, if its conversation is stored."""
        self._file(conversation_id).put_checkpoint(load_checkpoint(dumped))

    def whole(self, conversation_id: str, with_files: bool) -> WholeConversation:
        """Return all that is stored of a conversation.

        Raises:
            ConversationNotFound: If there is none with this id.
        """
        return read_whole(self._peeked(conversation_id), self._blobs, with_files=with_files)

    def revision(self, conversation_id: str) -> str | None:
        """Return the revision that is stored; `None` if there is no such conversation."""
        return self._peeked(conversation_id).revision

    def revert(self, conversation_id: str, before: StateBefore, revision: str) -> PruneResult | None:
        """Put what was before in the place of this revision; `None` if another one is stored."""
        file = self._file(conversation_id)
        if file.revision != revision:
            return None
        return prune_file(file, before.record.branches, before)

    def put_whole(self, tables: Tables, expected_revision: str | None) -> IndexedSummary:
        """Store a conversation with the blobs that it names, or add entries to it.

        Raises:
            ConversationConflict: If another revision is stored.
            FileDamaged: If this is no conversation.
        """
        file = self._file_at(tables['record'][ONLY_ID]['conversation_id'], expected_revision)
        file.commit(*storable_tables(tables, file.entries))
        self._blobs.unpin(blobs_in_tables(tables))
        return file.indexed_summary()

    def metadata(self, conversation_id: str) -> ConversationMetadata:
        """Return the metadata of a conversation, also of one that is not stored yet."""
        file = self._file(conversation_id)
        if file.is_new and (early := self._early_metadata.get(conversation_id)):
            return load_metadata(self._blobs.inline(early))
        return file.metadata(self._blobs)

    def put_metadata(
        self, conversation_id: str, metadata: ConversationMetadata
    ) -> tuple[IndexedSummary | None, set[str]]:
        """Store the metadata, or keep it for the first commit.

        Return what is to be listed anew, and the images that it named before and does not any more.
        """
        file, document = self._file(conversation_id), self._blobs.externalize(dump_metadata(metadata))
        if file.is_new:
            self._early_metadata[conversation_id] = document
            return None, set()
        if file.meta | document == file.meta:
            return None, set()
        before, named = image_blobs(file.metadata()), image_blobs(metadata)
        file.put_metadata(document)
        self._blobs.unpin(named)
        return file.indexed_summary(), before - named

    def _loaded(self, entry_id: str, document: Json) -> ConversationEntry:
        return load_entry(entry_id, self._blobs.inline(document))

    def _file(self, conversation_id: str) -> ConversationFile:
        return self._open_files.file(file_name(conversation_id))

    def _peeked(self, conversation_id: str) -> ConversationFile:
        """Return the file without keeping it in memory: an export looks at each once."""
        return self._open_files.peek(file_name(conversation_id))

    def _file_at(self, conversation_id: str, revision: str | None) -> ConversationFile:
        """Return the file if this revision is stored, else raise `ConversationConflict`."""
        file = self._file(conversation_id)
        if file.revision != revision:
            raise ConversationConflict(conversation_id)
        return file

    def _listed_record(self, conversation_id: str) -> ConversationRecord | None:
        """Read as `record`, but neither evict the files in use nor fail for a single file."""
        name = file_name(conversation_id)
        try:
            return self._open_files.peek(name).record()
        except (OSError, ChatError):
            log.exception('%s cannot be read, and is not listed', name)
            return None

    def _inherited_entries(
        self, own: Mapping[str, Json], new: Mapping[str, Json], head_id: str | None
    ) -> dict[str, Json]:
        """Return the entries up to `head_id` that are neither in the file nor new, oldest first."""
        while head_id is not None and head_id in new:
            head_id = new[head_id]['parent_id']
        if head_id is None or head_id in own:
            return {}
        return dict(reversed(list(history_from(self._entries_with(head_id), head_id))))

    def _entries_with(self, entry_id: str) -> Mapping[str, Json]:
        """Return all entries of a file that has this one and, since every file is complete, those before it.

        Raises:
            LookupError: If no file has it.
        """
        for file in self._open_files:
            if entry_id in file.entries:
                return file.entries
        for file in self._files_naming(entry_id):
            if entry_id in file.entries:
                self._open_files.add(file)
                return file.entries
        raise LookupError(entry_id)

    def _files_naming(self, entry_id: str) -> Iterator[ConversationFile]:
        quoted = json.dumps(entry_id, ensure_ascii=False).encode('utf-8', 'surrogatepass')
        for path in self._open_files.folder.glob('*.json'):
            try:
                if any(quoted in part.read_bytes() for part in (path, journal_of(path)) if part.exists()):
                    yield self._open_files.peek(path.name)
            except (OSError, ChatError):
                continue  # the catalog names the files that cannot be read
