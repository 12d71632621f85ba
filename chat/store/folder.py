"""The data folder: opened once at start, closed once at the end."""

import asyncio
import errno
import logging
from dataclasses import dataclass
from pathlib import Path

from chat.errors import StartFailed
from chat.store.catalog.bring_back import bring_back
from chat.store.catalog.catalog import Catalog
from chat.store.catalog.index import read_index, write_index
from chat.store.catalog.survey import survey
from chat.store.conversations import TinyDBConversationStore
from chat.store.disk.disk import Disk
from chat.store.disk.layout import Layout, size_of
from chat.store.disk.places import warning_about
from chat.store.disk.worker import Worker
from chat.store.documents.storage import REWRITE_BELOW
from chat.store.files.attachments import Attachments
from chat.store.files.format import warm_up
from chat.store.files.open_files import OPEN_FILES
from chat.store.files.unsent import Unsent, UnsentPrompts, unsent_in
from chat.store.search.search import Search
from chat.store.settings.invites import InvitesFile
from chat.store.settings.keys import KeyCabinet
from chat.store.settings.preferences import PreferencesFile
from chat.store.settings.servers import ServersFile
from chat.store.trash.trash import Clock, Trash, now

log = logging.getLogger(__name__)

LOOKS_INTO_TRASH = 3600
"""Seconds from one look for what has been in the trash long enough to the next."""

FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is in the data folder at start."""

    catalog: Catalog
    is_indexed: bool
    """Whether the index says just what the catalog says."""
    trash: Trash
    unsent: dict[str, Unsent]


class DataFolder:
    """All that is kept on this computer; `open_store` makes it."""

    def __init__(
        self,
        layout: Layout,
        found: Found,
        *,
        worker: Worker,
        disk: Disk,
        rewrite_below: float,
        open_files: int,
        looks_into_trash: float,
    ) -> None:
        self.path = layout.folder
        self.catalog = found.catalog
        self.conversations = TinyDBConversationStore(
            layout,
            worker=worker,
            catalog=found.catalog,
            trash=found.trash,
            disk=disk,
            rewrite_below=rewrite_below,
            open_files=open_files,
        )
        self.search = Search(layout.conversations, found.catalog)
        self.preferences = PreferencesFile(layout.settings, worker=worker, disk=disk)
        self.keys = KeyCabinet(layout.keys, worker=worker, disk=disk)
        self.servers = ServersFile(layout.servers, worker=worker, disk=disk)
        self.attachments = Attachments(self.conversations.blobs, worker=worker)
        self.unsent = UnsentPrompts(layout.unsent, found.unsent, worker=worker, disk=disk)
        self.invites = InvitesFile(layout.invites, worker=worker, disk=disk)
        self._disk = disk
        self._index = layout.index
        self._indexed = found.catalog.changed.count if found.is_indexed else -1
        """The count of changes when the index was last written."""
        self._worker = worker
        self._between_looks = looks_into_trash
        self._tidying: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Take in what a process has left that died; then tidy up, with nobody waiting for it."""
        await self.conversations.settle()
        self._tidying = asyncio.create_task(self._tidy())

    async def size(self) -> int:
        """Bytes of all files in it.

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
        await self._worker.close()

    async def _tidy(self) -> None:
        await self._write_index()
        try:
            await self.conversations.sweep()
        except OSError as error:
            log.warning('Attachments that no conversation has were not removed: %s', error)
        while True:
            await asyncio.sleep(self._between_looks)
            await self.conversations.erase_old()

    async def _write_index(self) -> None:
        """Bring the index up to date. A start after a crash reads the files again that it lacks."""
        if self._indexed != self.catalog.changed.count:
            self._indexed = self.catalog.changed.count
            await self._worker.run(write_index, self._index, self.catalog.rows, self._disk)


async def open_store(
    folder: Path,
    *,
    disk: Disk | None = None,
    rewrite_below: float = REWRITE_BELOW,
    open_files: int = OPEN_FILES,
    looks_into_trash: float = LOOKS_INTO_TRASH,
    clock: Clock = now,
) -> DataFolder:
    """Open the data folder, or create it; the caller holds the lock of the folder.

    Raises:
        StartFailed: If the folder cannot be read or written.
    """
    worker = Worker()
    disk = disk or Disk()
    layout = Layout(folder)
    try:
        found = await worker.run(_found, layout, disk, clock)
    except OSError as error:
        await worker.close()
        raise StartFailed(
            f'The data folder {folder} cannot be used: {error.strerror or error}. '
            f'{"Make room on its disk" if error.errno in FULL else "Make it readable and writable for you"}, '
            'or choose another folder with --data.'
        ) from error
    opened = DataFolder(
        layout,
        found,
        worker=worker,
        disk=disk,
        rewrite_below=rewrite_below,
        open_files=open_files,
        looks_into_trash=looks_into_trash,
    )
    await opened.begin()
    return opened


def _found(layout: Layout, disk: Disk, clock: Clock) -> Found:
    notes = _prepared(layout, disk)
    warm_up()
    if warning := warning_about(layout.folder):
        notes.append(warning)
    for note in notes:
        log.warning('%s', note)
    bring_back(layout, disk)
    index = read_index(layout.index)
    found = survey(layout.conversations, index, disk)
    return Found(
        catalog=Catalog(found.rows.values(), notes=[*notes, *found.notes]),
        is_indexed=found.rows == index,
        trash=Trash(layout, disk=disk, clock=clock),
        unsent=unsent_in(layout.unsent, disk),
    )


def _prepared(layout: Layout, disk: Disk) -> list[str]:
    """What the person should know, after the folders were made; on a full disk what is there can be read.

    Raises:
        OSError: If a folder cannot be made, read or written.
    """
    is_full = False
    for folder in layout.folders:
        try:
            disk.prepare_folder(folder)
        except OSError as error:
            if error.errno not in FULL or not folder.is_dir():
                raise
            is_full = True
    return [f'The disk of {layout.folder} is full: nothing can be saved. Make room on it.'] if is_full else []
