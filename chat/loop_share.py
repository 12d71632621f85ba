"""A share of the event loop for what comes without end, so that who asks for something is served in between.

Answers that are read as fast as they come, and pages that show them, may fill the loop: a turn of it takes as
long as all of them need then, and a page that is opened takes dozens of turns.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter
from weakref import WeakKeyDictionary

TURN_TIME = 0.01
"""Seconds of a turn of the loop after which nobody is let through, and fewer are in the next."""

FEWEST_AT_ONCE, MOST_AT_ONCE = 2, 64
"""How many are let through in one turn of a loop that is full, and of one that has time."""


class LoopShare:
    """Lets so many through in a turn of its loop that the turn is short, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting = deque[Callable[[], object]]()
        self._quota = MOST_AT_ONCE
        self._passed = 0
        """How many were let through in this turn."""
        self._began: float | None = None
        """When this turn began, by the clock of `perf_counter`; `None` if nobody has come since the last."""

    def call(self, function: Callable[[], object]) -> None:
        """Call a function: at once, unless this turn has had its share, else in one of the next."""
        if self._has_room():
            function()
        else:
            self._waiting.append(function)

    async def enter(self) -> None:
        """Return at once, unless this turn has had its share; else in one of the next."""
        if not self._has_room():
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(lambda: turn.done() or turn.set_result(None))
            await turn

    def _has_room(self) -> bool:
        if self._began is None:
            self._began = self._begin()
        is_late = perf_counter() - self._began > TURN_TIME
        if self._waiting or is_late or self._passed >= self._quota:
            return False
        self._passed += 1
        return True

    def _begin(self) -> float:
        asyncio.get_running_loop().call_soon(self._end, began := perf_counter())
        return began

    def _end(self, began: float) -> None:
        """End a turn, and let others through in the next."""
        if perf_counter() - began > TURN_TIME:
            self._quota = max(FEWEST_AT_ONCE, self._passed * 3 // 4)
        elif self._passed >= self._quota:
            self._quota = min(MOST_AT_ONCE, self._quota + 1)
        self._passed, self._began = min(self._quota, len(self._waiting)), None
        for _ in range(self._passed):
            asyncio.get_running_loop().call_soon(self._waiting.popleft())
        if self._passed:
            self._began = self._begin()


_SHARES = WeakKeyDictionary[asyncio.AbstractEventLoop, LoopShare]()


def share_of_loop() -> LoopShare:
    """Return that of the loop that runs."""
    loop = asyncio.get_running_loop()
    if not (share := _SHARES.get(loop)):
        share = _SHARES[loop] = LoopShare()
    return share
