"""How fast anybody may go: a burst at once, then so much per second; who is faster waits."""

import asyncio
from collections.abc import Callable
from time import monotonic

MAX_KEYS = 1000
"""Of those whose pace is watched; those who have rested longest are forgotten first."""


class TokenBucket:
    """Slows down who asks for too much, without losing anything of it.

    A socket that is not read fills up, and its other side must wait with what it sends.
    """

    def __init__(self, *, burst: float, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._free_at: dict[str, float] = {}
        """When each would have its whole burst again."""

    async def wait(self, key: str, cost: float = 1) -> None:
        """Return as soon as `key` may go on."""
        if (pause := self.delay(key, cost)) > 0:
            await asyncio.sleep(pause)

    def delay(self, key: str, cost: float = 1) -> float:
        """Take the cost, and tell the seconds that `key` must wait for it."""
        now = self._clock()
        free = max(self._free_at.pop(key, now), now) + cost / self._per_second
        self._free_at[key] = free
        if len(self._free_at) > MAX_KEYS:
            self._free_at.pop(next(iter(self._free_at)))
        return max(0.0, free - now - self._burst / self._per_second)


class FailureLimiter:
    """Counts who fails too often: `limit` failures within a minute, and there is no further try in it."""

    def __init__(self, limit: int, clock: Callable[[], float] = monotonic) -> None:
        self._bucket = TokenBucket(burst=limit, per_second=limit / 60, clock=clock)

    def is_allowed(self, key: str) -> bool:
        return self._bucket.delay(key, 0) == 0

    def record_failure(self, key: str) -> None:
        self._bucket.delay(key)
