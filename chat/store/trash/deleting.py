"""Delete and restore conversations: to the trash, back from it, or permanently with their blobs."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import ParamSpec, TypeVar

from pydantic_ai.conversation_store import ConversationConflict

from chat.change_signal import ChangeSignal
from chat.conversation.storage import TrashedConversation
from chat.store.catalog import Catalog, write_index
from chat.store.conversations.blobs import BlobStore
from chat.store.conversations.conversation_files import ConversationFiles
from chat.store.conversations.format import file_name
from chat.store.filesystem.disk import DiskThread, UncancellableTasks
from chat.store.filesystem.layout import DataLayout
from chat.store.tinydb_storage.journal import journal_of
from chat.store.trash.blob_gc import BlobCollector, blobs_named_by, blobs_named_in
from chat.store.trash.trash_folder import TrashFolder

log = logging.getLogger(__name__)

P = ParamSpec('P')

T = TypeVar('T')

MOVED_AT_ONCE = 50
"""Conversations that are moved to the trash or erased there in one step of the disk thread: it takes less
than a second."""


class ConversationDeleter:
    """Deletes and restores whole conversations. Every method may raise `OSError`."""

    def __init__(
        self,
        layout: DataLayout,
        *,
        files: ConversationFiles,
        blobs: BlobStore,
        trash: TrashFolder,
        catalog: Catalog,
        disk_thread: DiskThread,
    ) -> None:
        self._layout = layout
        self._files = files
        self._blobs = blobs
        self._trash = trash
        self._catalog = catalog
        self._disk_thread = disk_thread
        self._indexed = -1
        """The count of changes when something was erased last, and the index written anew."""

    async def delete(self, conversation_id: str, expected_revision: str) -> None:
        """Delete a conversation of the catalog permanently.

        Raises:
            ConversationConflict: If another revision is stored, or none.
        """
        named = await self._disk_thread.run(self._remove, conversation_id, expected_revision)
        self._catalog.remove(conversation_id)
        named |= await self._disk_thread.run(self._trash.erase_copies, conversation_id)
        await self._forget_erased(named)

    def _remove(self, conversation_id: str, expected_revision: str) -> set[str]:
        """Remove a file; return the blobs it named."""
        path = self._layout.conversations / file_name(conversation_id)
        named = blobs_named_by([path, journal_of(path)])
        self._files.remove(conversation_id, expected_revision)
        return named

    async def prune(
        self, conversation_id: str, branches: Sequence[str], expected_revision: str
    ) -> tuple[str, set[str]]:
        """Delete the entries of a conversation that lead neither to its head nor to one of these ends.

        Returns the new revision, and the blobs that these entries named, for `collect_blobs_named`.

        Raises:
            ConversationConflict: If another revision is stored, or one of the ends is not.
        """
        pruned = await self._disk_thread.run(self._files.prune, conversation_id, branches, expected_revision)
        self._catalog.put(pruned.indexed_summary)
        return pruned.revision, blobs_named_in(pruned.erased)

    async def delete_for_good(self, conversation_id: str) -> None:
        """Erase the conversation that was moved to the trash last.

        Raises:
            ConversationNotFound: If there is none with this id in the trash.
        """
        await self._forget_erased(await self._use_trash(self._trash.erase, conversation_id))

    async def move_to_trash(self, conversation_id: str) -> None:
        """Move a conversation from the catalog to the trash.

        Raises:
            ConversationNotFound: If there is none with this id.
        """
        await self._use_trash(self._move_to_trash, conversation_id)
        self._catalog.remove(conversation_id)

    def _move_to_trash(self, conversation_id: str) -> None:
        path, row = self._files.detach(conversation_id)
        self._trash.put(path, row.summary)

    async def remove_all(self, revisions: Mapping[str, str], *, to_trash: bool) -> set[str]:
        """Remove the conversations that have these revisions, by id; return those that have others."""
        removed = await (self._move_all(revisions) if to_trash else self._erase_all(revisions))
        return {each for each in revisions if each not in removed and self._catalog.has(each)}

    async def _move_all(self, revisions: Mapping[str, str]) -> set[str]:
        """Move to the trash those that have these revisions, and return them.

        A few are one step, so that other disk work has its turn, and nobody opens a file before it is moved.
        """
        moved, ids = set[str](), list(revisions)
        for start in range(0, len(ids), MOVED_AT_ONCE):
            some = {each: revisions[each] for each in ids[start : start + MOVED_AT_ONCE]}
            for conversation_id in await self._use_trash(self._move_unchanged, some):
                self._catalog.remove(conversation_id)
                moved.add(conversation_id)
        return moved

    def _move_unchanged(self, revisions: Mapping[str, str]) -> list[str]:
        unchanged = [each for each, revision in revisions.items() if self._files.revision(each) == revision]
        files = [self._files.detach(conversation_id) for conversation_id in unchanged]
        self._trash.put_all((path, row.summary) for path, row in files)
        return unchanged

    async def _erase_all(self, revisions: Mapping[str, str]) -> set[str]:
        """Erase those that have these revisions, each in a step of its own, and return them."""
        erased, named = set[str](), set[str]()
        for conversation_id, revision in revisions.items():
            with suppress(ConversationConflict):
                named |= await self._disk_thread.run(self._remove, conversation_id, revision)
                self._catalog.remove(conversation_id)
                erased.add(conversation_id)
        await self._forget_erased(named)
        return erased

    async def restore(self, conversation_id: str) -> None:
        """Restore the conversation with this id that was moved to the trash last.

        Raises:
            ConversationNotFound: If there is none with this id in the trash.
            ConversationExists: If there is one with this id that is not in the trash.
        """
        self._catalog.put(await self._use_trash(self._trash.restore, conversation_id))

    async def erase_expired(self) -> None:
        """Erase what has been in the trash for long enough, with its blobs."""
        expired, named = self._trash.expired, set[str]()
        for start in range(0, len(expired), MOVED_AT_ONCE):
            some = set(expired[start : start + MOVED_AT_ONCE])
            named |= await self._use_trash(self._trash.erase_expired, some)
        if expired:
            await self._forget_erased(named)

    async def _forget_erased(self, named: set[str]) -> None:
        """Remove what else was left of erased conversations: their titles in the index, and these blobs."""
        if self._indexed != (changes := self._catalog.changed.count):  # else the index says no more than that
            self._indexed = changes
            rows = self._catalog.indexed_summaries
            await self._disk_thread.run(write_index, self._layout.index, rows, self._trash.disk)
        await self.collect_blobs_named(named)

    async def _use_trash(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it in the disk thread; then the trash tells whether it has changed, also if that failed."""
        try:
            return await self._disk_thread.run(work, *args, **kwargs)
        finally:
            self._trash.notify_changed()

    async def collect_blobs(self, among: Iterable[str] | None = None) -> int:
        """Remove the blobs that no file names, yielding to other disk work; return how many there were.

        Args:
            among: Only these blobs are removed.
        """
        collector = await self._disk_thread.run(
            BlobCollector, self._blobs, self._layout.folders_naming_blobs, candidates=among
        )
        while await self._disk_thread.run(collector.scan_step):
            pass  # other work had its turn
        return await self._disk_thread.run(collector.collect)

    async def collect_blobs_named(self, named: set[str]) -> None:
        """Remove those of these blobs that no file names any more, now or at the next start."""
        try:
            await self.collect_blobs(named)
        except OSError as error:  # the next start will try again
            log.warning('The attachments of a deleted conversation could not be removed yet: %s', error)


