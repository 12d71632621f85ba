"""Redaction: keys and passwords are hidden in logs and in sentences, wherever they turn up."""

import json
import logging
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote, unquote

from chat.json_log import JsonFormatter

SECRET_NAMES = re.compile(r'(KEY|TOKEN|SECRET|PASSWORD)S?$', re.IGNORECASE)
"""Names of environment variables that hold secrets."""

MIN_SECRET_LENGTH = 6
"""The least characters of a secret; what is shorter may as well be an ordinary word."""

ADDRESS_CREDENTIALS = re.compile(r'(\w://)([^/?#@\s"\'<>]+)@')
"""What a URL has before its host: a name and a password, or a key."""

REDACTED = '•••'


class SecretRedactor:
    """Hides the secrets of an environment, as it is at that moment, in texts."""

    def __init__(
        self, environment: Mapping[str, str], *others: str | Callable[[], Iterable[str]] | None
    ) -> None:
        """Hide `others` too: those that are not `None`, and those that a function gives at that moment."""
        self._environment = environment
        self._others = others

    def redact(self, text: str) -> str:
        """Return the text with `REDACTED` in place of each secret, in whatever form it is there."""
        text = ADDRESS_CREDENTIALS.sub(rf'\1{REDACTED}@', text)
        secrets = self._secrets()
        return re.sub('|'.join(map(re.escape, secrets)), REDACTED, text) if secrets else text

    def _secrets(self) -> list[str]:
        values = list(self._environment.items())
        named = [value for name, value in values if SECRET_NAMES.search(name)]
        passwords = [part for _, value in values for part in passwords_in(value)]
        secrets = (*named, *passwords, *self._other_secrets())
        known = {form for secret in secrets for form in encodings_of(secret)}
        return sorted(known, key=len, reverse=True)  # one may begin with another

    def _other_secrets(self) -> Iterator[str]:
        for other in self._others:
            if callable(other):
                yield from other()
            elif other:
                yield other


def passwords_in(address: str | None) -> list[str]:
    """Return the password in an address, as it is and as it is sent with the name before it."""
    if not address or not (found := ADDRESS_CREDENTIALS.search(address)):
        return []
    name, _, password = unquote(found[2]).partition(':')
    return [password or name, b64encode(f'{name}:{password}'.encode(errors='replace')).decode()]


def encodings_of(secret: str) -> set[str]:
    """Return the forms of a secret in a text: as it is, in lines, as Python, JSON and URLs write it."""
    whole = {secret, secret.strip(), secret.strip('\'" \t\r\n'), *secret.split()}
    written = {form[1:-1] for text in whole for form in (repr(text), ascii(text), json.dumps(text))}
    encoded = {quote(text, safe=safe, errors='replace') for text in whole for safe in ('', '/')}
    return {form for form in whole | written | encoded if len(form) >= MIN_SECRET_LENGTH}


class RedactingFormatter(logging.Formatter):
    """Hides secrets in what another formatter writes, tracebacks included."""

    def __init__(self, formatter: logging.Formatter | None, redactor: SecretRedactor) -> None:
        super().__init__()
        self._formatter = formatter or logging.Formatter()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.redact(self._formatter.format(record))


def redact_logs(redactor: SecretRedactor) -> None:
    """Hide secrets in all that is logged from now on."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, JsonFormatter):
            handler.setFormatter(JsonFormatter(redactor.redact))
        else:
            handler.setFormatter(RedactingFormatter(handler.formatter, redactor))
