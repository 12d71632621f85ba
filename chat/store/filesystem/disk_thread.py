"""Disk work that blocks nobody: one thread for all of it, and operations that run to completion.

The event loop is never blocked, and writes stay in order.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

log = logging.getLogger(__name__)

P = ParamSpec('P')
T = TypeVar('T')


class DiskThread:
    """Runs functions one after the other, in the order of the calls."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix='disk')

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in the thread; it completes even if the caller is cancelled."""
        work = self._thread.submit(function, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(work))

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
