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
        raise AttachmentRefused(f'A message can have up to {MAX_ATTACHMENTS} files.')
    if (size := sum(attachment.size for attachment in attachments)) > MAX_ATTACHMENT_BYTES:
        raise AttachmentRefused(
            f'These files are too large together: {format_size(size)} '
            f'(up to {format_size(MAX_ATTACHMENT_BYTES)}).'
        )
    if len(prompt) > MAX_PROMPT_LENGTH:
        raise PromptTooLong(
            f'This message is too long: {len(prompt):,} characters (up to {MAX_PROMPT_LENGTH:,}). '
            'Send it in parts.'
        )
