"""Conversations on disk: pydantic-ai's store, one TinyDB file per conversation."""

from collections.abc import Sequence
from typing import Any

from pydantic_ai import AgentRunResult, BinaryContent, Conversation, ModelMessage
from pydantic_ai.conversation_store import ConversationEntry, ConversationRecord

from chat.conversation.content.attachments import Attachment
from chat.conversation.content.message_files import described, without_stored_bytes
from chat.conversation.content.metadata import ConversationMetadata
from chat.conversation.storage import ConversationStorage
from chat.store.catalog import Catalog
from chat.store.conversation_locks import ConversationLocks
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.conversation_files import ConversationFiles
from chat.store.conversations.format import dump_checkpoint, dump_entries, dump_record
from chat.store.conversations.open_files import MAX_OPEN_FILES, OpenFileCache
from chat.store.filesystem.disk import Disk, DiskThread, UncancellableTasks
from chat.store.filesystem.layout import DataLayout
from chat.store.settings_files import SettingsFile
from chat.store.tinydb_storage.document_storage import REWRITE_BELOW_BYTES
from chat.store.tinydb_storage.tables import Json
from chat.store.trash.deleting import ConversationDeleter, Trash
from chat.store.trash.trash_folder import TrashFolder
from chat.store.whole_conversations import StoredConversations


