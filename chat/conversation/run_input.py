"""What a model is asked, and with less of what it refuses when it has refused it."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pydantic_ai import BinaryContent, Conversation, ModelMessage, ModelRequest, UserPromptPart
from pydantic_ai import exceptions as x
from pydantic_ai.profiles import ModelProfile

from chat.conversation.attachments import TEXT_MEDIA_TYPE
from chat.conversation.chat_settings import ChatSettings
from chat.conversation.context_window import newer_half, overflow_in
from chat.conversation.file_fallback import accepts, file_key

log = logging.getLogger(__name__)

REFUSAL_STATUSES = (400, 415, 422)
"""The status of a request with something that the model does not take."""

SERVER_ERROR_STATUS = 500
"""With this one, llama.cpp says that images are not supported."""

_UNSUPPORTED_PATTERN = re.compile(r'not supported|unsupported|does not support|mmproj', re.IGNORECASE)
_FILE_PATTERN = re.compile(
    r'image|file|document|pdf|vision|multimodal|multi-modal|mmproj|content', re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """What a model is asked."""

    conversation: Conversation
    """The last of its messages is the question."""
    settings: ChatSettings
    excluded_files: frozenset[str] = frozenset()
    """By `key_of`, the files in whose place a line stands."""
    may_shorten: bool = False
    """Whether older turns may be left out, half of them at a time, until the model takes the rest."""

    def reduced_after(self, error: x.ModelAPIError, profile: ModelProfile) -> 'RunInput | None':
        """What to ask instead after this refusal; `None` if nothing would help."""
        if overflow_in(error):
            return self._with_newer_half()
        if not _is_refusal(error):
            return None
        files = {file_key(file) for file in files_in(self.conversation.messages) if _is_sent(file, profile)}
        files -= self.excluded_files
        is_about_files = bool(files) and _FILE_PATTERN.search(f'{error} {error.body}')
        if self.settings.temperature is not None and not is_about_files:
            log.info('%s is asked again without a temperature', error.model_name)
            return replace(self, settings=replace(self.settings, temperature=None))
        if not files:
            return None
        log.info('%s is asked again without files', error.model_name)
        return replace(self, excluded_files=self.excluded_files | files)

    def _with_newer_half(self) -> 'RunInput | None':
        messages = newer_half(self.conversation.messages) if self.may_shorten else None
        return replace(self, conversation=replace(self.conversation, messages=messages)) if messages else None


def files_in(messages: Iterable[ModelMessage]) -> Iterator[BinaryContent]:
    """All that is attached to prompts and is no text."""
    parts = (part for message in messages if isinstance(message, ModelRequest) for part in message.parts)
    for part in parts:
        if isinstance(part, UserPromptPart) and not isinstance(part.content, str):
            yield from (item for item in part.content if isinstance(item, BinaryContent))


def _is_sent(file: BinaryContent, profile: ModelProfile) -> bool:
    """Whether a file goes out as a file."""
    return bool(file.data) and file.media_type != TEXT_MEDIA_TYPE and accepts(profile, file.media_type)


def _is_refusal(error: x.ModelAPIError) -> bool:
    if not isinstance(error, x.ModelHTTPError):
        return False
    is_fault = error.status_code == SERVER_ERROR_STATUS and _UNSUPPORTED_PATTERN.search(
        f'{error} {error.body}'
    )
    return error.status_code in REFUSAL_STATUSES or bool(is_fault)
