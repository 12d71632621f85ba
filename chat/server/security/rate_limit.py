"""Rate limits: a token bucket that delays, and a limit of failures per minute."""

import asyncio
from collections.abc import Callable
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from chat.server.security.request_head import HEAD_KEY, SESSION_KEY, RequestHead
from chat.sharing.access import Session

MAX_KEYS = 1000
"""Keys that are tracked; the least recently used are forgotten first."""

PAGE_COST = 10
"""The cost of a page in the rate limit of requests, since building one is expensive."""


class TokenBucket:
    """Delays what exceeds the rate, and drops nothing.

    A websocket that is not read fills up, so its peer must wait before it sends more.
    """

    def __init__(self, *, burst: float, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._free_at: dict[str, float] = {}
        """The time at which each key has its full burst again."""

    async def wait(self, key: str, cost: float = 1) -> None:
        """Return as soon as `key` may continue."""
        if (pause := self.delay(key, cost)) > 0:
            await asyncio.sleep(pause)

    def delay(self, key: str, cost: float = 1) -> float:
        """Spend the cost; return the seconds that `key` must wait."""
        now = self._clock()
        free = max(self._free_at.pop(key, now), now) + cost / self._per_second
        self._free_at[key] = free
        if len(self._free_at) > MAX_KEYS:
            self._free_at.pop(next(iter(self._free_at)))
        return max(0.0, free - now - self._burst / self._per_second)


class FailureLimiter:
    """Blocks a key after `limit` failures within a minute, until the minute is over."""

    def __init__(self, limit: int, clock: Callable[[], float] = monotonic) -> None:
        self._bucket = TokenBucket(burst=limit, per_second=limit / 60, clock=clock)

    def is_allowed(self, key: str) -> bool:
        return self._bucket.delay(key, 0) == 0

    def record_failure(self, key: str) -> None:
        self._bucket.delay(key)


class RequestRateLimit:
    """Delays the requests of each session that exceed the rate; none is rejected.

    It stands behind `RequestLimits`: what waits here counts, and is aborted when its session ends.
    """

    def __init__(self, app: ASGIApp, bucket: TokenBucket) -> None:
        self.app = app
        self._bucket = bucket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session: Session = scope[SESSION_KEY]
        head: RequestHead = scope[HEAD_KEY]
        await self._bucket.wait(session.id, PAGE_COST if head.path.startswith('/c/') else 1)
        await self.app(scope, receive, send)
