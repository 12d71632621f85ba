"""How those who look learn that there is something new."""

import asyncio


class Change:
    """Wakes all who wait, each time something has changed.

    It says that there is a change, not which one: who wakes up looks at the state as it is now.
    Several changes between two looks are one change, so a slow view never falls behind.
    """

    def __init__(self) -> None:
        self.count = 0
        """How often there was a change; read it before looking if anything is awaited before waiting."""
        self._next = asyncio.Event()

    def notify(self) -> None:
        self.count += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, seen: int | None = None) -> None:
        """Return after the next change, or at once if there was one since `count` was `seen`."""
        if seen in (None, self.count):
            await self._next.wait()
