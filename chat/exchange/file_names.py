"""Names of exported files: legal on every system, and each only once."""

import re

MAX_TITLE_BYTES = 80
"""Bytes of a title in a name; with the rest of it that makes at most 120."""

_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+')

_RESERVED = re.compile(r'(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?', re.IGNORECASE)
"""What Windows takes for a device, whatever its ending."""


def file_title(title: str) -> str:
    """Return a title as the name of a file without its ending."""
    name = ' '.join(_ILLEGAL.sub(' ', title).split()).strip('. ')
    name = name.encode('utf-8', 'replace')[:MAX_TITLE_BYTES].decode('utf-8', 'ignore').strip('. ')
    return f'{name}_' if _RESERVED.fullmatch(name) else name or 'Chat'


def numbered_title(title: str, conversation_id: str) -> str:
    """Return a name that no other chat has: the title, and the end of the id, which tells chats apart."""
    return f'{file_title(title)}-{re.sub("[^0-9A-Za-z]", "", conversation_id)[-8:]}'
