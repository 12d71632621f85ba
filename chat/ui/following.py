"""How a view stays up to date: show the state, wait for a change, show again."""

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter

from nicegui import ui

from chat.change import Change

log = logging.getLogger(__name__)

FRAME = 0.05
"""Seconds from one look to the next at least; 20 a second look fluid."""

SHARE = 4
"""A look that took long is followed by a pause this many times as long, so that others get their turn."""


def follow(change: Change, show: Callable[[], object]) -> None:
    """Call `show` now and after every change, for as long as the element being built is on its page.

    `show` compares what it shows with what is, so it may be called at any time, any number of times.
    """

    async def look_again() -> None:
        while True:
            seen, begun = change.count, perf_counter()
            try:
                show()
            except Exception:
                log.exception('A page could not be brought up to date')  # the next change may go well
            await asyncio.sleep(max(FRAME, SHARE * (perf_counter() - begun)))
            await change.wait(seen)

    show()
    ui.timer(0, look_again, once=True)  # runs once the page is connected, and ends with the element
