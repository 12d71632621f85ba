"""Read and write the files of one folder of this computer, with no way out of it; not for the event loop."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from chat.agent.tools.folder_rules import (
    MISSING_MESSAGE,
    OWN_DATA_MESSAGE,
    file_parts_of,
    is_public_name,
    is_still_there,
    is_within,
    parts_of,
    sentences_of_disk,
)
from chat.agent.tools.open_folder import WALKS_BY_DESCRIPTOR, Entry, OpenFolder, open_folder
from chat.errors import FolderRefused

MAX_DEPTH = 30
"""Folders below each other that are gone through."""


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder that a person has chosen.

    Everything raises `FolderRefused` with a sentence if it cannot be done, also if the folder is gone.
    Links, hidden files, files that are named like keys, and all that is neither a file nor a folder are left
    out: they are not listed, not read and not written.
    """

    root: Path
    """As `choosable_folder` has returned it."""
    private: Path | None = None
    """A folder that is left out too, wherever it is: the data folder of Parlour."""
    by_descriptor: bool = WALKS_BY_DESCRIPTOR

    def entries(self, path: str) -> list[Entry]:
        """Return what is in a folder, the folders first; it is given from the chosen one on, '.' for that."""
        parts = parts_of(path)
        with sentences_of_disk(path), self._open(parts) as place:
            entries = [place.entry(name, parts) for name in place.names() if is_public_name(name)]
        return sorted(
            (entry for entry in entries if entry), key=lambda entry: (not entry.is_folder, entry.path)
        )

    def walk(self, path: str, skips: Callable[[str], bool]) -> Iterator[Entry]:
        """Yield all that is in a folder and in the folders in it, but for those whose name it `skips`."""
        yield from self._walk(self.entries(path), skips)

    def _walk(self, entries: Sequence[Entry], skips: Callable[[str], bool]) -> Iterator[Entry]:
        for entry in entries:
            yield entry
            steps = entry.path.split('/')
            if entry.is_folder and len(steps) < MAX_DEPTH and not skips(steps[-1]):
                with suppress(FolderRefused):  # it has gone meanwhile, or may not be read
                    yield from self._walk(self.entries(entry.path), skips)

    def read(self, path: str) -> bytes:
        """Return what is in a file."""
        *folders, name = file_parts_of(path)
        with sentences_of_disk(path), self._open(folders) as place:
            return place.read(name)

    def read_if_there(self, path: str) -> bytes | None:
        """Return what is in a file; `None` if nothing has this name, and a file could have."""
        *folders, name = file_parts_of(path)
        with sentences_of_disk(path), ExitStack() as stack:
            place = stack.enter_context(self._open(()))
            for folder in folders:
                if place.is_free(folder):
                    return None
                place = stack.enter_context(place.enter(folder))
            return None if place.is_free(name) else place.read(name)

    def write(self, path: str, content: bytes, *, before: str) -> None:
        """Put a file in the place of another one, whole or not at all; it keeps the mode of that.

        Args:
            path: The file; folders that it lacks are made.
            content: All of it.
            before: The `digest` of what is in it, '' if it is not there. If that has changed,
                nothing is written.
        """
        *folders, name = file_parts_of(path)
        with sentences_of_disk(path), ExitStack() as stack:
            place = stack.enter_context(self._open(()))
            for folder in folders:
                if not before:
                    place.make(folder)
                place = stack.enter_context(place.enter(folder))
            place.replace(name, content, before)

    @contextmanager
    def _open(self, parts: Sequence[str]) -> Generator['OpenFolder']:
        with ExitStack() as stack:
            place = stack.enter_context(self._opened_root())
            for part in parts:
                place = stack.enter_context(place.enter(part))
            yield place

    def _opened_root(self) -> 'OpenFolder':
        """Open the chosen folder itself, if it still is what its path says."""
        if not is_still_there(self.root):
            raise FolderRefused(f'{MISSING_MESSAGE} It was {self.root}.')
        if is_within(self.root, self.private):
            raise FolderRefused(OWN_DATA_MESSAGE)
        private = self.private.stat() if self.private and self.private.exists() else None
        descriptor = open_folder(self.root) if self.by_descriptor else None
        return OpenFolder(self.root, descriptor, self.root.lstat(), private)
