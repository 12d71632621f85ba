"""The files that persons attach: taken in before they are sent, and found again."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from pydantic_ai import BinaryContent

from chat.conversation.attachments import (
    SUPPORTED_TYPES_MESSAGE,
    Attachment,
    media_type_of,
    text_as_utf8,
    validate_size,
)
from chat.errors import AttachmentMissing, AttachmentRefused
from chat.store.conversations.blobs import BlobStore
from chat.store.filesystem.disk_thread import DiskThread

MAX_NAME_LENGTH = 120
"""Characters; the end of a longer name stays, for it says the kind of the file."""

_UNSAFE_CHARACTERS = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]')
"""What has no place in the name of a file, or would have it read in another order."""


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

    async def get(self, blob: str) -> tuple[Path, str | None] | None:
        """Where the bytes of a file are and what they are, or `None` if there is no such file."""
        return await self._disk_thread.run(self._get, blob)

    def _save(self, name: str, content: bytes) -> Attachment:
        content = text_as_utf8(content)
        media_type = media_type_of(content)
        if media_type is None:
            raise AttachmentRefused(f"{name} can't be attached. {SUPPORTED_TYPES_MESSAGE}")
        if not content:
            raise AttachmentRefused(f'{name} is empty.')
        validate_size(name, len(content), media_type=media_type)
        return Attachment(blob=self._blobs.pin(content), name=name, media_type=media_type, size=len(content))

    def _read(self, attachments: list[Attachment]) -> dict[Attachment, BinaryContent]:
        return dict(self._read_one(attachment) for attachment in attachments)

    def _read_one(self, said: Attachment) -> tuple[Attachment, BinaryContent]:
        name, content = safe_name(said.name), self._blobs.read(said.blob)
        media_type = media_type_of(content)
        if not content or media_type is None:
            raise missing_message(said)
        attachment = Attachment(
            blob=hashlib.sha256(content).hexdigest(), name=name, media_type=media_type, size=len(content)
        )
        file = BinaryContent(content, media_type=media_type, identifier=name)
        return attachment, BinaryContent.narrow_type(file)

    def _get(self, blob: str) -> tuple[Path, str | None] | None:
        path = self._blobs.path(blob)
        if path is None or not path.is_file():
            return None
        with path.open('rb') as file:
            return path, media_type_of(file.read(4096), is_whole=False)


def missing_message(attachment: Attachment) -> AttachmentMissing:
    """What is said of a file that is not there, and of one that is none of the visitor's."""
    return AttachmentMissing(f'{safe_name(attachment.name)} is not there any more. Attach it again.')


def safe_name(name: str) -> str:
    """The name of a file without folders and without what could mislead."""
    visible = ' '.join(_UNSAFE_CHARACTERS.sub(' ', name).split())
    return visible[-MAX_NAME_LENGTH:].lstrip() or 'file'
