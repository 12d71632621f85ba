"""Files for models that cannot read them: sent as text, or replaced by a line that names them."""

import asyncio
import hashlib
import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_ai import (
    BinaryContent,
    ModelRequest,
    ModelRequestPart,
    RunContext,
    UserPromptPart,
)
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models import ModelRequestContext
from pydantic_ai.profiles import ModelProfile

from chat.conversation.attachments import PDF_MEDIA_TYPE, TEXT_MEDIA_TYPE

log = logging.getLogger(__name__)
logging.getLogger('pypdf').setLevel(logging.ERROR)  # it warns of each small fault of a file

EXTRACTION_TIMEOUT = 30
"""Seconds for one file."""

MAX_TEXT_LENGTH = 400_000
"""Characters, some 100,000 tokens."""

IMAGES_NAME = 'images'

PDF_FILES_NAME = 'PDF files'
"""What a person calls them; of one that a model does not take it is given the text."""


class PdfTextCache:
    """The texts of PDF files, each extracted once for as long as their conversation is open."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    async def text_of(self, content: bytes) -> str:
        """Return the text in a file; '' if it has none, as in a scan of a page, or if it cannot be read."""
        key = hashlib.sha256(content).hexdigest()
        if key not in self._texts:
            try:
                async with asyncio.timeout(EXTRACTION_TIMEOUT):
                    self._texts[key] = await asyncio.to_thread(extract_text, content)
            except TimeoutError:
                log.info('A PDF took too long to be read')
                self._texts[key] = ''
        return self._texts[key]


def extract_text(content: bytes) -> str:
    """Return the text of all pages, up to `MAX_TEXT_LENGTH`. For a thread: it may take seconds."""
    import pypdf  # here: it takes 12 MB, and most chats have no PDF

    texts: list[str] = []
    try:
        for page in pypdf.PdfReader(io.BytesIO(content)).pages:
            texts.append(page.extract_text())
            if sum(map(len, texts)) > MAX_TEXT_LENGTH:
                break
    except Exception as error:  # noqa: BLE001  # a file from anywhere; what was found before it broke is kept
        log.info('A PDF could not be read to its end: %s', type(error).__name__)
    return '\n\n'.join(text.strip() for text in texts if text.strip())[:MAX_TEXT_LENGTH]


@dataclass
class UnsupportedFileFallback(AbstractCapability[Any]):
    """Lets a conversation go on with a model that cannot read a file in it, or without a lost file.

    Text is put into the prompt for a model that takes no text files, also the text of a PDF for one that
    takes no PDF. For what it cannot read at all, it gets a line that says what was there. The conversation
    itself is not changed.
    """

    excluded_files: frozenset[str] = frozenset()
    """By `file_key`, the files that the model has refused."""
    pdf_texts: PdfTextCache = field(default_factory=PdfTextCache)

    async def prepare_model_request(
        self, ctx: RunContext[Any], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        profile = request_context.model.profile
        request_context.messages = [
            await self._supported_message(message, profile) if isinstance(message, ModelRequest) else message
            for message in request_context.messages
        ]
        return request_context

    async def _supported_message(self, message: ModelRequest, profile: ModelProfile) -> ModelRequest:
        parts = [await self._supported_part(part, profile) for part in message.parts]
        return message if parts == list(message.parts) else replace(message, parts=parts)

    async def _supported_part(self, part: ModelRequestPart, profile: ModelProfile) -> ModelRequestPart:
        if not isinstance(part, UserPromptPart) or isinstance(part.content, str):
            return part
        items = [
            await self._supported_file(item, profile) if isinstance(item, BinaryContent) else item
            for item in part.content
        ]
        return replace(part, content=items)

    async def _supported_file(self, file: BinaryContent, profile: ModelProfile) -> BinaryContent | str:
        if not file.data:
            return f'[The file {file.identifier} was here, and is lost.]'
        is_taken = accepts(profile, file.media_type) and file_key(file) not in self.excluded_files
        if is_taken:
            return file
        if file.media_type == TEXT_MEDIA_TYPE:
            return _file_as_text(file, file.data.decode('utf-8', 'replace'))
        if file.media_type == PDF_MEDIA_TYPE and (text := await self.pdf_texts.text_of(file.data)):
            return _file_as_text(file, text)
        return f'[The file {file.identifier} ({file.media_type}) is not here: this model cannot read it.]'


def _file_as_text(file: BinaryContent, text: str) -> str:
    return f'-----BEGIN FILE {file.identifier}-----\n{text}\n-----END FILE {file.identifier}-----'


def file_key(file: BinaryContent) -> str:
    """Return what tells a file from the others of a conversation."""
    return f'{file.identifier} {len(file.data)}'


def name_of(file: str) -> str:
    """Return the name of the file of this key."""
    return file.rpartition(' ')[0]


def accepts(profile: ModelProfile, media_type: str) -> bool:
    """Return whether a model may be sent such a file: nothing is known against it."""
    if media_type.startswith('image/'):
        return profile.get('supports_image_input', True)
    kinds = profile.get('supported_document_media_types')
    return profile.get('supports_document_input', True) and (kinds is None or media_type in kinds)


def unsupported_kinds(profile: ModelProfile, media_types: Iterable[str]) -> list[str]:
    """Return the kinds of files among these that a model is known not to read, as a person calls them."""
    unread = {
        media_type
        for media_type in media_types
        if media_type != TEXT_MEDIA_TYPE and not accepts(profile, media_type)
    }
    return sorted(
        {IMAGES_NAME if media_type.startswith('image/') else PDF_FILES_NAME for media_type in unread}
    )
