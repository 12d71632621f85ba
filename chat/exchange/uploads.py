"""Files that are uploaded to be imported: on the disk while they arrive, and gone after the import."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterable, Sequence
from itertools import count
from pathlib import Path
from secrets import token_urlsafe

from chat.conversation.content.attachments import safe_name
from chat.errors import ImportRefused

FOLDER_PREFIX = '.import-'
"""How the folders of uploads begin, beside the chats: there is room where these are."""

MAX_FILES = 2000
"""Files of one import; each is a request."""

MAX_DEPTH = 8
"""Folders in one another."""

MAX_UPLOADS = 200
"""Pages on which files can be chosen; those before are hardly open any more."""


class ImportUploads:
    """The files of imports that are being prepared. Its methods block, but for `save`."""

    def __init__(self, folder: Path | None) -> None:
        """Use a folder that only this process writes to; without one that of the system for such files."""
        self._parent = folder
        self._folders: dict[str, Path | None] = {}
        """By upload id, the oldest first; made with the first file."""
        self._counts = Counter[str]()
        """How many files each upload has."""

    def clean_up(self) -> None:
        """Remove what a process that died has left."""
        for folder in self._parent.glob(f'{FOLDER_PREFIX}*') if self._parent else ():
            shutil.rmtree(folder, ignore_errors=True)

    def new(self) -> str:
        """Return the id of an upload to which files may be added from now on."""
        for upload_id in list(self._folders)[: len(self._folders) - MAX_UPLOADS + 1]:
            self.remove(upload_id)
        upload_id = token_urlsafe(16)
        self._folders[upload_id] = None
        return upload_id

    async def save(self, upload_id: str, name: str, content: AsyncIterable[bytes]) -> None:
        """Write a file to the disk as it arrives.

        Raises:
            ImportRefused: If there is no such upload, or it has too many files.
            OSError: If it could not be written.
        """
        if upload_id not in self._folders:
            raise ImportRefused('This import has ended. Reload the page, and choose the files again.')
        if self._counts[upload_id] >= MAX_FILES:
            raise ImportRefused(
                f'Up to {MAX_FILES:,} files are imported at once. Put them into a zip archive.'
            )
        self._counts[upload_id] += 1
        path = await asyncio.to_thread(self._free_path, upload_id, name)
        try:
            with path.open('xb') as target:
                async for piece in content:
                    await asyncio.to_thread(target.write, piece)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def paths(self, upload_id: str) -> Sequence[Path]:
        """Return the files and folders of an upload, by name."""
        folder = self._folders.get(upload_id)
        return sorted(path for numbered in folder.iterdir() for path in numbered.iterdir()) if folder else []

    def remove(self, upload_id: str) -> None:
        """Remove the files of an upload, if they are still there."""
        self._counts.pop(upload_id, None)
        if folder := self._folders.pop(upload_id, None):
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove all of them, because the app ends."""
        for upload_id in list(self._folders):
            self.remove(upload_id)

    def _free_path(self, upload_id: str, name: str) -> Path:
        """Return the path for a file, below the first numbered folder in which there is none of its name.

        What is in a folder stays in it, for some programs keep a chat in several files.
        """
        folder = self._folders[upload_id] or Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=self._parent))
        self._folders[upload_id] = folder
        cleaned = (_clean(part) for part in name.split('/') if part)
        parts = list(filter(None, cleaned))[-MAX_DEPTH:] or ['file']
        places = (folder.joinpath(str(number), *parts) for number in count(1))
        path = next(place for place in places if not place.exists())
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


def _clean(part: str) -> str:
    return safe_name(part.replace(':', ' ')).lstrip('. ')
