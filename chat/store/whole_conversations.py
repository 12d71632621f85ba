"""Conversations as a whole: read for an export, stored by an import."""

from collections.abc import Mapping

from chat.conversation.storage import StoredFile
from chat.conversation.whole_conversation import Tables, WholeConversation
from chat.store.catalog import Catalog
from chat.store.conversations.blobs import BlobStore, stored_file
from chat.store.conversations.conversation_files import ConversationFiles
from chat.store.conversations.format import load_record
from chat.store.conversations.pruning import StateBefore
from chat.store.filesystem.disk import DiskThread, UncancellableTasks
from chat.store.settings_files import SettingsFile
from chat.store.tinydb_storage.tables import Json
from chat.store.trash.blob_gc import blobs_named_in
from chat.store.trash.deleting import ConversationDeleter


class StoredConversations:
    """`WholeConversations` in a data folder; what changes a file is finished if the caller is cancelled."""

    def __init__(
        self,
        files: ConversationFiles,
        *,
        blobs: BlobStore,
        imports: SettingsFile,
        deletion: ConversationDeleter,
        catalog: Catalog,
        disk_thread: DiskThread,
        finishing: UncancellableTasks,
    ) -> None:
        self._files = files
        self._blobs = blobs
        self._imports = imports
        self._deletion = deletion
        self._catalog = catalog
        self._disk_thread = disk_thread
        self._finishing = finishing

    async def read(self, conversation_id: str, *, with_files: bool = False) -> WholeConversation:
        """Return all that is stored of a conversation.

        Raises:
            ConversationNotFound: If there is none with this id.
            FileDamaged, FileNewer: If it cannot be read.
        """
        return await self._disk_thread.run(self._files.whole, conversation_id, with_files)

    async def file(self, blob: str) -> StoredFile | None:
        """Return the bytes of a file with this SHA-256; `None` if there is none."""
        return await self._disk_thread.run(stored_file, self._blobs, blob)

    async def put(self, tables: Tables, *, expected_revision: str | None) -> None:
        """Store a conversation, or add entries to it, all or nothing.

        Raises:
            ConversationConflict: If another revision is stored.
            FileDamaged: If this is no conversation.
            OSError: If the disk fails.
        """
        await self._finishing.run(self._put(tables, expected_revision))

    async def _put(self, tables: Tables, expected_revision: str | None) -> None:
        self._catalog.put(await self._disk_thread.run(self._files.put_whole, tables, expected_revision))

    async def remove(self, revisions: Mapping[str, str], *, to_trash: bool) -> set[str]:
        return await self._finishing.run(self._deletion.remove_all(revisions, to_trash=to_trash))

    async def revert(self, conversation_id: str, record: Json, revision: str, *, meta: Json) -> bool:
        before = StateBefore(record=load_record(record), meta=meta)
        return await self._finishing.run(self._revert(conversation_id, before, revision))

    async def _revert(self, conversation_id: str, before: StateBefore, revision: str) -> bool:
        pruned = await self._disk_thread.run(self._files.revert, conversation_id, before, revision)
        if pruned is None:
            return False
        self._catalog.put(pruned.indexed_summary)
        await self._deletion.collect_blobs_named(blobs_named_in(pruned.erased))
        return True

    async def imports(self) -> Mapping[str, Json]:
        return await self._disk_thread.run(self._imports.read)

    async def put_import(self, import_id: str, document: Json) -> None:
        await self._finishing.run(self._disk_thread.run(self._imports.put, import_id, document))
