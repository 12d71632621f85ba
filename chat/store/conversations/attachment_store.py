"""The files that persons attach: taken in before they are sent, and found again."""

from collections.abc import Iterable

from pydantic_ai import BinaryContent

from chat.conversation.attachments import (
    Attachment,
    attached_file,
    checked_content,
    media_type_of,
    safe_name,
)
from chat.conversation.storage_values import StoredFile
from chat.store.conversations.blobs import BlobStore
from chat.store.filesystem.disk_thread import DiskThread

MEDIA_TYPE_BYTES = 4096
"""Bytes at the beginning of a file that tell what it is."""


class AttachmentStore:
    """Files as blobs; for the event loop only."""

    def __init__(self, blobs: BlobStore, *, disk_thread: DiskThread) -> None:
        self._blobs = blobs
        self._disk_thread = disk_thread

    async def save(self, name: str, content: bytes) -> Attachment:
        """Store a file; until it is named by a conversation or by what is unsent, it lasts to the next start.

        Raises:
            AttachmentRefused: If it is too large, or of a kind that no model is sent.
            OSError: If it could not be stored.
        """
        return await self._disk_thread.run(self._save, safe_name(name), content)

    async def read(self, attachments: Iterable[Attachment]) -> dict[Attachment, BinaryContent]:
        """The files with their bytes, as they are and not as somebody says they are.

        Raises:
            AttachmentMissing: If one is not there.
        """
        wanted = list(attachments)  # mostly none; then nothing waits for the disk
        return await self._disk_thread.run(self._read, wanted) if wanted else {}

    async def get(self, blob: str) -> StoredFile | None:
        """Where the bytes of a file are and what they are, or `None` if there is no such file."""
        return await self._disk_thread.run(self._get, blob)

    def _save(self, name: str, content: bytes) -> Attachment:
        content, media_type = checked_content(name, content)
        return Attachment(blob=self._blobs.pin(content), name=name, media_type=media_type, size=len(content))

    def _read(self, attachments: list[Attachment]) -> dict[Attachment, BinaryContent]:
        return dict(attached_file(said, self._blobs.read(said.blob)) for said in attachments)

    def _get(self, blob: str) -> StoredFile | None:
        path = self._blobs.path(blob)
        if path is None or not path.is_file():
            return None
        with path.open('rb') as file:
            media_type = media_type_of(file.read(MEDIA_TYPE_BYTES), is_whole=False)
        return StoredFile(media_type=media_type, size=path.stat().st_size, content=path)
