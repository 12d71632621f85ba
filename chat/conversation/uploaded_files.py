"""UploadedFiles: take a file that a person attaches, read it if it is a document, and store it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Protocol

from chat.conversation.content.attachments import TEXT_MEDIA_TYPE, Attachment
from chat.documents.kinds import (
    HTML_MEDIA_TYPE,
    KINDS,
    PDF_MEDIA_TYPE,
    document_type_of,
    estimated_tokens,
    is_foreign_picture,
    may_be_turned,
)
from chat.documents.reader import DocumentReader
from chat.errors import AttachmentRefused

log = logging.getLogger(__name__)


class SaveFile(Protocol):
    """Stores the bytes of a file for a prompt."""

    async def __call__(self, name: str, content: bytes, /) -> Attachment: ...


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """What became of a file."""

    attachments: Sequence[Attachment]
    """Mostly one; of a scan with several pages a picture each."""
    note: str = ''
    """What was left out, as a sentence; '' if nothing was."""


class UploadedFiles:
    """Stores what people attach. A document stays as it is, beside it stands how long its text is.

    A picture that models do not read is replaced by one that they do, and a photo by one that is upright.
    """

    def __init__(self, reader: DocumentReader) -> None:
        self._reader = reader

    async def store(self, name: str, content: bytes, save: SaveFile) -> UploadedFile:
        """Store a file that somebody attaches.

        Raises:
            AttachmentRefused: If no model could be given it.
            OSError: If it could not be stored.
        """
        if is_foreign_picture(content):
            return await self._store_pictures(name, content, save)
        if may_be_turned(content):
            content = await self._upright(name, content)
        media_type = document_type_of(name, content)
        if media_type is None:
            return UploadedFile([_with_tokens(await save(name, content))])
        numbers = await self._numbers(name, media_type, content)
        return UploadedFile([replace(await save(name, content), **numbers)])

    async def _numbers(self, name: str, media_type: str, content: bytes) -> dict[str, int]:
        """Return what is said of the text of a document; nothing if models may be given it all the same."""
        try:
            read = await self._reader.text_of(name, media_type, content, is_new=True)
        except AttachmentRefused:
            if media_type in (PDF_MEDIA_TYPE, HTML_MEDIA_TYPE):  # of a scan some models see the pages
                return {}
            raise
        count = read.count if KINDS[media_type].unit else 0
        return {'count': count, 'tokens': estimated_tokens(read.text), 'percent': read.percent}

    async def _upright(self, name: str, content: bytes) -> bytes:
        try:
            found = await self._reader.upright(name, content)
        except AttachmentRefused as error:  # it is a picture all the same
            log.info('A photo stays as it is: %s', error)
            return content
        return found.contents[0] if found.contents else content

    async def _store_pictures(self, name: str, content: bytes, save: SaveFile) -> UploadedFile:
        found = await self._reader.readable(name, content)
        stem, stored = PurePath(name).stem, list[Attachment]()
        for number, picture in enumerate(found.contents, 1):
            page = f', page {number}' if found.count > 1 else ''
            ending = 'jpg' if picture.startswith(b'\xff\xd8') else 'png'
            stored.append(await save(f'{stem}{page}.{ending}', picture))
        left_out = found.count - len(stored)
        note = f'{name} has {found.count} pages. The first {len(stored)} were attached.' if left_out else ''
        return UploadedFile(stored, note)


def _with_tokens(attachment: Attachment) -> Attachment:
    """Return a text with about how many tokens it has."""
    return (
        replace(attachment, tokens=-(-attachment.size // 4))
        if attachment.media_type == TEXT_MEDIA_TYPE
        else attachment
    )
