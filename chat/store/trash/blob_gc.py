"""Garbage collection of blobs that no file names any more, while conversations are being stored."""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from chat.store.conversations.blobs import BlobStore

STEP_BYTES = 4 * 1024 * 1024
"""Bytes of files to scan in one step: some 5 ms, during which the disk thread does nothing else."""

_BLOB_MARK = b'blob'
_BLOB_NAME_PATTERN = re.compile(rb'blob\\*"\s*:\s*\\*"([0-9a-f]{64})')
"""Also in a checkpoint, which is a JSON text in a line of JSON."""

FileStamp: TypeAlias = tuple[int, int, int]


class BlobCollector:
    """Scans all files for names of blobs, in steps, then removes the blobs that none of them names.

    Between the steps anything may be stored, copied or moved: the last step scans again every file that
    is new or changed. Blocks; for the disk thread only. Every step may raise `OSError`, and then nothing
    was removed.
    """

    def __init__(
        self, blobs: BlobStore, folders: Iterable[Path], *, candidates: Iterable[str] | None = None
    ) -> None:
        """Consider all blobs that exist now, or only the `candidates` among them.

        Args:
            blobs: The blobs.
            folders: Folders with files that may name blobs, whatever these files are called.
            candidates: Only these blobs are removed.
        """
        self._blobs = blobs
        self._folders = [folder for folder in folders if folder.is_dir()]
        self._unreferenced = blobs.names() if candidates is None else blobs.names() & set(candidates)
        self._seen: dict[str, FileStamp] = {}
        self._pending_files = self._unscanned_files()

    def scan_step(self) -> bool:
        """Scan some files; return whether there are more to scan."""
        size = 0
        while self._pending_files and self._unreferenced and size < STEP_BYTES:
            size += self._scan_file(self._pending_files.pop())
        return bool(self._pending_files and self._unreferenced)

    def collect(self) -> int:
        """Scan the remaining files, and remove the unused blobs; return how many there were."""
        for file in self._unscanned_files():
            self._scan_file(file)
        return self._blobs.remove(self._unreferenced)

    def _scan_file(self, file: os.DirEntry[str]) -> int:
        try:
            stamp, data = _stamp(file), Path(file.path).read_bytes()
        except FileNotFoundError:  # removed meanwhile, or moved: then it is scanned at its new path
            return 0
        self._unreferenced -= blobs_named_in(data)
        self._seen[file.path] = stamp
        return len(data)

    def _unscanned_files(self) -> list[os.DirEntry[str]]:
        if not self._unreferenced:
            return []
        files = (file for folder in self._folders for file in os.scandir(folder) if file.is_file())
        return [
            file for file in files if file.path not in self._seen or self._seen[file.path] != _stamp(file)
        ]


def _stamp(file: os.DirEntry[str]) -> FileStamp:
    """Return a stamp that changes with the content of a file."""
    stat = Path(file.path).stat()  # `file.stat()` would return the state when the folder was read
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def blobs_named_by(paths: Iterable[Path]) -> set[str]:
    """Return the names of the blobs in these files; a missing file is no error.

    Raises:
        OSError: If one cannot be read.
    """
    named: set[str] = set()
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            named |= blobs_named_in(path.read_bytes())
    return named


def blobs_named_in(data: bytes) -> set[str]:
    """Return the names of the blobs in the content of a file, which may be damaged."""
    names: set[str] = set()
    at = data.find(_BLOB_MARK)  # much faster than the pattern alone, and it holds the interpreter's lock
    while at >= 0:
        if found := _BLOB_NAME_PATTERN.match(data, at):
            names.add(found[1].decode())
        at = data.find(_BLOB_MARK, at + len(_BLOB_MARK))
    return names
