"""What the log says when a connection cannot be accepted, for there is no file descriptor left."""

import asyncio
import errno
import logging
from typing import Any

log = logging.getLogger(__name__)

EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

BETWEEN_LINES = 60
"""Seconds from one line to the next: asyncio tells of each connection that waits, every second."""


class Exhaustion:
    """Tells of it in one line, where asyncio would write a traceback for each connection that waits."""

    def __init__(self) -> None:
        self._told = float('-inf')

    def handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle what nobody else has handled in this loop; all other things are left to asyncio."""
        error = context.get('exception')
        if not (isinstance(error, OSError) and error.errno in EXHAUSTED and 'socket' in context):
            loop.default_exception_handler(context)
        elif loop.time() - self._told >= BETWEEN_LINES:
            self._told = loop.time()
            log.warning('New connections have to wait: %s. Close some pages.', error.strerror)
