"""Run storage operations to completion even if the caller is cancelled."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar('T')

log = logging.getLogger(__name__)


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
