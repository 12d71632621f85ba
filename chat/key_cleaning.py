"""API keys as people and files give them: cleaned of what is around them, or refused in a sentence."""

import re
from collections.abc import MutableMapping

from chat.errors import KeyInvalid

ADDRESS_AND_KEY_VARIABLES = re.compile(
    r'(_API_KEY|_API_TOKEN|_AUTH_TOKEN|_ACCESS_KEY_ID|_ACCESS_KEY|_BEARER_TOKEN_BEDROCK|_BASE_URL|_ENDPOINT'
    r'|_API_VERSION|_ORG_ID|_PROJECT_ID|_CLOUD_PROJECT|_CLOUD_LOCATION|_PROXY|^SSL_CERT_FILE|^SSL_CERT_DIR|^HF_TOKEN)$',
    re.IGNORECASE,
)
"""Names of environment variables whose empty value means that they are not set."""

INVISIBLE_CHARACTERS = '\ufeff\u200b\u200c\u200d\u2060\u00a0'
"""Invisible characters that programs put around copied text."""

QUOTATION_MARKS = '"\'`\u2018\u2019\u201c\u201d'


def clean_key(text: str) -> str:
    """Return the key in a text, without line ends, spaces and quotation marks around it or 'Bearer '.

    Raises:
        KeyInvalid: If what is left can be no key, since no header of a request could carry it.
    """
    key = _trimmed(text)
    if not key or not key.isascii() or not key.isprintable() or ' ' in key:
        raise KeyInvalid
    return key


def clean_environment(environment: MutableMapping[str, str]) -> None:
    """Clean the addresses and keys in an environment, and remove those that are empty."""
    for name, value in list(environment.items()):
        if not ADDRESS_AND_KEY_VARIABLES.search(name):
            continue
        if not (trimmed := _trimmed(value)):
            del environment[name]
        elif trimmed != value:
            environment[name] = trimmed


def _trimmed(text: str) -> str:
    text = text.strip(INVISIBLE_CHARACTERS + ' \t\r\n\v\f')
    if len(text) > 1 and text[0] in QUOTATION_MARKS and text[-1] in QUOTATION_MARKS:
        text = _trimmed(text[1:-1])
    return re.sub(r'^Bearer\s+', '', text, flags=re.IGNORECASE)
