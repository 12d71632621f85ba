"""The data folder: opened once at start, closed once at the end."""

import asyncio
import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from chat.agent.added_servers import AddedServer
from chat.agent.mcp.entries import StoredServer
from chat.conversation.content.folders import ChatFolder
from chat.conversation.content.library import Assistant, SavedPrompt
from chat.conversation.storage import Draft
from chat.errors import StartFailed
from chat.sharing.invites import Invite
from chat.sharing.lock import LockRecord
from chat.store.api_key_store import ApiKeyStore
from chat.store.catalog import Catalog, read_index, write_index
from chat.store.conversations.blobs import AttachmentStore
from chat.store.conversations.drafts import DraftStore, read_drafts
from chat.store.conversations.format import warm_up
from chat.store.conversations.open_files import MAX_OPEN_FILES
from chat.store.filesystem.disk import Disk, DiskThread
from chat.store.filesystem.layout import DataLayout, size_of
from chat.store.filesystem.unsafe_locations import unsafe_location_warning
from chat.store.search.search import Search
from chat.store.settings_files import (
    ONLY_ID,
    PreferencesFile,
    ValuesFile,
    checked_mcp_server,
    checked_server,
    server_key,
)
from chat.store.startup_scan import restore_readable_files, scan_folder
from chat.store.store import TinyDBConversationStore
from chat.store.tinydb_storage.document_storage import REWRITE_BELOW_BYTES
from chat.store.trash.trash_folder import Clock, TrashFolder, now
from chat.store.usage_files import UsageFiles

log = logging.getLogger(__name__)

T = TypeVar('T')

TRASH_CHECK_INTERVAL = 3600
"""Seconds from one look for what has been in the trash long enough to the next."""

DISK_FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderContents:
    """What is in the data folder at start."""

    catalog: Catalog
    is_indexed: bool
    """Whether the index says just what the catalog says."""
    trash: TrashFolder
    warnings: list[str]
    """Of the place as a whole."""
    drafts: dict[str, Draft]


class DataFolder:
    """The `Storage` that keeps everything in a folder on this computer; `open_store` makes it."""

    def __init__(
        self,
        layout: DataLayout,
        found: FolderContents,
        conversations: TinyDBConversationStore,
        *,
        disk_thread: DiskThread,
        disk: Disk,
        trash_check_interval: float,
    ) -> None:
        self._disk = disk
        self._disk_thread = disk_thread
        self.path = layout.folder
        self.warnings = found.warnings
        self.catalog = found.catalog
        self.conversations = conversations
        self.trash, self.whole = conversations.trash, conversations.whole
        self.search = Search(layout.conversations, found.catalog)
        self.preferences = PreferencesFile(layout.settings, disk_thread=disk_thread, disk=disk)
        self.api_keys = ApiKeyStore(layout.keys, disk_thread=disk_thread, disk=disk)
        self.attachments = AttachmentStore(
            conversations.blobs, disk_thread=disk_thread, collect=conversations.collect_blobs_named
        )
        self.drafts = DraftStore(layout.drafts, found.drafts, disk_thread=disk_thread, disk=disk)
        self.servers = self._values(layout.servers, AddedServer, key=server_key, check=checked_server)
        self.mcp_servers = self._values(
            layout.mcp_servers, StoredServer, key=server_key, check=checked_mcp_server
        )
        self.invites = self._values(layout.invites, Invite)
        # Else who damages it would open the pages.
        self.lock = self._values(layout.lock, LockRecord, key=lambda _: ONLY_ID, is_strict=True)
        self.assistants = self._values(layout.assistants, Assistant)
        self.prompts = self._values(layout.prompts, SavedPrompt)
        self.folders = self._values(layout.chat_folders, ChatFolder)
        self.usage = UsageFiles(layout.folder, disk_thread=disk_thread, disk=disk)
        self._index = layout.index
        self._indexed = found.catalog.changed.count if found.is_indexed else -1
        """The count of changes when the index was last written."""
        self._between_looks = trash_check_interval
        self._tidying: asyncio.Task[None] | None = None

    def _values(
        self,
        path: Path,
        kind: type[T],
        *,
        key: Callable[[T], str] = attrgetter('id'),
        check: Callable[[T], T | None] = lambda value: value,
        is_strict: bool = False,
    ) -> ValuesFile[T]:
        return ValuesFile(
            path,
            TypeAdapter(kind),
            key=key,
            check=check,
            disk_thread=self._disk_thread,
            disk=self._disk,
            is_strict=is_strict,
        )

    async def start(self) -> None:
        """Recover what a process that died has left; then tidy up in the background."""
        await self.conversations.recover_journals()
        self._tidying = asyncio.create_task(self._clean_up())

    async def size(self) -> int:
        """Return the bytes of all files in the folder.

        Raises:
            OSError: If it cannot be read.
        """
        return await asyncio.to_thread(size_of, self.path)

    async def close(self) -> None:
        """Finish all writing; closing twice does no harm."""
        if self._tidying is None:
            return
        tidying, self._tidying = self._tidying, None
        await self.search.close()
        await self.conversations.close()
        tidying.cancel()
        await asyncio.wait([tidying])
        await self._write_index()
        await self._disk_thread.close()

    async def _clean_up(self) -> None:
        await self._write_index()
        try:
            await self.conversations.collect_blobs()
        except OSError as error:
            log.warning('Attachments that no conversation has were not removed: %s', error)
        while True:
            await asyncio.sleep(self._between_looks)
            await self.trash.erase_expired()

    async def _write_index(self) -> None:
        """Write the index. A start after a crash reads the files that are missing in it."""
        if self._indexed != self.catalog.changed.count:
            self._indexed = self.catalog.changed.count
            await self._disk_thread.run(write_index, self._index, self.catalog.indexed_summaries, self._disk)


