"""Tasks that somebody has to end: each is ended, and waited for, by the stack of whoever has started it."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import AsyncExitStack

log = logging.getLogger(__name__)


def start_task(work: Coroutine[None, None, None], name: str, stack: AsyncExitStack) -> asyncio.Task[None]:
    """Start a task that is cancelled when the stack is closed, which waits for its end."""
    task = asyncio.create_task(work, name=name)
    stack.push_async_callback(_end_task, task)
    return task


async def _end_task(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        log.error('%s has failed', task.get_name(), exc_info=error)
