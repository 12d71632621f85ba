"""The memory of pages that are gone, and of the conversations that only they showed: it is freed."""

import asyncio
import gc

QUIET = 10.0
"""Seconds in which no page has ended: looking for garbage holds up everybody, by up to 30 ms for each page.

Where pages come and go all the time, Python looks by itself.
"""


class Reclaiming:
    """Looks for garbage when pages were deleted.

    All that belongs to a page refers to itself in circles. Python looks for those as others are made: when
    the last page was closed, they would stay for as long as nobody comes.
    """

    def __init__(self, quiet: float = QUIET) -> None:
        self._quiet = quiet
        self._planned: asyncio.TimerHandle | None = None

    def note(self) -> None:
        """A page is being deleted: have it done when no other has been for a while."""
        if self._planned:
            self._planned.cancel()
        self._planned = asyncio.get_running_loop().call_later(self._quiet, gc.collect)
