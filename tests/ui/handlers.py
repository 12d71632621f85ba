"""What the handlers of a page's events do after they were called."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from nicegui import background_tasks

from tests.support.timeouts import WAIT_TIMEOUT


@asynccontextmanager
async def handled_to_the_end() -> AsyncGenerator[None]:
    """Wait at the end of the block for all that the handlers of its events have begun, and of no others.

    A handler that waits for something is a task of NiceGUI's. So is what a page does by itself: that goes on.
    """
    before = running_tasks()
    yield
    async with asyncio.timeout(WAIT_TIMEOUT):
        while begun := running_tasks() - before:
            await asyncio.wait(begun)


def running_tasks() -> set[asyncio.Task[object]]:
    """All of NiceGUI's but what pages do by themselves."""
    tasks = cast(set[asyncio.Task[object]], background_tasks.running_tasks)  # pyright: ignore[reportUnknownMemberType]
    return {task for task in tasks if 'work_on_page' not in repr(task.get_coro())}
