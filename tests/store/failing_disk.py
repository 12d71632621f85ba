"""A disk on which something fails."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from chat.store.filesystem.disk import Disk

T = TypeVar('T')


class FailingDisk(Disk):
    """Fails from the operation with number `first` on, for so many operations."""

    def __init__(self, first: int = 0, *, times: int = 0) -> None:
        self.first = first
        self.times = times
        self.operations = 0

    def write(self, path: Path, data: bytes) -> None:
        self._count(lambda: Disk.write(self, path, data[: len(data) // 2]))
        super().write(path, data)

    def extend(self, path: Path, data: bytes) -> None:
        self._count(lambda: Disk.extend(self, path, data[: len(data) // 2]))
        super().extend(path, data)

    def truncate(self, path: Path, size: int) -> None:
        self._count()
        super().truncate(path, size)

    def sync(self, path: Path) -> None:
        self._count()

    def rename(self, source: Path, target: Path) -> None:
        self._count()
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._count()
        super().unlink(path)

    def make_folder(self, folder: Path) -> None:
        self._count()
        super().make_folder(folder)

    def sync_folder(self, folder: Path) -> None:
        self._count()

    def _count(self, half: Callable[[], None] = lambda: None) -> None:
        """Fail if it is time to, perhaps when half of the work is done."""
        self.operations += 1
        if self.first <= self.operations < self.first + self.times:
            half()
            raise OSError(errno.ENOSPC, 'No space left on device')


class FullDisk(FailingDisk):
    """Has no room for new data for a while; to cut and to remove files is always possible."""

    def write(self, path: Path, data: bytes) -> None:
        if data:
            super().write(path, data)
        else:
            Disk.write(self, path, data)

    def truncate(self, path: Path, size: int) -> None:
        Disk.truncate(self, path, size)

    def sync(self, path: Path) -> None: ...

    def rename(self, source: Path, target: Path) -> None:
        Disk.rename(self, source, target)

    def unlink(self, path: Path) -> None:
        Disk.unlink(self, path)

    def sync_folder(self, folder: Path) -> None: ...
