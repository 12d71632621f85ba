"""Signals and gates between a test and what runs in another thread or event loop."""

import asyncio
from concurrent.futures import Future
from threading import Lock

from tests.support.timeouts import WAIT_TIMEOUT


class Signal:
    """Happens once. Any thread may set it, any thread or event loop may wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._future = Future[None]()
        self._future.set_running_or_notify_cancel()  # else a waiter that gives up cancels it for all others

    @property
    def is_set(self) -> bool:
        return self._future.done()

    def set(self) -> None:
        """Let it happen; a second time does nothing."""
        with self._lock:
            if not self._future.done():
                self._future.set_result(None)

    async def wait(self, timeout: float = WAIT_TIMEOUT) -> None:  # noqa: ASYNC109  # as a caller says it
        """Wait in an event loop.

        Raises:
            TimeoutError: If it did not happen in that many seconds.
        """
        async with asyncio.timeout(timeout):
            await asyncio.wrap_future(self._future)

    def wait_blocking(self, timeout: float = WAIT_TIMEOUT) -> None:
        """Wait in a thread that has no event loop.

        Raises:
            TimeoutError: If it did not happen in that many seconds.
        """
        self._future.result(timeout)


class Gate:
    """Holds an answer at one place until the test lets it go on."""

    def __init__(self) -> None:
        self.reached = Signal()
        """Set when the answer stands before the gate."""
        self.released = Signal()

    def release(self) -> None:
        self.released.set()

    async def hold(self) -> None:
        """Stand before the gate, for as long as it takes."""
        self.reached.set()
        await self.released.wait(timeout=3600)
