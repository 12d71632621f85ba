"""All changes to the disk: files are replaced whole or grow at their end, and names change at once.

At any moment, whatever fails, there is the old content of a file or the new one. Reading needs no `Disk`.
"""

import contextlib
import logging
import os
import sys
from pathlib import Path

from chat.store.filesystem.system_calls import retry_on_permission_error, sync_content, write_whole

log = logging.getLogger(__name__)

UNFINISHED_SUFFIX = '.unfinished'
"""Ends the name of a file that is still being written."""

RENAME_ATTEMPTS = 10 if sys.platform == 'win32' else 1
"""How often a name is changed: on Windows a virus scanner, or our search, may hold a file for a moment."""


class NotSynced(OSError):
    """The new content or name is there, but the disk could not promise that it lasts."""


class Disk:
    """Few primitives, and what is built on them.

    The primitives, each one call of the system, may be recorded, failed or delayed by a subclass. All of
    them raise `OSError`.
    """

    def write(self, path: Path, data: bytes) -> None:
        """Primitive: create a file, only readable by its owner, or empty it, and fill it."""
        write_whole(path, data, os.O_TRUNC)

    def extend(self, path: Path, data: bytes) -> None:
        """Primitive: add to the end of a file, which is created if need be; a part may stay if it fails."""
        write_whole(path, data, os.O_APPEND)

    def truncate(self, path: Path, size: int) -> None:
        """Primitive: cut a file to its first `size` bytes."""
        os.truncate(path, size)

    def sync(self, path: Path) -> None:
        """Primitive: make the content of a file last."""
        descriptor = os.open(path, os.O_RDWR)
        try:
            sync_content(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Primitive: give a file another name, in the place of the file that may have it."""
        retry_on_permission_error(lambda: source.replace(target), attempts=RENAME_ATTEMPTS)

    def unlink(self, path: Path) -> None:
        """Primitive: remove a file; that there is none is no error."""
        retry_on_permission_error(lambda: path.unlink(missing_ok=True), attempts=RENAME_ATTEMPTS)

    def make_folder(self, folder: Path) -> None:
        """Primitive: create a folder for the owner alone; that it is there is no error."""
        folder.mkdir(mode=0o700, exist_ok=True)

    def make_private(self, folder: Path) -> None:
        """Have nobody but the owner of a folder read what is in it; that it belongs to another is logged."""
        if sys.platform == 'win32' or not folder.stat().st_mode & 0o077:
            return
        try:
            folder.chmod(0o700)
            log.warning('The folder %s was open to others, and is closed now', folder)
        except OSError as error:
            log.warning('The folder %s is open to others: %s', folder, error.strerror)

    def sync_folder(self, folder: Path) -> None:
        """Primitive: make the names in a folder last: files that were created, renamed or removed."""
        if sys.platform == 'win32':  # which cannot open folders
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            sync_content(descriptor)
        finally:
            os.close(descriptor)

    def replace(self, path: Path, data: bytes, *, durable: bool = True) -> None:
        """Write a file, only readable by its owner, in the place of the one that may be there.

        Args:
            path: The file; its folder exists.
            data: All of its new content.
            durable: Return only when the disk has it, so that a power cut cannot take it back.

        Raises:
            OSError: If it could not be written. Then the old content is still there.
            NotSynced: If only the very last step failed: then the new content is there, but may not last.
        """
        unfinished = path.with_name(path.name + UNFINISHED_SUFFIX)
        try:
            self.write(unfinished, data)
            if durable:
                self.sync(unfinished)
            self.rename(unfinished, path)
        except BaseException:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                self.unlink(unfinished)
            raise
        if durable:
            self._sync_names(path.parent)

    def append(self, path: Path, data: bytes, *, durable: bool) -> None:
        """Add to the end of a file, which is created if need be: all or nothing.

        Args:
            path: The file; its folder exists.
            data: What is added.
            durable: Return only when the disk has it, and the name of a file that this call has created.

        Raises:
            OSError: If it failed; the file is as before, unless the disk does not even let us cut it back.
        """
        size = path.stat().st_size if path.exists() else None
        try:
            self.extend(path, data)
            if durable:
                self.sync(path)
            if durable and size is None:
                self.sync_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):  # as above
                self.unlink(path) if size is None else self.truncate(path, size)
            raise

    def remove(self, path: Path) -> None:
        """Remove a file for good; that there is none is no error.

        Raises:
            NotSynced: If the file is gone, but may come back.
        """
        self.unlink(path)
        self._sync_names(path.parent)

    def move(self, source: Path, target: Path) -> None:
        """Rename a file, also from folder to folder, in the place of the one that may be there, for good.

        Raises:
            OSError: If it could not be renamed.
            NotSynced: If it has the new name, but after a power cut may have the old one, or both.
        """
        self.rename(source, target)
        self._sync_names(target.parent)
        if source.parent != target.parent:
            self._sync_names(source.parent)

    def set_aside(self, path: Path) -> Path:
        """Rename a file that cannot be read to `*.corrupt`, never over an older one; return its new path."""
        aside = corrupt_path(path)
        self.rename(path, aside)
        return aside

    def prepare_folder(self, folder: Path) -> None:
        """Create a folder for the owner alone, remove what a `replace` has left unfinished, and try to write.

        Raises:
            OSError: If the folder cannot be read or written.
        """
        self._create(folder)
        self.make_private(folder)
        for leftover in folder.glob(f'*{UNFINISHED_SUFFIX}'):
            if leftover.is_file():
                self.unlink(leftover)
        trial = folder / f'trial{UNFINISHED_SUFFIX}'
        self.write(trial, b'')
        self.unlink(trial)

    def _create(self, folder: Path) -> None:
        if not folder.is_dir():
            self._create(folder.parent)
            self.make_folder(folder)
            self.sync_folder(folder.parent)

    def _sync_names(self, folder: Path) -> None:
        try:
            self.sync_folder(folder)
        except OSError as error:
            raise NotSynced(*error.args) from error


def corrupt_path(path: Path) -> Path:
    """Where to keep a file that cannot be read: `*.corrupt`, a name that is not taken."""
    aside = path.with_name(f'{path.name}.corrupt')
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f'{path.name}.{number}.corrupt')
    return aside
