"""A folder while it is open: what can be done with a name in it, without following a link.

A name is looked up in the very folder that was opened, so that nothing that is swapped in between a check and
a use leads elsewhere. Where the platform cannot do that (Windows), everything is looked up by its whole path,
and each step of that is looked at again once something is open.
"""

import hashlib
import os
import secrets
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chat.agent.tools.folder_rules import HIDDEN_MESSAGE, is_link
from chat.errors import FolderRefused

MAX_FILE_BYTES = 5_000_000
"""Bytes of a file that is read; models cannot be given nearly as many."""

WALKS_BY_DESCRIPTOR = os.open in os.supports_dir_fd and hasattr(os, 'O_NOFOLLOW')
"""Whether a file can be opened below a folder that is open."""

LINK_MESSAGE = '“{}” is a link. Links are not followed: they may lead out of the folder.'
MOVED_MESSAGE = '“{}” has just been moved. Try again.'
CHANGED_MESSAGE = '“{}” has changed since the difference was shown. Nothing was written; read it again first.'

_FLAGS = getattr(os, 'O_NOFOLLOW', 0) | getattr(os, 'O_CLOEXEC', 0) | getattr(os, 'O_BINARY', 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file or a folder."""

    path: str
    """From the chosen folder on, with slashes."""
    is_folder: bool
    size: int
    """In bytes; 0 for a folder."""


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """A folder while it is open; it is closed by leaving it as a context manager.

    The methods raise `FolderRefused` with a sentence, or an `OSError`.
    """

    path: Path
    descriptor: int | None
    """`None` where a name is looked up by the whole path."""
    known: os.stat_result
    private: os.stat_result | None
    """The folder that is left out."""
    outer: 'OpenFolder | None' = None

    def __enter__(self) -> 'OpenFolder':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)

    def names(self) -> list[str]:
        """Return what things in it are called."""
        names = os.listdir(self.path if self.descriptor is None else self.descriptor)  # noqa: PTH208  # by descriptor
        self._check()
        return names

    def entry(self, name: str, parts: Sequence[str]) -> Entry | None:
        """Return what this is, in the folder that these parts lead to; `None` if it is left out."""
        try:
            known = self._stat(name)
        except OSError:
            return None  # it has gone meanwhile
        is_folder, is_file = stat.S_ISDIR(known.st_mode), stat.S_ISREG(known.st_mode)
        if is_link(known) or self._is_private(known) or not (is_folder or is_file):
            return None
        return Entry(path='/'.join((*parts, name)), is_folder=is_folder, size=known.st_size if is_file else 0)

    def is_free(self, name: str) -> bool:
        """Return whether nothing has this name, not even a link that leads nowhere."""
        try:
            self._stat(name)
        except FileNotFoundError:
            return True
        return False

    def enter(self, name: str) -> 'OpenFolder':
        """Open a folder in this one."""
        known = self._stat(name)
        if is_link(known):
            raise FolderRefused(LINK_MESSAGE.format(name))
        if self._is_private(known):
            raise FolderRefused(HIDDEN_MESSAGE.format(name))
        if not stat.S_ISDIR(known.st_mode):
            raise FolderRefused(f'“{name}” is no folder.')
        descriptor = None
        if self.descriptor is not None:
            descriptor = open_folder(name, self.descriptor)
        inner = OpenFolder(self.path / name, descriptor, known, self.private, self)
        if descriptor is not None and not os.path.samestat(os.fstat(descriptor), known):
            inner.close()
            raise FolderRefused(MOVED_MESSAGE.format(name))
        return inner

    def make(self, name: str) -> None:
        """Make a folder in this one, unless there is something of this name."""
        with suppress(FileExistsError):
            os.mkdir(self._name(name), dir_fd=self.descriptor)

    def read(self, name: str) -> bytes:
        known = self._regular(name)
        flags = (
            os.O_RDONLY | getattr(os, 'O_NONBLOCK', 0) | _FLAGS
        )  # a pipe that was swapped in holds up nobody
        descriptor = os.open(self._name(name), flags, dir_fd=self.descriptor)
        with os.fdopen(descriptor, 'rb') as file:
            self._check()
            if not os.path.samestat(os.fstat(descriptor), known):
                raise FolderRefused(f'“{name}” has just changed. Try again.')
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise FolderRefused(
                f'“{name}” has {known.st_size:,} bytes. Files of more than {MAX_FILE_BYTES:,} are not read.'
            )
        return content

    def replace(self, name: str, content: bytes, before: str) -> None:
        """Put a file into the place of what has this digest; see `LocalFolder.write`."""
        mode = self._mode_of(name, before)
        temporary = f'.parlour-{secrets.token_hex(8)}.tmp'
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS
        first_mode = 0o666 if mode is None else 0o600
        descriptor = os.open(self._name(temporary), flags, first_mode, dir_fd=self.descriptor)
        try:
            with os.fdopen(descriptor, 'wb') as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
                if mode is not None and hasattr(os, 'fchmod'):
                    os.fchmod(descriptor, mode)
            self._mode_of(name, before)  # writing took a while
            self._check()
            names = self._name(temporary), self._name(name)
            os.replace(*names, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
        except BaseException:
            with suppress(OSError):
                os.unlink(self._name(temporary), dir_fd=self.descriptor)
            raise

    def _mode_of(self, name: str, before: str) -> int | None:
        """Return the mode of a file that has this digest; `None` if neither is there."""
        if self.is_free(name):
            if before:
                raise FolderRefused(f'“{name}” is not there any more. Nothing was written.')
            return None
        known = self._regular(name)
        if not before or digest(self.read(name)) != before:
            raise FolderRefused(CHANGED_MESSAGE.format(name))
        if not known.st_mode & stat.S_IWUSR:
            raise FolderRefused(f'“{name}” is read-only. Nothing was written.')
        return stat.S_IMODE(known.st_mode)

    def _regular(self, name: str) -> os.stat_result:
        """Return what is known of a file; nothing else is opened, since that may already do something."""
        known = self._stat(name)
        if is_link(known):
            raise FolderRefused(LINK_MESSAGE.format(name))
        if stat.S_ISDIR(known.st_mode):
            raise FolderRefused(f'“{name}” is a folder.')
        if not stat.S_ISREG(known.st_mode):
            raise FolderRefused(f'“{name}” is no file with a content of its own.')
        return known

    def _is_private(self, known: os.stat_result) -> bool:
        return self.private is not None and os.path.samestat(known, self.private)

    def _stat(self, name: str) -> os.stat_result:
        return os.stat(self._name(name), dir_fd=self.descriptor, follow_symlinks=False)

    def _name(self, name: str) -> str | Path:
        return self.path / name if self.descriptor is None else name

    def _check(self) -> None:
        """Check that the path still leads here, where everything is looked up by it."""
        place: OpenFolder | None = self if self.descriptor is None else None
        while place:
            now = place.path.lstat()
            if is_link(now) or not os.path.samestat(now, place.known):
                raise FolderRefused(MOVED_MESSAGE.format(place.path.name))
            place = place.outer


def open_folder(name: str | Path, outer: int | None = None) -> int:
    """Return a descriptor of a folder that is no link, in another one if that is open."""
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | _FLAGS, dir_fd=outer)


def digest(content: bytes) -> str:
    """Return what tells a content from all others."""
    return hashlib.sha256(content).hexdigest()
