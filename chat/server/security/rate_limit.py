"""Rate limits: of the requests of a session, and of the wrong links that are opened from an address."""

import asyncio
from ipaddress import IPv6Address, ip_address
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from chat.server.security.error_page import RequestRejected
from chat.server.security.request_head import HEAD_KEY, SESSION_KEY, RequestHead
from chat.sharing.access import Session

MAX_KEYS = 1000
"""Keys that are tracked; the least recently used are forgotten first."""

MAX_WRONG_LINKS_PER_MINUTE = 20
"""Per address; then even a valid one is refused until the minute ends."""

PAGE_COST = 10
"""The cost of a page in the rate limit of requests, since building one is expensive."""


class TokenBucket:
    """Delays what exceeds the rate, and drops nothing.

    A websocket that is not read fills up, so its peer must wait before it sends more.
    """

    def __init__(self, *, burst: float, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._free_at: dict[str, float] = {}
        """The time at which each key has its full burst again."""

    async def wait(self, key: str, cost: float = 1) -> None:
        """Return as soon as `key` may continue."""
        if (pause := self.delay(key, cost)) > 0:
            await asyncio.sleep(pause)

    def delay(self, key: str, cost: float = 1) -> float:
        """Spend the cost; return the seconds that `key` must wait."""
        now = monotonic()
        free = max(self._free_at.pop(key, now), now) + cost / self._per_second
        self._free_at[key] = free
        if len(self._free_at) > MAX_KEYS:
            self._free_at.pop(next(iter(self._free_at)))
        return max(0.0, free - now - self._burst / self._per_second)


class WrongLinkLimit:
    """Blocks an address from which too many wrong links were opened, until the minute is over."""

    def __init__(self) -> None:
        per_second = MAX_WRONG_LINKS_PER_MINUTE / 60
        self._bucket = TokenBucket(burst=MAX_WRONG_LINKS_PER_MINUTE, per_second=per_second)

    def check(self, peer: str) -> None:
        """Raise `RequestRejected` if `peer`, an IP address, is blocked."""
        if self._bucket.delay(_household_of(peer), 0) > 0:
            raise RequestRejected(
                429,
                'Too many wrong links were opened from your address. Wait a minute.',
                title='Too many attempts',
            )

    def record(self, peer: str) -> None:
        """Count a wrong link that was opened from `peer`."""
        self._bucket.delay(_household_of(peer))


def _household_of(peer: str) -> str:
    """Return the part of an address that a household shares: of IPv6 the first half."""
    try:
        address = ip_address(peer)
    except ValueError:
        return peer
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else peer


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
