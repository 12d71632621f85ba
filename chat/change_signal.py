"""ChangeSignal: wakes the viewers of a state when it has changed."""

import asyncio

FRAME_INTERVAL = 0.125
"""Seconds from one notice to the next while an answer streams; pages show what came in two steps."""

FRAME_TIME_PER_CHARACTER = 1e-6
"""Seconds by which a frame is longer for each character of an answer: a long page costs more to draw."""

MAX_FRAME_INTERVAL = 0.16
"""Seconds of a frame for that reason."""

FRAME_TIME_PER_VIEWER = 2.5e-4
"""Seconds by which a frame is longer for each who waits: so half of the time is left for everything else."""

WAKING_AT_ONCE = 50
"""How many are told of growth at once; the others come after what else there is to do."""

WAKING_TO_MORE = 4
"""The same for other changes: a page that builds a new turn takes some milliseconds, not a tenth of one."""

LATENESS_FACTOR = 8
"""A frame is at least so many times as long as the event loop was late: who is busy is told less often."""

MAX_LATE_INTERVAL = 1.0
"""Seconds of a frame, however busy the event loop is."""


class ChangeSignal:
    """Wakes all who wait, each time something has changed.

    It says that there is a change, not which one: who wakes up looks at the state as it is now.
    Several changes between two looks are one change, so a slow view never falls behind.
    """

    def __init__(self) -> None:
        self.count = 0
        """How often there was a change; read it before looking if anything is awaited before waiting."""
        self.count_without_growth = 0
        """How often there was one that is more than the growth of an answer."""
        self._waiters: list[asyncio.Future[None]] = []
        self._relays: list[ChangeSignal] = []
        self._frame = FRAME_INTERVAL
        self._frame_ends = 0.0
        self._at_end: asyncio.TimerHandle | None = None

    def notify(self) -> None:
        """Wake all who wait."""
        self.count_without_growth += 1
        self._notify(WAKING_TO_MORE)
        for other in self._relays:
            other.notify()

    def notify_soon(self, length: int = 0) -> None:
        """Tell of growth once a frame: first at once, and last at the end of its frame at the latest.

        `length` counts the characters of the answer that grows; a long one has longer frames, and so has one
        that many look at. These are woken together, so that what they look at is rendered once for all.
        """
        loop = asyncio.get_running_loop()
        self._frame = min(FRAME_INTERVAL + length * FRAME_TIME_PER_CHARACTER, MAX_FRAME_INTERVAL)
        if self._at_end is None and loop.time() < self._frame_ends:
            self._at_end = loop.call_at(self._frame_ends, self._end_frame)
        elif self._at_end is None:
            self._begin_frame(loop.time(), 0.0)

    async def wait(self, seen: int | None = None) -> None:
        """Return after the next change, or at once if there was one since `count` was `seen`."""
        if seen in (None, self.count):
            waiter = self.next_change()
            try:
                await waiter
            finally:
                if not waiter.done() or waiter.cancelled():
                    self.forget(waiter)

    def next_change(self) -> asyncio.Future[None]:
        """Return what is done with the next change; who does not wait any more has it forgotten."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return waiter

    def forget(self, waiter: asyncio.Future[None]) -> None:
        """Tell who waits no more; what is done by then has its callbacks called nevertheless."""
        self._waiters = [other for other in self._waiters if other is not waiter]

    @property
    def is_awaited(self) -> bool:
        """Whether anybody waits for the next change."""
        return bool(self._waiters)

    def relay_to(self, other: 'ChangeSignal') -> None:
        """Have each change here be one of `other` too: of what is made of this and more."""
        self._relays.append(other)

    def _end_frame(self) -> None:
        now = asyncio.get_running_loop().time()
        self._begin_frame(now, late=now - self._frame_ends)

    def _begin_frame(self, now: float, late: float) -> None:
        length = max(self._frame, LATENESS_FACTOR * late, FRAME_TIME_PER_VIEWER * len(self._waiters))
        self._frame_ends = now + min(length, MAX_LATE_INTERVAL)
        self._notify(WAKING_AT_ONCE)
        for other in self._relays:
            other.notify()

    def _notify(self, at_once: int) -> None:
        if self._at_end:
            self._at_end.cancel()
            self._at_end = None
        self.count += 1
        waiters, self._waiters = self._waiters, []
        _wake(waiters, at_once)


def _wake(waiters: list[asyncio.Future[None]], at_once: int) -> None:
    """Wake some, and the others in the next turn of the loop."""
    for waiter in waiters[:at_once]:
        if not waiter.done():
            waiter.set_result(None)
    if others := waiters[at_once:]:
        others[0].get_loop().call_soon(_wake, others, at_once)
