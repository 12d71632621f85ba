"""Errors that nobody has handled in an event loop, and that are no faults: told in a line, or not at all."""

import asyncio
import errno
import logging
from typing import Any

log = logging.getLogger(__name__)

RESOURCE_ERRORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""Why a connection cannot be accepted: there is no file descriptor or no memory left."""

RESOURCE_LOG_INTERVAL = 60
"""Seconds from one line to the next: asyncio tells of each connection that waits, every second."""


class LoopErrorHandler:
    """Handles what asyncio would write a traceback of; all else is left to asyncio."""

    def __init__(self) -> None:
        self._logged_at = float('-inf')

    def handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle an exception of this loop, as `set_exception_handler` gives it."""
        error = context.get('exception')
        if isinstance(error, OSError) and error.errno in RESOURCE_ERRORS and 'socket' in context:
            self._log_refused(loop.time(), error)
        elif isinstance(error, RuntimeError) and 'asyncgen' in context:
            # A loop that ends closes all generators at once, also one that another is just closing: those
            # from which an answer was read until the end.
            log.debug('A generator was being closed already', exc_info=error)
        else:
            loop.default_exception_handler(context)

    def _log_refused(self, time: float, error: OSError) -> None:
        if time - self._logged_at >= RESOURCE_LOG_INTERVAL:
            self._logged_at = time
            log.warning('New connections have to wait: %s. Close some pages.', error.strerror)
