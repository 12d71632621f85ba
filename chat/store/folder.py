"""The data folder: opened once at start, closed once at the end."""

import asyncio
from pathlib import Path

from chat.errors import StartFailed
from chat.store.catalog import Catalog
from chat.store.conversations import TinyDBConversationStore
from chat.store.files import prepare_folder
from chat.store.format import warm_up
from chat.store.index import read_index, write_index
from chat.store.survey import survey
from chat.store.worker import Worker

INDEX_PAUSE = 2.0
"""Seconds from a change to the writing of the index, with all that changed meanwhile."""


class DataFolder:
    """All that is kept on this computer; `open_store` makes it."""

    def __init__(self, folder: Path, *, worker: Worker, catalog: Catalog, is_indexed: bool) -> None:
        """Take over what `open_store` has found; `is_indexed` if the index says just that."""
        self.catalog = catalog
        self.conversations = TinyDBConversationStore(_conversations(folder), worker=worker, catalog=catalog)
        self._index = _index(folder)
        self._indexed = catalog.changed.count if is_indexed else -1
        """The count of changes when the index was last written."""
        self._worker = worker
        self._index_keeper = asyncio.create_task(self._keep_index())

    async def close(self) -> None:
        """Finish all writing; closing twice does no harm."""
        if self._index_keeper.done():
            return
        await self.conversations.close()
        self._index_keeper.cancel()
        await asyncio.wait([self._index_keeper])
        if self._indexed != self.catalog.changed.count:
            await self._write_index()
        await self._worker.close()

    async def _keep_index(self) -> None:
        while True:
            await self.catalog.changed.wait(self._indexed)
            await asyncio.sleep(INDEX_PAUSE)
            await self._write_index()

    async def _write_index(self) -> None:
        self._indexed = self.catalog.changed.count
        await self._worker.run(write_index, self._index, self.catalog.rows)


async def open_store(folder: Path) -> DataFolder:
    """Open the data folder, or create it; the caller holds the lock of the folder.

    Raises:
        StartFailed: If the folder cannot be read or written.
    """
    worker = Worker()
    try:
        catalog, is_indexed = await worker.run(_loaded, folder)
    except OSError as error:
        await worker.close()
        raise StartFailed(
            f'The data folder {folder} cannot be used: {error.strerror or error}. '
            'Make it readable and writable for you, or choose another folder with --data.'
        ) from error
    return DataFolder(folder, worker=worker, catalog=catalog, is_indexed=is_indexed)


def _loaded(folder: Path) -> tuple[Catalog, bool]:
    prepare_folder(folder)
    prepare_folder(_conversations(folder))
    warm_up()
    index = read_index(_index(folder))
    found = survey(_conversations(folder), index)
    return Catalog(found.rows.values(), set_aside=found.unread), found.rows == index


def _conversations(folder: Path) -> Path:
    return folder / 'conversations'


def _index(folder: Path) -> Path:
    return folder / 'index.json'
