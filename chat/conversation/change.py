"""How those who look learn that there is something new."""

import asyncio


class Change:
    """Wakes all who wait, each time something has changed.

    It says that there is a change, not which one: who wakes up looks at the state as it is now.
    Several changes between two looks are one change, so a slow view never falls behind.
    """

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def notify(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self) -> None:
        await self._next.wait()
