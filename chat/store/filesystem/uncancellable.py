"""Work that is finished, whoever wanted it."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar('T')

log = logging.getLogger(__name__)


class UncancellableTasks:
    """Does work of several steps in tasks of its own, which go on if their callers are cancelled."""

    def __init__(self) -> None:
        self._tasks = set[asyncio.Task[Any]]()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work. If it fails and the caller is gone, the log says so."""
        task = self.start(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_failure)
            raise

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Have the work done; if nobody waits for it, it sees to its failures itself."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait(self) -> None:
        """Return when all that was begun is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error('What a cancelled caller wanted to store was not stored', exc_info=error)
