"""Calls of the system for one open file."""

import contextlib
import os
import sys
from pathlib import Path


def write_whole(path: Path, data: bytes, flag: int) -> None:
    """Open a file of the owner alone with this flag besides, and write all of the data."""
    flags = os.O_WRONLY | os.O_CREAT | flag | getattr(os, 'O_BINARY', 0)
    with os.fdopen(os.open(path, flags, 0o600), 'wb', buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]  # a disk that is nearly full takes a part first


def sync_content(descriptor: int) -> None:
    """Return when the disk has the content of a file."""
    if sys.platform == 'darwin':  # where fsync leaves the data in the memory of the drive
        import fcntl

        with contextlib.suppress(OSError):  # not every file system can do it
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)
