"""A title from the first words of a conversation."""

LENGTH = 60
"""Characters that a row of the sidebar can show without being cut by the browser."""


def first_words(prompt: str) -> str:
    """The beginning of a prompt on one line, cut between words where there are any."""
    text = ' '.join(prompt.split())
    if len(text) <= LENGTH:
        return text
    whole_words = text[:LENGTH].rpartition(' ')[0]
    return (whole_words or text[: LENGTH - 1]).rstrip('.,;:!?-') + '…'
