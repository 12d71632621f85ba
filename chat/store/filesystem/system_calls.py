"""System calls that need more than one attempt or a fallback."""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

RETRY_INTERVAL = 0.05
"""Seconds between attempts."""


def write_whole(path: Path, data: bytes, flag: int) -> None:
    """Open a file for the owner alone with an additional flag, and write all of the data."""
    flags = os.O_WRONLY | os.O_CREAT | flag | getattr(os, 'O_BINARY', 0)
    with os.fdopen(os.open(path, flags, 0o600), 'wb', buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]  # a nearly full disk accepts a part first


def sync_content(descriptor: int) -> None:
    """Sync the content of a file, or the names in a folder, to the disk."""
    if sys.platform == 'darwin':  # where fsync leaves the data in the memory of the drive
        import fcntl

        with contextlib.suppress(OSError):  # not every file system can do it
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def retry_on_permission_error(call: Callable[[], object], *, attempts: int) -> None:
    """Repeat a call after a pause as long as permission is denied and attempts are left."""
    for _ in range(attempts - 1):
        with contextlib.suppress(PermissionError):
            call()
            return
        time.sleep(RETRY_INTERVAL)
    call()
