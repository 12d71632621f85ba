"""JsonFormatter: the log as one JSON object a line, for programs that collect it."""

import json
import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime

PROCESS_FIELDS: dict[str, str] = {}
"""What each line says of this process, such as the name of its node."""

LOG_FIELDS: ContextVar[Mapping[str, str]] = ContextVar('parlour_log_fields')
"""What lines say of what is being done: the conversation and the run. Never a word of what was said in it."""


class JsonFormatter(logging.Formatter):
    """Writes time, level, logger and message, what `PROCESS_FIELDS` and `LOG_FIELDS` say, and a traceback."""

    def __init__(self, redact: Callable[[str], str] = str) -> None:
        """`redact` hides secrets; it is given each text before it becomes JSON, which it might break."""
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            'time': datetime.fromtimestamp(record.created, UTC).isoformat(timespec='milliseconds'),
            'level': record.levelname.lower(),
            'logger': record.name,
            'message': self._redact(record.getMessage()),
            **PROCESS_FIELDS,
            **LOG_FIELDS.get({}),
        }
        if record.exc_info:
            fields['exception'] = self._redact(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False).encode(errors='replace').decode()
