"""What must not be told: keys, wherever they turn up in a text."""

import logging
import re
from collections.abc import Mapping

SECRET_NAMES = re.compile(r'(KEY|TOKEN|SECRET|PASSWORD)S?$', re.IGNORECASE)
"""Names of environment variables that hold what nobody is to see."""

SHORTEST = 6
"""Characters of a secret; what is shorter may as well be an ordinary word."""

HIDDEN = '•••'


class Discretion:
    """Hides the secrets of an environment, as it is at the time, in the texts that it is shown."""

    def __init__(self, environment: Mapping[str, str], *others: str | None) -> None:
        """Hide `others` too, as far as they are not `None`."""
        self._environment = environment
        self._others = [other for other in others if other]

    def hide(self, text: str) -> str:
        """The text with `HIDDEN` in place of each secret."""
        secrets = self._secrets()
        return re.sub('|'.join(map(re.escape, secrets)), HIDDEN, text) if secrets else text

    def _secrets(self) -> list[str]:
        named = [value for name, value in self._environment.items() if SECRET_NAMES.search(name)]
        known = {secret for secret in (*named, *self._others) if len(secret) >= SHORTEST}
        return sorted(known, key=len, reverse=True)  # one may begin with another


class DiscreetFormatter(logging.Formatter):
    """Hides secrets in what another formatter writes, tracebacks included."""

    def __init__(self, written: logging.Formatter | None, discretion: Discretion) -> None:
        super().__init__()
        self._written = written or logging.Formatter()
        self._discretion = discretion

    def format(self, record: logging.LogRecord) -> str:
        return self._discretion.hide(self._written.format(record))


def be_discreet(discretion: Discretion) -> None:
    """Have nothing secret written into the log from now on."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(DiscreetFormatter(handler.formatter, discretion))
