"""What can be sent."""

from chat.errors import PromptEmpty, PromptTooLong

LONGEST_PROMPT = 200_000
"""Characters; a browser's message to the server may hold a megabyte, a character takes up to four bytes."""


def check(prompt: str) -> None:
    """Refuse what cannot be sent.

    Raises:
        PromptEmpty: If there is no visible character in the prompt.
        PromptTooLong: If it has more than `LONGEST_PROMPT` characters.
    """
    if not prompt.strip():
        raise PromptEmpty
    if len(prompt) > LONGEST_PROMPT:
        raise PromptTooLong(
            f'This message has {len(prompt):,} characters, the most is {LONGEST_PROMPT:,}. Send it in parts.'
        )
