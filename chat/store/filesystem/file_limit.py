"""The limit of open files and connections of this process."""

import logging
import sys

log = logging.getLogger(__name__)

WANTED_FILES = 8192
"""Open files and connections; a page needs one or two, and some systems allow only 256 by default."""


def raise_file_limit() -> None:
    """Raise the limit of this process as far as the system allows; a failure is logged."""
    if sys.platform == 'win32':  # which has no such limit
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        log.info('Up to %d files and connections may be open, not %d', wanted, soft)
    except (OSError, ValueError) as error:
        log.warning('Only %d files and connections may be open: %s', soft, error)
