"""What can be sent."""

from chat.conversation.attachments import (
    MAX_ATTACHMENT_BYTES,
    MAX_ATTACHMENTS,
    NO_ATTACHMENTS,
    AttachedFiles,
    format_size,
)
from chat.errors import AttachmentRefused, PromptEmpty, PromptTooLong

MAX_PROMPT_LENGTH = 200_000
"""Characters; a browser's message to the server may hold a megabyte, a character takes up to four bytes."""

TOO_LONG_MESSAGE = (
    'This message is too long: {length} characters (up to {limit}). Send it in parts, or as a file.'
)
TOO_MANY_FILES_MESSAGE = f'A message can have up to {MAX_ATTACHMENTS} files.'


def validate_prompt(prompt: str, attachments: AttachedFiles = NO_ATTACHMENTS) -> None:
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
