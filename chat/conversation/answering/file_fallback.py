"""Files for models that cannot read them: sent as text, or replaced by a line that names them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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

from chat.conversation.content.attachments import TEXT_MEDIA_TYPE
from chat.documents.kinds import HTML_MEDIA_TYPE, PDF_MEDIA_TYPE, goes_as_text
from chat.documents.reader import DocumentReader
from chat.encodings import decode_marked_up
from chat.errors import AttachmentRefused

IMAGES_NAME = 'images'

PDF_FILES_NAME = 'PDF files'
"""What a person calls them; of one that a model does not take it is given the text."""


@dataclass
class UnsupportedFileFallback(AbstractCapability[Any]):
    """Lets a conversation go on with a model that cannot read a file in it, or without a lost file.

    Of a document every model gets the text. Text is put into the prompt for a model that takes no text files,
    also the text of a PDF for one that takes no PDF. For what it cannot read at all, it gets a line that says
    what was there. The conversation itself is not changed.
    """

    excluded_files: frozenset[str]
    """By `file_key`, the files that the model has refused."""
    documents: DocumentReader

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
        if goes_as_text(file.media_type):
            return await self._text_of(file)
        is_taken = accepts(profile, file.media_type) and file_key(file) not in self.excluded_files
        if is_taken:
            return file
        if file.media_type == TEXT_MEDIA_TYPE:
            return _file_as_text(file, file.data.decode('utf-8', 'replace'))
        if file.media_type == PDF_MEDIA_TYPE:
            return await self._text_of(file)
        return f'[The file {file.identifier} ({file.media_type}) is not here: this model cannot read it.]'

    async def _text_of(self, file: BinaryContent) -> str:
        """Return the text of a document, or why there is none, which the model can tell."""
        try:
            found = await self.documents.text_of(file.identifier, file.media_type, file.data)
        except AttachmentRefused as error:
            if file.media_type == HTML_MEDIA_TYPE:  # nothing but a script, or not worth calling a page
                return _file_as_text(file, decode_marked_up(file.data))
            return f'[The file {file.identifier} is not here: {error}]'
        return _file_as_text(file, found.text)


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
        if not (media_type == TEXT_MEDIA_TYPE or goes_as_text(media_type) or accepts(profile, media_type))
    }
    return sorted(
        {IMAGES_NAME if media_type.startswith('image/') else PDF_FILES_NAME for media_type in unread}
    )
