"""Helpers for single messages: make prompts, tell which message begins a turn, and read texts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError
from pydantic_ai import (
    BinaryContent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolReturnPart,
    UserContent,
    UserPromptPart,
)
from pydantic_ai.messages import BaseToolCallPart, ModelResponsePart

from chat.conversation.content.attachments import (
    MAX_ATTACHMENT_BYTES,
    MAX_ATTACHMENTS,
    NO_ATTACHMENTS,
    AttachedFiles,
    Attachment,
    format_size,
)
from chat.errors import AttachmentRefused, PromptEmpty, PromptTooLong
from chat.lone_surrogates import replace_lone_surrogates

TURN_ID_KEY = 'turn'
"""Where the metadata of a `ModelRequest` keeps the id of the turn that it begins."""

ATTACHMENTS_KEY = 'attachments'
"""Where it keeps what is known of the files attached to it, in the order of their contents."""

MISSING_TOOLS_KEY = 'without_tools_of'
"""Where the metadata of a response keeps the names of what was to give it tools, and was not there yet."""

OMITTED_PARAMETERS_KEY = 'without_parameters'
"""Where it keeps the names of the parameters of the chat that the model does not take."""

EXCLUDED_FILES_KEY = 'without'
"""Where it keeps the names of the files that the model was asked without."""

AUTHOR_KEY = 'by'
"""Where it keeps the name of the guest who has asked; the owner has none."""

WRITTEN_AFTER_KEY = 'written_after'
"""Where it keeps, as long as it waits, the id of the stored message that its writer saw last."""

STEERED_TURN_KEY = 'steers'
"""Where a prompt keeps the id of the turn whose run is to be given it at its next step, or was."""

COMPARED_MODELS_KEY = 'compares'
"""Where it keeps, as long as it waits, the models that are to answer it at once, if they are several."""

CONTINUATION_KEY = 'goes_on'
"""Set in the metadata of a `ModelRequest` that asks for the rest of an answer: it begins no turn."""

PLACEHOLDER_KEY = 'stands_in'
"""Set in the metadata of a message that is shown in the place of one that cannot be read."""

CONTINUATION_PROMPT = (
    'Continue exactly where you stopped. Begin with the next character; repeat and explain nothing.'
)
"""What the model is told then; a history that ends with its own words is not answered by all models."""

_ATTACHMENTS = TypeAdapter(list[Attachment])

MAX_PROMPT_LENGTH = 200_000
"""Characters; a browser's message to the server may hold a megabyte, a character takes up to four bytes."""

TOO_LONG_MESSAGE = (
    'This message is too long: {length} characters (up to {limit}). Send it in parts, or as a file.'
)
TOO_MANY_FILES_MESSAGE = f'A message can have up to {MAX_ATTACHMENTS} files.'


def prompt_message(
    text: str, turn_id: str | None = None, attachments: AttachedFiles = NO_ATTACHMENTS, *, author: str = ''
) -> ModelRequest:
    """Make a message that begins a turn, by the owner or by the guest of this name."""
    metadata: dict[str, Any] = {TURN_ID_KEY: turn_id or str(uuid4())} | (
        {AUTHOR_KEY: author} if author else {}
    )
    if attachments:
        metadata[ATTACHMENTS_KEY] = [asdict(attachment) for attachment in attachments]
    return ModelRequest(parts=[_prompt_part(text, [*attachments.values()])], metadata=metadata)


def with_new_text(prompt: ModelRequest, text: str) -> ModelRequest:
    """Make a prompt that replaces another one and has its attachments."""
    contents = [part.content for part in prompt.parts if isinstance(part, UserPromptPart)]
    items = [item for content in contents if not isinstance(content, str) for item in content]
    files = [item for item in items if not isinstance(item, str)]
    not_taken = {AUTHOR_KEY, PLACEHOLDER_KEY}  # they say who wrote the old text, and that it is lost
    kept = {key: value for key, value in (prompt.metadata or {}).items() if key not in not_taken}
    metadata = {**kept, TURN_ID_KEY: str(uuid4())}
    return ModelRequest(parts=[_prompt_part(text, files)], metadata=metadata)


