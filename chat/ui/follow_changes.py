"""How a view stays up to date: show the state, wait for a change, show again."""

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from nicegui import ui
from nicegui.slot import Slot

from chat.change_signal import ChangeSignal
from chat.loop_share import share_of_loop
from chat.nicegui_compat import cancel_on_deletion
from chat.ui.page_messages import backlog_of
from chat.ui.page_tasks import call_when_connected

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
    show()
    Follower(change, show, ui.context.slot)


class Follower:
    """Looks again after each change, once its page is connected, until it is cancelled.

    A page has some thirty, most of which only wait: a task for each would take a fifth of what a page does.
    """

    __slots__ = ('_change', '_is_over', '_show', '_slot', '_waiter')

    def __init__(self, change: ChangeSignal, show: Callable[[], object], slot: Slot) -> None:
        self._change = change
        self._show = show
        self._slot = slot
        self._is_over = False
        self._waiter: asyncio.Future[None] | None = None
        cancel_on_deletion(slot.parent, self)
        call_when_connected(slot.parent.client, self._look)

    def cancel(self) -> None:
        """Look no more."""
        self._is_over = True
        if self._waiter:
            self._change.forget(self._waiter)
            self._waiter = None

    def _look(self) -> None:
        """Show what is, and what may have changed meanwhile, but not to a page that is slow, frozen or away.

        That gets all it lacks in one piece.
        """
        if self._is_over:
            return
        loop = asyncio.get_running_loop()
        if backlog_of(self._slot.parent.client) > MAX_BACKLOG_MESSAGES:
            loop.call_later(BACKLOG_CHECK_INTERVAL, self._look)
            return
        seen, begun = self._change.count, perf_counter()
        try:
            with self._slot:
                self._show()
        except Exception:
            log.exception('A page could not be brought up to date')  # the next change may go well
        if (spent := perf_counter() - begun) > MIN_LOOK_TIME:
            loop.call_later(min(IDLE_FACTOR * spent, MAX_PAUSE), self._wait, seen)
        else:
            self._wait(seen)

    def _wait(self, seen: int) -> None:
        if self._is_over:
            return
        if self._change.count != seen:
            asyncio.get_running_loop().call_soon(self._look_again)
            return
        self._waiter = self._change.next_change()
        self._waiter.add_done_callback(self._look_again)

    def _look_again(self, _: asyncio.Future[None] | None = None) -> None:
        self._waiter = None
        share_of_loop().call(self._look)
