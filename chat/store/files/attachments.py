"""The files that persons attach: taken in before they are sent, and found again."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from pydantic_ai import BinaryContent

from chat.conversation.attachment import (
    SUPPORTED_TYPES_MESSAGE,
    Attachment,
    media_type_of,
    text_as_utf8,
    validate_size,
)
from chat.errors import AttachmentMissing, AttachmentRefused
from chat.store.disk.worker import Worker
from chat.store.files.blobs import Blobs

LONGEST_NAME = 120
"""Characters; the end of a longer name stays, for it says the kind of the file."""

_ODD = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]')
"""What has no place in the name of a file, or would have it read in another order."""


class Attachments:
    """Files as blobs; for the event loop only."""

    def __init__(self, blobs: Blobs, *, worker: Worker) -> None:
        self._blobs = blobs
        self._worker = worker

    async def keep(self, name: str, content: bytes) -> Attachment:
        """Store a file; until it is named by a conversation or by what is unsent, it lasts to the next start.

        Raises:
            AttachmentRefused: If it is too large, or of a kind that no model is sent.
            OSError: If it could not be stored.
        """
        return await self._worker.run(self._keep, plain_name(name), content)

    async def read(self, attachments: Iterable[Attachment]) -> dict[Attachment, BinaryContent]:
        """The files with their bytes, as they are and not as somebody says they are.

        Raises:
            AttachmentMissing: If one is not there.
        """
        wanted = list(attachments)  # mostly none; then nothing waits for the disk
        return await self._worker.run(self._read, wanted) if wanted else {}

    async def find(self, blob: str) -> tuple[Path, str | None] | None:
        """Where the bytes of a file are and what they are, or `None` if there is no such file."""
        return await self._worker.run(self._find, blob)

    def _keep(self, name: str, content: bytes) -> Attachment:
        content = text_as_utf8(content)
        media_type = media_type_of(content)
        if media_type is None:
            raise AttachmentRefused(f'{SUPPORTED_TYPES_MESSAGE}; {name} is something else.')
        if not content:
            raise AttachmentRefused(f'{name} is empty.')
        validate_size(name, len(content), media_type=media_type)
        return Attachment(blob=self._blobs.hold(content), name=name, media_type=media_type, size=len(content))

    def _read(self, attachments: list[Attachment]) -> dict[Attachment, BinaryContent]:
        return dict(self._read_one(attachment) for attachment in attachments)

    def _read_one(self, said: Attachment) -> tuple[Attachment, BinaryContent]:
        name, content = plain_name(said.name), self._blobs.read(said.blob)
        media_type = media_type_of(content)
        if not content or media_type is None:
            raise missing(said)
        attachment = Attachment(
            blob=hashlib.sha256(content).hexdigest(), name=name, media_type=media_type, size=len(content)
        )
        file = BinaryContent(content, media_type=media_type, identifier=name)
        return attachment, BinaryContent.narrow_type(file)

    def _find(self, blob: str) -> tuple[Path, str | None] | None:
        path = self._blobs.path(blob)
        if path is None or not path.is_file():
            return None
        with path.open('rb') as file:
            return path, media_type_of(file.read(4096), is_whole=False)


def missing(attachment: Attachment) -> AttachmentMissing:
    """What is said of a file that is not there, and of one that is none of the visitor's."""
    return AttachmentMissing(f'{plain_name(attachment.name)} is not there any more. Attach it again.')


def plain_name(name: str) -> str:
    """The name of a file without folders and without what could mislead."""
    visible = ' '.join(_ODD.sub(' ', name).split())
    return visible[-LONGEST_NAME:].lstrip() or 'file'
