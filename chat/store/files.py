"""Files that are replaced whole: at any moment, whatever fails, there is the old content or the new one."""

import contextlib
import os
import sys
from pathlib import Path

UNFINISHED = '.unfinished'
"""Ends the name of a file that is still being written."""


def replace(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file, only readable by its owner, in the place of the one that may be there.

    Args:
        path: The file; its folder exists.
        data: All of its new content.
        durable: Return only when the disk has it, so that a power cut cannot take it back.

    Raises:
        OSError: If it could not be written. Then the old content is still there; except if the very
            last step failed, the sync of the folder: then the new content is there, but may not last.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        _write(unfinished, data, durable=durable)
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            unfinished.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def _write(path: Path, data: bytes, *, durable: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, 'O_BINARY', 0), 0o600)
    with os.fdopen(descriptor, 'wb', buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]  # a disk that is nearly full takes a part first
        if durable:
            _sync(descriptor)


def _sync(descriptor: int) -> None:
    if sys.platform == 'darwin':  # where fsync leaves the data in the memory of the drive
        import fcntl

        with contextlib.suppress(OSError):  # not every file system can do it
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last: files that were renamed or removed."""
    if sys.platform == 'win32':  # which cannot open folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file for good; that there is none is no error."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def set_aside(path: Path) -> Path:
    """Rename a file that cannot be read to `*.corrupt`, never over an older one; return its new path."""
    aside = path.with_name(f'{path.name}.corrupt')
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f'{path.name}.{number}.corrupt')
    path.rename(aside)
    return aside


def prepare_folder(folder: Path) -> None:
    """Create a folder for the owner alone, remove what an unfinished `replace` has left, and try to write.

    Raises:
        OSError: If the folder cannot be read or written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for leftover in folder.glob(f'*{UNFINISHED}'):
        if leftover.is_file():
            leftover.unlink()
    trial = folder / f'trial{UNFINISHED}'
    trial.touch(mode=0o600)
    trial.unlink()
