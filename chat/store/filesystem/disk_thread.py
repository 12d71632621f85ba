"""A single thread for all disk work: the event loop is never blocked, and writes stay in order."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

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
