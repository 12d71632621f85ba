"""How a view stays up to date: show the state, wait for a change, show again."""

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from nicegui import Client, ui

from chat.change_signal import ChangeSignal
from chat.ui.page_messages import backlog_of
from chat.ui.page_tasks import start_when_connected

log = logging.getLogger(__name__)

IDLE_FACTOR = 4
"""A look that took long is followed by a pause this many times as long, so that others get their turn."""

MIN_LOOK_TIME, MAX_PAUSE = 0.002, 1.0
"""Seconds of a look from which on there is such a pause, and those of the longest one."""

MAX_BACKLOG_MESSAGES = 300
"""Messages that a page has not confirmed yet, after which it gets no more; it does so every three seconds."""

BACKLOG_CHECK_INTERVAL = 0.1
"""Seconds from one look at what it has confirmed to the next."""


class PageView(Protocol):
    """A part of the page."""

    def show(self) -> None:
        """Bring it up to date."""
        ...


def follow(change: ChangeSignal, show: Callable[[], object]) -> None:
    """Call `show` now and after every change, for as long as the element being built is on its page.

    `show` compares what it shows with what is, so it may be called at any time, any number of times.
    """
    client = ui.context.client

    async def look_again() -> None:
        while True:
            seen, begun = change.count, perf_counter()
            try:
                show()
            except Exception:
                log.exception('A page could not be brought up to date')  # the next change may go well
            if (spent := perf_counter() - begun) > MIN_LOOK_TIME:
                await asyncio.sleep(min(IDLE_FACTOR * spent, MAX_PAUSE))
            await change.wait(seen)
            await wait_for_outbox(client)

    show()
    start_when_connected(look_again)


async def wait_for_outbox(client: Client) -> None:
    """Wait for a page that is slow, frozen or disconnected; then it gets all it lacks in one piece."""
    while backlog_of(client) > MAX_BACKLOG_MESSAGES:  # noqa: ASYNC110  # no event says so
        await asyncio.sleep(BACKLOG_CHECK_INTERVAL)
