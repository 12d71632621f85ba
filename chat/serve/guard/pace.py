"""How fast anybody may go: a burst at once, then so much per second; who is faster waits."""

import asyncio
from collections.abc import Callable
from time import monotonic

MOST_KEYS = 1000
"""Of those whose pace is watched; those who have rested longest are forgotten first."""


class Pace:
    """Slows down who asks for too much, without losing anything of it.

    A socket that is not read fills up, and its other side must wait with what it sends.
    """

    def __init__(self, *, burst: float, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._free: dict[str, float] = {}
        """When each would have its whole burst again."""

    async def wait(self, key: str, cost: float = 1) -> None:
        """Return as soon as `key` may go on."""
        if (pause := self.pause(key, cost)) > 0:
            await asyncio.sleep(pause)

    def pause(self, key: str, cost: float = 1) -> float:
        """Take the cost, and tell the seconds that `key` must wait for it."""
        now = self._clock()
        free = max(self._free.pop(key, now), now) + cost / self._per_second
        self._free[key] = free
        if len(self._free) > MOST_KEYS:
            self._free.pop(next(iter(self._free)))
        return max(0.0, free - now - self._burst / self._per_second)


class Tries:
    """Counts who fails too often: `limit` failures within a minute, and there is no further try in it."""

    def __init__(self, limit: int, clock: Callable[[], float] = monotonic) -> None:
        self._pace = Pace(burst=limit, per_second=limit / 60, clock=clock)

    def are_left(self, key: str) -> bool:
        return self._pace.pause(key, 0) == 0

    def fail(self, key: str) -> None:
        self._pace.pause(key)
