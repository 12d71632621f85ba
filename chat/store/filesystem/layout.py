"""The layout of a data folder."""

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
        """Copies of files from before a change of their format."""
        return self.folder / 'backups'

    @property
    def drafts(self) -> Path:
        """The drafts of prompts."""
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
    def mcp_servers(self) -> Path:
        return self.folder / 'mcp_servers.json'

    @property
    def invites(self) -> Path:
        return self.folder / 'invites.json'

    @property
    def lock(self) -> Path:
        """The passcode of the pages."""
        return self.folder / 'lock.json'

    @property
    def assistants(self) -> Path:
        return self.folder / 'assistants.json'

    @property
    def prompts(self) -> Path:
        return self.folder / 'prompts.json'

    @property
    def chat_folders(self) -> Path:
        """What is kept of the folders that chats are in, which are no folders of the disk."""
        return self.folder / 'folders.json'

    @property
    def imports(self) -> Path:
        return self.folder / 'imports.json'

    @property
    def folders(self) -> list[Path]:
        """The data folder and its subfolders, in the order in which they are created."""
        return [self.folder, self.conversations, self.blobs, self.trash, self.backups, self.drafts]

    @property
    def folders_naming_blobs(self) -> list[Path]:
        """The folders with files that may name blobs."""
        return [self.conversations, self.trash, self.backups, self.drafts]


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder, without those that vanish meanwhile.

    Raises:
        OSError: If a folder cannot be read.
    """
    size = 0
    for path in folder.rglob('*'):
        with contextlib.suppress(FileNotFoundError):
            size += path.stat().st_size if path.is_file() else 0
    return size