class Trash:
    """The trash as pages know it, for the event loop only. A cancelled caller ends no operation."""

    def __init__(
        self, folder: TrashFolder, *, deletion: ConversationDeleter, finishing: UncancellableTasks
    ) -> None:
        self._folder = folder
        self._deletion = deletion
        self._finishing = finishing

    @property
    def changed(self) -> ChangeSignal:
        """Notified after each change of what is in the trash."""
        return self._folder.changed

    @property
    def conversations(self) -> list[TrashedConversation]:
        """What is in the trash, the one deleted last first."""
        return self._folder.conversations

    def has(self, conversation_id: str) -> bool:
        """Return whether a conversation with this id is in the trash."""
        return self._folder.has(conversation_id)

    async def restore(self, conversation_id: str) -> None:
        """Put the conversation back that was moved to the trash last.

        Raises:
            ConversationNotFound: If there is none with this id in the trash.
            ConversationExists: If there is one with this id that is not in the trash.
            OSError: If the disk fails. Then it stays where it is.
        """
        await self._finishing.run(self._deletion.restore(conversation_id))

    async def delete_for_good(self, conversation_id: str) -> None:
        """Erase the conversation that was moved to the trash last.

        With it go its backups, and its blobs unless another conversation names them.

        Raises:
            ConversationNotFound: If there is none with this id in the trash.
            OSError: If the disk fails.
        """
        await self._finishing.run(self._deletion.delete_for_good(conversation_id))

    async def erase_expired(self) -> None:
        """Erase what has been in the trash for thirty days."""
        await self._finishing.run(self._deletion.erase_expired())