class TinyDBConversationStore(ConversationStorage):
    """Keeps each conversation, with its metadata, in a file of its own.

    Whatever changes a file is finished even if the caller is cancelled meanwhile. A fork gets copies of the
    entries it keeps, so deleting a conversation erases its messages, except those that a fork has copied.
    """

    def __init__(
        self,
        layout: DataLayout,
        *,
        disk_thread: DiskThread,
        catalog: Catalog,
        trash: TrashFolder,
        disk: Disk | None = None,
        rewrite_below: float = REWRITE_BELOW_BYTES,
        open_files: int = MAX_OPEN_FILES,
    ) -> None:
        """Use the files in these folders, which exist, and list them in the catalog."""
        disk = disk or Disk()
        self.blobs = BlobStore(layout.blobs, disk=disk)
        files = OpenFileCache(
            layout.conversations,
            blobs=self.blobs,
            disk=disk,
            rewrite_below=rewrite_below,
            max_files=open_files,
        )
        self._files = ConversationFiles(files, blobs=self.blobs)
        self._deletion = ConversationDeleter(
            layout, files=self._files, blobs=self.blobs, trash=trash, catalog=catalog, disk_thread=disk_thread
        )
        self._disk_thread = disk_thread
        self._catalog = catalog
        self._saving = ConversationLocks()
        self._finishing = UncancellableTasks()
        self.trash = Trash(trash, deletion=self._deletion, finishing=self._finishing)
        self.whole = StoredConversations(
            self._files,
            blobs=self.blobs,
            imports=SettingsFile(layout.imports, 'imports', disk),
            deletion=self._deletion,
            catalog=catalog,
            disk_thread=disk_thread,
            finishing=self._finishing,
        )

    async def save(
        self, conversation: Conversation | AgentRunResult[Any], *, scope: str | None = None
    ) -> list[ConversationEntry]:
        """Save as the base class does, of one conversation one save after the other."""
        return await self._finishing.run(self._save(conversation, scope))

    async def _save(
        self, conversation: Conversation | AgentRunResult[Any], scope: str | None
    ) -> list[ConversationEntry]:
        async with self._saving.lock_of(conversation.conversation_id):
            return await super().save(conversation, scope=scope)

    async def read_record(self, conversation_id: str) -> ConversationRecord | None:
        return await self._disk_thread.run(self._files.record, conversation_id)

    async def read_records(
        self, *, scope: str | None = None, limit: int | None = None
    ) -> list[ConversationRecord]:
        ids = [summary.conversation_id for summary in self._catalog.summaries]
        return await self._disk_thread.run(self._files.records, ids, scope, limit)

    async def write_record(
        self,
        record: ConversationRecord,
        *,
        new_entries: Sequence[ConversationEntry] = (),
        expected_revision: str | None,
    ) -> None:
        document = dump_record(record)  # now: the caller may change it later
        entries = await dump_entries(new_entries)
        await self._finishing.run(self._commit(document, entries, expected_revision))

    async def _commit(self, record: Json, entries: dict[str, Json], expected_revision: str | None) -> None:
        self._catalog.put(await self._disk_thread.run(self._files.commit, record, entries, expected_revision))

    async def delete_record(self, conversation_id: str, *, expected_revision: str) -> None:
        await self._finishing.run(self._deletion.delete(conversation_id, expected_revision))

    async def prune(self, conversation_id: str, branches: Sequence[str], *, expected_revision: str) -> str:
        """Prune as the base class says; erase soon after the blobs that only these entries name."""
        revision, blobs = await self._finishing.run(
            self._deletion.prune(conversation_id, list(branches), expected_revision)
        )
        self._finishing.start(self._deletion.collect_blobs_named(blobs))
        return revision

    async def move_to_trash(self, conversation_id: str) -> None:
        """Take a conversation out of the catalog; `restore` puts it back exactly as it was.

        Raises:
            ConversationNotFound: If there is none with this id.
            OSError: If the disk fails. Then it stays where it is.
        """
        await self._finishing.run(self._deletion.move_to_trash(conversation_id))

    async def collect_blobs(self) -> int:
        """Remove the blobs that no conversation names, in the trash or not; return how many there were.

        Raises:
            OSError: If a file cannot be read. Then no blob is removed.
        """
        return await self._deletion.collect_blobs()

    async def collect_blobs_named(self, blobs: set[str]) -> None:
        """Remove those of these blobs that no file names, now or at the next start."""
        await self._finishing.run(self._deletion.collect_blobs_named(blobs))

    async def read_entry(self, entry_id: str) -> ConversationEntry:
        return await self._disk_thread.run(self._files.entry, entry_id)

    async def read_history(self, head_id: str | None, *, limit: int | None = None) -> list[ConversationEntry]:
        return [] if head_id is None else await self._disk_thread.run(self._files.history, head_id, limit)

    async def read_metadata(self, conversation_id: str) -> ConversationMetadata:
        return await self._disk_thread.run(self._files.metadata, conversation_id)

    async def write_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        await self._finishing.run(self._put_metadata(conversation_id, metadata))

    async def _put_metadata(self, conversation_id: str, metadata: ConversationMetadata) -> None:
        row, dropped = await self._disk_thread.run(self._files.put_metadata, conversation_id, metadata)
        if row:
            self._catalog.put(row)
        if dropped:
            self._finishing.start(self._deletion.collect_blobs_named(dropped))

    async def write_checkpoint(self, conversation_id: str, messages: Sequence[ModelMessage]) -> None:
        """Store what an answer has said so far, in case the process dies, until the next save replaces it.

        A checkpoint of a conversation that is not stored is ignored. One that was left when the process
        died becomes the end of its conversation, marked as interrupted, by the next start.
        """
        dumped = dump_checkpoint([*map(without_stored_bytes, messages)])  # now: they go on growing
        await self._disk_thread.run_deferred(self._files.put_checkpoint, conversation_id, dumped)

    async def store_file(self, name: str, content: BinaryContent) -> Attachment:
        return await self._disk_thread.run(self._store_file, name, content)

    def _store_file(self, name: str, content: BinaryContent) -> Attachment:
        self.blobs.pin(content.data)
        return described(name, content)

    async def recover_journals(self) -> None:
        """Leave no journal: take into each file what was committed, or said when a process died."""
        for row in await self._disk_thread.run(self._files.recover_journals):
            self._catalog.put(row)

    async def close(self) -> None:
        """Return when all that was begun is done, and each file is whole without a journal."""
        await self._finishing.wait()
        await self.recover_journals()
