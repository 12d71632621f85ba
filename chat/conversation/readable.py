"""What a model is sent of the files in a conversation: as they are, as text, or what they were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic_ai import BinaryContent, ModelRequest, ModelRequestPart, RunContext, UserContent, UserPromptPart
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models import ModelRequestContext
from pydantic_ai.profiles import ModelProfile

from chat.conversation.attachment import TEXT


@dataclass
class Readable(AbstractCapability[Any]):
    """Has a conversation go on with a model that cannot read a file in it, or when the file is lost.

    Text is put into the prompt for a model that takes no text files. For what it cannot read at all, it
    gets a line that says what was there. The conversation itself is not changed.
    """

    async def prepare_model_request(
        self, ctx: RunContext[Any], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        profile = request_context.model.profile
        request_context.messages = [
            _readable(message, profile) if isinstance(message, ModelRequest) else message
            for message in request_context.messages
        ]
        return request_context


def reads(profile: ModelProfile, media_type: str) -> bool:
    """Whether nothing is known against sending such a file to a model."""
    if media_type.startswith('image/'):
        return profile.get('supports_image_input', True)
    kinds = profile.get('supported_document_media_types')
    return profile.get('supports_document_input', True) and (kinds is None or media_type in kinds)


def unread_kinds(profile: ModelProfile, media_types: Iterable[str]) -> list[str]:
    """What a model is known not to read of these, as a person calls it; text it always can."""
    unread = {
        media_type for media_type in media_types if media_type != TEXT and not reads(profile, media_type)
    }
    return sorted({'images' if media_type.startswith('image/') else 'PDF files' for media_type in unread})


def _readable(message: ModelRequest, profile: ModelProfile) -> ModelRequest:
    parts = [_readable_part(part, profile) for part in message.parts]
    return message if parts == list(message.parts) else replace(message, parts=parts)


def _readable_part(part: ModelRequestPart, profile: ModelProfile) -> ModelRequestPart:
    if not isinstance(part, UserPromptPart) or isinstance(part.content, str):
        return part
    return replace(part, content=_readable_items(part.content, profile))


def _readable_items(items: Sequence[UserContent], profile: ModelProfile) -> list[UserContent]:
    return [_readable_file(item, profile) if isinstance(item, BinaryContent) else item for item in items]


def _readable_file(file: BinaryContent, profile: ModelProfile) -> BinaryContent | str:
    if not file.data:
        return f'[The file {file.identifier} was here, and is lost.]'
    if reads(profile, file.media_type):
        return file
    if file.media_type == TEXT:
        text = file.data.decode('utf-8', 'replace')
        return f'-----BEGIN FILE {file.identifier}-----\n{text}\n-----END FILE {file.identifier}-----'
    return f'[The file {file.identifier} ({file.media_type}) is not here: this model cannot read it.]'
