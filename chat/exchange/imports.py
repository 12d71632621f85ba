"""The import of this process: one at a time, whoever looks at it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

from chat.change_signal import ChangeSignal
from chat.errors import ImportRefused
from chat.exchange.import_job import EndSharing, Import, not_shared
from chat.exchange.ledger import ImportLedger, IsOpen
from chat.exchange.own_settings import OwnSettings
from chat.storage import Storage

log = logging.getLogger(__name__)


class Imports:
    """The import of this process: one at a time, whoever looks at it. For the event loop only."""

    def __init__(
        self,
        storage: Storage,
        *,
        is_open: IsOpen,
        end_sharing: EndSharing = not_shared,
        settings: OwnSettings | None = None,
    ) -> None:
        """Without `settings`, only chats are imported."""
        self.changed = ChangeSignal()
        """Notified when another import begins, or one ends."""
        self.current: Import | None = None
        """The last one, which may have ended."""
        self._storage = storage
        self._is_open = is_open
        self._end_sharing = end_sharing
        self._settings = settings
        self._ledger = ImportLedger(
            storage.whole, settings, lambda: {each.folder for each in storage.catalog.summaries}, is_open
        )
        self._task: asyncio.Task[None] | None = None
        self._on_files_read: Callable[[], None] = lambda: None

    @property
    def is_busy(self) -> bool:
        """Whether something is being read or stored."""
        return self._task is not None and not self._task.done()

    async def recover(self) -> None:
        """Take back what an import has made in which the process died."""
        await self._ledger.recover()

    def make(self, paths: Sequence[Path]) -> Import:
        """Return an import of these files and folders that is not begun."""
        return Import(
            storage=self._storage,
            ledger=self._ledger,
            paths=paths,
            is_open=self._is_open,
            own_settings=self._settings,
            end_sharing=self._end_sharing,
        )

    def begin(self, paths: Sequence[Path], on_end: Callable[[], None] = lambda: None) -> Import:
        """Begin to look at some files, in the place of the import before.

        `on_end` is called once the files are not needed any more.

        Raises:
            ImportRefused: If another import is under way.
        """
        if self.is_busy:
            raise ImportRefused('Another import is under way. Wait for it, or cancel it.')
        self.forget()
        self.current, self._on_files_read = self.make(paths), on_end
        self._start(self.current.read())
        return self.current

    def forget(self) -> None:
        """Forget the last import, if none is under way; what it has made stays."""
        if not self.is_busy:
            on_end, self._on_files_read = self._on_files_read, lambda: None
            on_end()
            self.current = None
            self.changed.notify()

    def start(self, *, restores_deleted: bool = False, takes_settings: bool = True) -> None:
        """Begin to store what was found; nothing happens if nothing was."""
        if self.current and self.current.state == 'found' and not self.is_busy:
            self.current.restores_deleted = restores_deleted
            self.current.takes_settings = takes_settings
            self._start(self.current.run())

    async def cancel(self) -> None:
        """End what is under way; the chats that are stored by then stay."""
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def close(self) -> None:
        """End what is under way, because the app ends."""
        await self.cancel()
        self.forget()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._task = asyncio.create_task(work)
        self._task.add_done_callback(self._on_end)
        self.changed.notify()

    def _on_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            log.error('An import has failed', exc_info=error)
        self.changed.notify()