def prompt_preview(prompt: ModelRequest) -> str:
    """Return the text of a message that begins a turn, or else the names of its files."""
    return prompt_text(prompt) or ', '.join(attachment.name for attachment in attachments_of(prompt))


def attachments_of(prompt: ModelRequest) -> dict[Attachment, BinaryContent]:
    """Return the files of a message that begins a turn, in order; a lost file has no content."""
    try:
        known = _ATTACHMENTS.validate_python((prompt.metadata or {}).get(ATTACHMENTS_KEY, []))
    except ValidationError:  # this program has not written that
        known = []
    contents = [
        item
        for part in prompt.parts
        if isinstance(part, UserPromptPart) and not isinstance(part.content, str)
        for item in part.content
        if isinstance(item, BinaryContent)
    ]
    return dict(zip(known, contents, strict=False))


def turn_id_of(prompt: ModelRequest) -> str:
    """Return the id of the turn that a message begins; '' if it was not made here."""
    return str((prompt.metadata or {}).get(TURN_ID_KEY, ''))


def author_of(prompt: ModelRequest) -> str:
    """Return the name of the guest who has asked; '' if it was the owner."""
    return str((prompt.metadata or {}).get(AUTHOR_KEY, ''))


def with_written_after(prompt: ModelRequest, entry_id: str) -> ModelRequest:
    """Return a waiting prompt with the end of the branch that its writer saw, unless it has one."""
    metadata = prompt.metadata or {}
    is_known = WRITTEN_AFTER_KEY in metadata
    return prompt if is_known else replace(prompt, metadata={**metadata, WRITTEN_AFTER_KEY: entry_id})


def seen_by_writer(prompt: ModelRequest) -> str:
    """Return the end of the branch that the writer of a waiting prompt saw; '' if it is still shown."""
    return str((prompt.metadata or {}).get(WRITTEN_AFTER_KEY, ''))


def without_queue_keys(prompt: ModelRequest) -> ModelRequest:
    """Return a prompt that waits no more and begins a turn: its place now says what its writer saw."""
    keys = {WRITTEN_AFTER_KEY, STEERED_TURN_KEY, COMPARED_MODELS_KEY}
    metadata = {name: value for name, value in (prompt.metadata or {}).items() if name not in keys}
    return replace(prompt, metadata=metadata)


def with_steered_turn(prompt: ModelRequest, turn_id: str) -> ModelRequest:
    """Return a waiting prompt that is to be given to the run of this turn."""
    return replace(prompt, metadata={**(prompt.metadata or {}), STEERED_TURN_KEY: turn_id})


def steered_turn(message: ModelMessage) -> str:
    """Return the id of the turn whose run is to be given this, or was; '' of any other message."""
    return str((message.metadata or {}).get(STEERED_TURN_KEY, ''))


def prompt_text(prompt: ModelRequest) -> str:
    """Return the text that a person wrote."""
    return '\n\n'.join(
        text_without_attachments(part) for part in prompt.parts if isinstance(part, UserPromptPart)
    )


def continuation_request() -> ModelRequest:
    """Make a message that asks for the rest of the answer before it."""
    return ModelRequest(parts=[UserPromptPart(CONTINUATION_PROMPT)], metadata={CONTINUATION_KEY: True})


def is_continuation(message: ModelMessage) -> bool:
    """Return whether a message asks for the rest of the answer before it."""
    return isinstance(message, ModelRequest) and CONTINUATION_KEY in (message.metadata or {})


def is_placeholder(message: ModelMessage) -> bool:
    """Return whether a message is shown in the place of one that cannot be read."""
    return PLACEHOLDER_KEY in (message.metadata or {})


def begins_turn(message: ModelMessage) -> bool:
    """Return whether a person said this; a request with an image that a tool has returned looks alike."""
    return (
        isinstance(message, ModelRequest)
        and any(isinstance(part, UserPromptPart) for part in message.parts)
        and not any(isinstance(part, ToolReturnPart) for part in message.parts)
        and not is_continuation(message)
        and not steered_turn(message)
    )


