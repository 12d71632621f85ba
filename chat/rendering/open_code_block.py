"""A growing code block, rendered without the parser until its closing mark arrives."""

import re
from html import escape
from itertools import accumulate

from chat.rendering import code

STEP_LENGTH = 600
"""Characters of coloured code after which a line is looked for from which colouring can go on."""

OVERLAP_LENGTH = 150
"""Characters at the end that must have the same colours when colouring begins at that line."""

MAX_ATTEMPTS = 3
MAX_OPEN_LENGTH = 5_000
"""Characters without such a line; what follows has no colours until the block is complete."""


class OpenCodeBlock:
    """The code after an opening fence at the margin.

    Complete lines are rendered once or a few times, so each update costs only the new lines.
    """

    def __init__(self, *, mark: str, language: str, start: int) -> None:
        """`start` is where the first line of code begins in the text."""
        self.language = language
        self._mark = mark[0]
        self._closing = re.compile(rf'^ {{0,3}}{re.escape(mark)}{re.escape(mark[0])}*[ \t]*\n', re.MULTILINE)
        self._start = start
        self._read = start
        self._head = code.figure_start(language)
        self._lines = GrowingHighlight(language)

    def read(self, text: str) -> tuple[str, int] | None:
        """Read on; once the closing mark has arrived, return the code and the position after the block."""
        closing = self._closing.search(text, self._read)
        if closing:
            return text[self._start : closing.start()], closing.end()
        end = text.rfind('\n', self._read) + 1
        if end:
            self._lines.add(text[self._read : end])
            self._read = end
        return None

    def html(self, text: str) -> str:
        """Return the code so far, without a last line that may become the closing mark."""
        line = text[self._read :]
        may_close = not line.strip(' \t').strip(self._mark)
        return (
            self._head + self._lines.html + ('' if may_close else escape(line, quote=False)) + code.FIGURE_END
        )


class GrowingHighlight:
    """Complete lines of code that become more.

    Lines are coloured anew only from the last safe line on: one from which all that follows has the same
    colours whether or not the lexer has read what is before. Within a comment or a string there is none. The
    colours may be wrong nevertheless; the whole block is coloured once it is complete.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._is_coloured = code.is_highlighted(language)
        self._length = 0
        self._settled = ''  # HTML of the lines before the safe one
        self._open = ''  # the lines from it on
        self._open_html = ''
        self._next_step = STEP_LENGTH

    @property
    def html(self) -> str:
        return self._settled + self._open_html

    def add(self, lines: str) -> None:
        """Add complete lines."""
        self._length += len(lines)
        self._open += lines
        self._is_coloured &= (
            self._length <= code.MAX_HIGHLIGHTED_LENGTH and len(self._open) <= MAX_OPEN_LENGTH
        )
        tokens = code.tokens_of(self._open, self._language) if self._is_coloured else None
        if tokens is None:
            self._settle(self._open_html + escape(lines, quote=False), '')
            return
        self._open_html = code.spans(tokens)
        if len(self._open) >= self._next_step:
            self._look_for_safe_line(tokens)
            self._next_step = len(self._open) + STEP_LENGTH

    def _look_for_safe_line(self, tokens: list[code.CodeToken]) -> None:
        ends = accumulate(len(text) for _, text in tokens)
        safe = len(self._open) - OVERLAP_LENGTH
        places = [
            (count, end) for count, end in enumerate(ends, 1) if end <= safe and self._open[end - 1] == '\n'
        ]
        for count, end in places[: -MAX_ATTEMPTS - 1 : -1]:
            rest = self._open[end:]
            if code.tokens_of(rest, self._language) == tokens[count:]:
                self._settle(code.spans(tokens[:count]), rest)
                self._open_html = code.spans(tokens[count:])
                return

    def _settle(self, html: str, rest: str) -> None:
        self._settled += html
        self._open, self._open_html = rest, ''
