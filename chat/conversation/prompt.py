"""What can be sent."""

from chat.conversation.attachment import LARGEST, MOST, NOTHING_ATTACHED, Attached, readable_size
from chat.errors import AttachmentRefused, PromptEmpty, PromptTooLong

LONGEST_PROMPT = 200_000
"""Characters; a browser's message to the server may hold a megabyte, a character takes up to four bytes."""


def check(prompt: str, attached: Attached = NOTHING_ATTACHED) -> None:
    """Refuse what cannot be sent.

    Raises:
        PromptEmpty: If there is neither a visible character in the prompt nor a file with it.
        PromptTooLong: If it has more than `LONGEST_PROMPT` characters.
        AttachmentRefused: If there are too many files, or they are too large together.
    """
    if not prompt.strip() and not attached:
        raise PromptEmpty
    if len(attached) > MOST:
        raise AttachmentRefused(f'A message can have {MOST} files at most.')
    if (size := sum(attachment.size for attachment in attached)) > LARGEST:
        raise AttachmentRefused(
            f'These files have {readable_size(size)}, the most is {readable_size(LARGEST)}.'
        )
    if len(prompt) > LONGEST_PROMPT:
        raise PromptTooLong(
            f'This message has {len(prompt):,} characters, the most is {LONGEST_PROMPT:,}. Send it in parts.'
        )