def has_content(message: ModelMessage) -> bool:
    """Return whether a person could see anything of this message, thinking included."""
    return isinstance(message, ModelResponse) and any(map(_is_visible, message.parts))


def _is_visible(part: ModelResponsePart) -> bool:
    match part:
        case TextPart() | ThinkingPart():
            return bool(text_in_part(part).strip())
        case BaseToolCallPart():
            return True  # also one without arguments
        case _:
            return part.has_content()


def text_in_part(part: TextPart | ThinkingPart) -> str:
    """Return the text of a part, also if a server has sent something else as text."""
    content: Any = part.content
    if isinstance(content, str):
        return content
    return '' if content is None else json.dumps(content, ensure_ascii=False, default=repr)


def has_tool_return(message: ModelMessage) -> bool:
    """Return whether a message carries the result of a tool."""
    return isinstance(message, ModelRequest) and any(
        isinstance(part, ToolReturnPart) for part in message.parts
    )


def with_omissions(message: ModelMessage, omissions: Mapping[str, Sequence[str]]) -> ModelMessage:
    """Return a response with the names of what the model was asked without, by the key of their kind."""
    kept = {key: list(names) for key, names in omissions.items() if names}
    if not kept or not isinstance(message, ModelResponse):
        return message
    return replace(message, metadata={**(message.metadata or {}), **kept})


def omissions(messages: Iterable[ModelMessage], key: str) -> list[str]:
    """Return the names of what the model was asked without, in order; `key` is that of their kind."""
    return sorted({name for message in messages for name in _names_in(message, key)})


def _names_in(message: ModelMessage, key: str) -> list[str]:
    names = (message.metadata or {}).get(key)
    return [str(name) for name in names] if isinstance(names, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # from JSON


def truncated(message: ModelMessage, max_length: int) -> ModelMessage:
    """Return the message with no more than so many characters of text in each of its parts."""
    if not isinstance(message, ModelResponse):
        return message
    parts = [
        replace(part, content=text_in_part(part)[:max_length])
        if isinstance(part, TextPart | ThinkingPart)
        else part
        for part in message.parts
    ]
    return replace(message, parts=parts)


def is_answer(message: ModelMessage) -> bool:
    """Return whether this message says something beyond thinking."""
    return has_content(message) and any(not isinstance(part, ThinkingPart) for part in message.parts)


def text_without_attachments(part: UserPromptPart) -> str:
    """Return the text that a person wrote, without attachments."""
    if isinstance(part.content, str):
        return part.content
    return '\n\n'.join(item for item in part.content if isinstance(item, str))


def _prompt_part(text: str, files: Sequence[UserContent]) -> UserPromptPart:
    text = replace_lone_surrogates(text)  # half a character could not be sent, now and ever after
    if not files:
        return UserPromptPart(text)
    return UserPromptPart([text, *files] if text.strip() else files)


def validate_prompt(prompt: str, attachments: AttachedFiles) -> None:
    """Refuse what cannot be sent.

    Raises:
        PromptEmpty: If there is neither a visible character in the prompt nor a file with it.
        PromptTooLong: If it has more than `MAX_PROMPT_LENGTH` characters.
        AttachmentRefused: If there are too many files, or they are too large together.
    """
    if not prompt.strip() and not attachments:
        raise PromptEmpty
    if len(attachments) > MAX_ATTACHMENTS:
        raise AttachmentRefused(TOO_MANY_FILES_MESSAGE)
    if (size := sum(attachment.size for attachment in attachments)) > MAX_ATTACHMENT_BYTES:
        raise AttachmentRefused(
            f'These files are too large together: {format_size(size)} '
            f'(up to {format_size(MAX_ATTACHMENT_BYTES)}).'
        )
    if len(prompt) > MAX_PROMPT_LENGTH:
        raise PromptTooLong(
            TOO_LONG_MESSAGE.format(length=f'{len(prompt):,}', limit=f'{MAX_PROMPT_LENGTH:,}')
        )
