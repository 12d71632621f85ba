"""A clock of the test's own: waiting takes no time, and time passes only by waiting."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any


class _Selector(selectors.SelectSelector):
    """Waits for nothing: it says by how much the clock is to be put forward instead."""

    loop: 'ClockLoop'

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.loop.now += timeout
        return ready


class ClockLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock a test may also put forward by hand, as when something has blocked it."""

    def __init__(self) -> None:
        self.now = 0.0
        """Seconds."""
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def on_a_clock(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Make a test out of a coroutine that lives by such a clock."""

    @wraps(test)
    def run() -> None:
        with asyncio.Runner(loop_factory=ClockLoop) as runner:
            runner.run(test())

    del run.__wrapped__  # pyright: ignore[reportFunctionMemberAccess]  # else pytest takes it for a coroutine
    return run


def clock() -> ClockLoop:
    """The clock by which the running coroutine lives."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ClockLoop)
    return loop
