"""Where everything is in a data folder."""

import contextlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataLayout:
    """The paths below a data folder."""

    folder: Path

    @property
    def conversations(self) -> Path:
        return self.folder / 'conversations'

    @property
    def blobs(self) -> Path:
        return self.folder / 'blobs'

    @property
    def trash(self) -> Path:
        return self.folder / 'trash'

    @property
    def backups(self) -> Path:
        """Files as they were before their format was changed."""
        return self.folder / 'backups'

    @property
    def drafts(self) -> Path:
        """What stands in the prompt boxes."""
        return self.folder / 'unsent'

    @property
    def index(self) -> Path:
        return self.folder / 'index.json'

    @property
    def settings(self) -> Path:
        return self.folder / 'settings.json'

    @property
    def keys(self) -> Path:
        return self.folder / 'keys.json'

    @property
    def servers(self) -> Path:
        return self.folder / 'servers.json'

    @property
    def invites(self) -> Path:
        return self.folder / 'invites.json'

    @property
    def folders(self) -> list[Path]:
        """The data folder and those in it, in the order in which they are made."""
        return [self.folder, self.conversations, self.blobs, self.trash, self.backups, self.drafts]

    @property
    def folders_naming_blobs(self) -> list[Path]:
        """The folders with files that may name blobs."""
        return [self.conversations, self.trash, self.backups, self.drafts]


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; those that vanish meanwhile count nothing.

    Raises:
        OSError: If a folder cannot be read.
    """
    size = 0
    for path in folder.rglob('*'):
        with contextlib.suppress(FileNotFoundError):
            size += path.stat().st_size if path.is_file() else 0
    return size
