"""Lone surrogates, halves of characters: text with one can neither be sent nor stored."""


def replace_lone_surrogates(text: str) -> str:
    """Return the text with surrogate pairs joined, and U+FFFD for a surrogate without its other half.

    Some programs cut a text between the two halves by which UTF-16 writes an emoji. Such a half can be in a
    Python string, but not in UTF-8: one of them would break each request that has it in its history.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode('utf-16-le', 'surrogatepass').decode('utf-16-le', 'replace')
    return text


def trailing_surrogate(text: str) -> str:
    """Return the first half of a surrogate pair with which a text ends, or ''."""
    return text[-1:] if '\ud800' <= text[-1:] <= '\udbff' else ''
