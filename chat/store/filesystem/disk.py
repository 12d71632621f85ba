"""All changes to the disk: files are replaced atomically or appended to, in one thread that blocks nobody.

At any moment, whatever fails, a file has its old or its new content. Reading needs no `Disk`.
"""

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

log = logging.getLogger(__name__)

P = ParamSpec('P')
T = TypeVar('T')

UNFINISHED_SUFFIX = '.unfinished'
"""Suffix of a file that is still being written."""

RENAME_ATTEMPTS = 10 if sys.platform == 'win32' else 1
"""Attempts to rename: on Windows a virus scanner, or our search, may hold a file open for a moment."""

RETRY_INTERVAL = 0.05
"""Seconds between attempts."""

DEFERRED_AT_ONCE = 2
"""Calls that can wait and are handed to the thread: one that runs, and one so that it does not rest."""


class NotSynced(OSError):
    """The new content or name is there, but syncing it to the disk failed."""


class Disk:
    """A few primitives, and the operations built on them.

    Each primitive is one system call, which a subclass may record, fail or delay. All of
    them raise `OSError`.
    """

    def write(self, path: Path, data: bytes) -> None:
        """Create or truncate a file that only its owner can read, and write to it (a primitive)."""
        write_whole(path, data, os.O_TRUNC)

    def extend(self, path: Path, data: bytes) -> None:
        """Append to a file, creating it if needed; a part may remain if it fails (a primitive)."""
        write_whole(path, data, os.O_APPEND)

    def truncate(self, path: Path, size: int) -> None:
        """Cut a file to its first `size` bytes (a primitive)."""
        os.truncate(path, size)

    def sync(self, path: Path) -> None:
        """Sync the content of a file to the disk (a primitive)."""
        descriptor = os.open(path, os.O_RDWR)
        try:
            sync_content(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Rename a file, replacing the one that may have that name (a primitive)."""
        retry_on_permission_error(lambda: source.replace(target), attempts=RENAME_ATTEMPTS)

    def unlink(self, path: Path) -> None:
        """Remove a file; a missing one is no error (a primitive)."""
        retry_on_permission_error(lambda: path.unlink(missing_ok=True), attempts=RENAME_ATTEMPTS)

    def make_folder(self, folder: Path) -> None:
        """Create a folder for the owner alone; an existing one is no error (a primitive)."""
        folder.mkdir(mode=0o700, exist_ok=True)

    def make_private(self, folder: Path) -> None:
        """Make a folder accessible only to its owner; a failure is logged."""
        if sys.platform == 'win32' or not folder.stat().st_mode & 0o077:
            return
        try:
            folder.chmod(0o700)
            log.warning('The folder %s was accessible to others; this is corrected', folder)
        except OSError as error:
            log.warning('The folder %s is accessible to others: %s', folder, error.strerror)

    def sync_folder(self, folder: Path) -> None:
        """Sync the names in a folder to the disk: files created, renamed or removed (a primitive)."""
        if sys.platform == 'win32':  # which cannot open folders
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            sync_content(descriptor)
        finally:
            os.close(descriptor)

    def replace(self, path: Path, data: bytes, *, durable: bool = True) -> None:
        """Replace or create a file atomically, readable only by its owner.

        Args:
            path: The file; its folder exists.
            data: All of its new content.
            durable: Return only when it is synced to the disk, so that it survives a power cut.

        Raises:
            OSError: If it could not be written. The old content is unchanged.
            NotSynced: If only syncing failed: the new content is there, but may not survive a power cut.
        """
        unfinished = path.with_name(path.name + UNFINISHED_SUFFIX)
        try:
            self.write(unfinished, data)
            if durable:
                self.sync(unfinished)
            self.rename(unfinished, path)
        except BaseException:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                self.unlink(unfinished)
            raise
        if durable:
            self._sync_names(path.parent)

    def append(self, path: Path, data: bytes, *, durable: bool) -> None:
        """Append to a file, creating it if needed: all or nothing.

        Args:
            path: The file; its folder exists.
            data: What is added.
            durable: Return only when it is synced to the disk, with the name of a newly created file.

        Raises:
            OSError: If it failed; the file is unchanged, unless truncating it fails too.
        """
        size = path.stat().st_size if path.exists() else None
        try:
            self.extend(path, data)
            if durable:
                self.sync(path)
            if durable and size is None:
                self.sync_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):  # as above
                self.unlink(path) if size is None else self.truncate(path, size)
            raise

    def remove(self, path: Path) -> None:
        """Remove a file durably; a missing one is no error.

        Raises:
            NotSynced: If the file is removed, but may reappear after a power cut.
        """
        self.unlink(path)
        self._sync_names(path.parent)

    def move(self, source: Path, target: Path) -> None:
        """Rename a file durably, also across folders, replacing the one that may be there.

        Raises:
            OSError: If it could not be renamed.
            NotSynced: If it has the new name, but after a power cut may have the old one, or both.
        """
        self.rename(source, target)
        self._sync_names(target.parent)
        if source.parent != target.parent:
            self._sync_names(source.parent)

    def set_aside(self, path: Path) -> Path:
        """Rename a file that cannot be read to `*.corrupt`, never over an older one; return its new path."""
        aside = corrupt_path(path)
        self.rename(path, aside)
        return aside

    def prepare_folder(self, folder: Path) -> None:
        """Create a folder for the owner alone, remove unfinished files of `replace`, and test writing to it.

        Raises:
            OSError: If the folder cannot be read or written.
        """
        self._create(folder)
        self.make_private(folder)
        for leftover in folder.glob(f'*{UNFINISHED_SUFFIX}'):
            if leftover.is_file():
                self.unlink(leftover)
        trial = folder / f'trial{UNFINISHED_SUFFIX}'
        self.write(trial, b'')
        self.unlink(trial)

    def _create(self, folder: Path) -> None:
        if not folder.is_dir():
            self._create(folder.parent)
            self.make_folder(folder)
            self.sync_folder(folder.parent)

    def _sync_names(self, folder: Path) -> None:
        try:
            self.sync_folder(folder)
        except OSError as error:
            raise NotSynced(*error.args) from error


def corrupt_path(path: Path) -> Path:
    """Return a free name, `*.corrupt`, for a file that cannot be read."""
    aside = path.with_name(f'{path.name}.corrupt')
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f'{path.name}.{number}.corrupt')
    return aside


def write_whole(path: Path, data: bytes, flag: int) -> None:
    """Open a file for the owner alone with an additional flag, and write all of the data."""
    flags = os.O_WRONLY | os.O_CREAT | flag | getattr(os, 'O_BINARY', 0)
    with os.fdopen(os.open(path, flags, 0o600), 'wb', buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]  # a nearly full disk accepts a part first


def sync_content(descriptor: int) -> None:
    """Sync the content of a file, or the names in a folder, to the disk."""
    if sys.platform == 'darwin':  # where fsync leaves the data in the memory of the drive
        import fcntl

        with contextlib.suppress(OSError):  # not every file system can do it
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def retry_on_permission_error(call: Callable[[], object], *, attempts: int) -> None:
    """Repeat a call after a pause as long as permission is denied and attempts are left."""
    for _ in range(attempts - 1):
        with contextlib.suppress(PermissionError):
            call()
            return
        time.sleep(RETRY_INTERVAL)
    call()


class DiskThread:
    """Runs functions one after the other, in the order of the calls; those that can wait pass nobody."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix='disk')
        self._deferred = asyncio.Semaphore(DEFERRED_AT_ONCE)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in the thread; it completes even if the caller is cancelled."""
        work = self._thread.submit(function, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(work))

    async def run_deferred(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that can wait: however many do, what is called with `run` has few before it.

        It is not called at all if the caller is cancelled while it waits.
        """
        async with self._deferred:
            return await self.run(function, *args, **kwargs)

    async def close(self) -> None:
        """Accept no more work, and return when everything started or queued is done."""
        last = self._thread.submit(lambda: None)
        self._thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(last))


class UncancellableTasks:
    """Runs operations in tasks of their own, which continue if their callers are cancelled."""

    def __init__(self) -> None:
        self._tasks = set[asyncio.Task[Any]]()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run an operation. If it fails after the caller was cancelled, the error is logged."""
        task = self.start(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_failure)
            raise

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start an operation in the background; it must handle its own failures."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait(self) -> None:
        """Wait until all started operations are done."""
        while self._tasks:
            await asyncio.wait(self._tasks)


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error('What a cancelled caller wanted to store was not stored', exc_info=error)
