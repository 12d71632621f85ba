"""A growing code block, rendered without the parser until its closing mark arrives."""

import re
from html import escape

from chat.rendering import code


class OpenCodeBlock:
    """The code after an opening fence at the margin.

    Complete lines are escaped once, so each update costs only the new lines.
    """

    def __init__(self, *, mark: str, language: str, start: int) -> None:
        """`start` is where the first line of code begins in the text."""
        self.language = language
        self._mark = mark[0]
        self._closing = re.compile(rf'^ {{0,3}}{re.escape(mark)}{re.escape(mark[0])}*[ \t]*\n', re.MULTILINE)
        self._start = start
        self._read = start
        self._head = code.figure_start(language)
        self._lines = ''

    def read(self, text: str) -> tuple[str, int] | None:
        """Read on; once the closing mark has arrived, return the code and the position after the block."""
        closing = self._closing.search(text, self._read)
        if closing:
            return text[self._start : closing.start()], closing.end()
        end = text.rfind('\n', self._read) + 1
        if end:
            self._lines += escape(text[self._read : end], quote=False)
            self._read = end
        return None

    def html(self, text: str) -> str:
        """Return the code so far, without a last line that may become the closing mark."""
        line = text[self._read :]
        may_close = not line.strip(' \t').strip(self._mark)
        return self._head + self._lines + ('' if may_close else escape(line, quote=False)) + code.FIGURE_END