async def open_store(
    folder: Path,
    *,
    disk: Disk | None = None,
    rewrite_below: float = REWRITE_BELOW_BYTES,
    open_files: int = MAX_OPEN_FILES,
    trash_check_interval: float = TRASH_CHECK_INTERVAL,
    clock: Clock = now,
) -> DataFolder:
    """Open the data folder, or create it; the caller holds the lock of the folder.

    Raises:
        StartFailed: If the folder cannot be read or written.
    """
    disk_thread = DiskThread()
    disk = disk or Disk()
    layout = DataLayout(folder)
    try:
        found = await disk_thread.run(_read_contents, layout, disk, clock)
    except OSError as error:
        await disk_thread.close()
        raise StartFailed(
            f'The data folder {folder} cannot be used: {error.strerror or error}. '
            f'{"Make room on its disk" if error.errno in DISK_FULL_ERRNOS else "Make it readable and writable for you"}, '  # noqa: E501
            'or choose another folder with --data.'
        ) from error
    conversations = TinyDBConversationStore(
        layout,
        disk_thread=disk_thread,
        catalog=found.catalog,
        trash=found.trash,
        disk=disk,
        rewrite_below=rewrite_below,
        open_files=open_files,
    )
    data_folder = DataFolder(
        layout,
        found,
        conversations,
        disk_thread=disk_thread,
        disk=disk,
        trash_check_interval=trash_check_interval,
    )
    await data_folder.start()
    return data_folder


def _read_contents(layout: DataLayout, disk: Disk, clock: Clock) -> FolderContents:
    warnings = _prepare_folders(layout, disk)
    warm_up()
    if warning := unsafe_location_warning(layout.folder):
        warnings.append(warning)
    for sentence in warnings:
        log.warning('%s', sentence)
    restore_readable_files(layout, disk)
    index = read_index(layout.index)
    found = scan_folder(layout.conversations, index, disk)
    return FolderContents(
        catalog=Catalog(found.indexed_summaries.values(), problems=found.problems),
        is_indexed=found.indexed_summaries == index,
        trash=TrashFolder(layout, disk=disk, clock=clock),
        warnings=warnings,
        drafts=read_drafts(layout.drafts, disk),
    )


def _prepare_folders(layout: DataLayout, disk: Disk) -> list[str]:
    """Make the folders; return warnings for the person. On a full disk, what is there can still be read.

    Raises:
        OSError: If a folder cannot be made, read or written.
    """
    is_full = False
    for folder in layout.folders:
        try:
            disk.prepare_folder(folder)
        except OSError as error:
            if error.errno not in DISK_FULL_ERRNOS or not folder.is_dir():
                raise
            is_full = True
    return [f'The disk of {layout.folder} is full: nothing can be saved. Make room on it.'] if is_full else []
