"""A growing text as HTML, at a cost that is linear in its length."""

import re
from dataclasses import dataclass

from chat.rendering import code
from chat.rendering.block_prefix import BlockPrefix
from chat.rendering.html_patch import HtmlPatch, html_patch
from chat.rendering.markdown import normalized, render
from chat.rendering.open_code_block import OpenCodeBlock
from chat.rendering.tail_parser import ParsedTail

LONG_BLOCK_LENGTH = 300
"""Characters of an open block that are read again at each look; at most about twice as many."""

MARKER_LINE = re.compile(r'[-+*=#>`~|:\s]+\Z')
NUMBER_LINE = re.compile(r' *\d{1,9}[.)]?[ \t]*\Z')
NUMBERED_ITEM = re.compile(r'^ *\d{1,9}[.)] ', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a stream shows at one moment."""

    generation: int
    """Goes up when what was closed had to be thrown away."""
    closed: int
    """How many blocks are closed."""
    tail: str


@dataclass(frozen=True, slots=True)
class Update:
    """What has to be done to what was shown before, so that it shows what a stream shows now."""

    patch: HtmlPatch
    """What becomes of the tail."""
    tail: str | None
    """If the tail is closed by that: the new one, which follows it."""


class IncrementalMarkdown:
    """A text that grows, as HTML blocks that are closed and a tail that may still change.

    Several views may share one: the first that wakes up updates it, the others find it done. Each remembers
    what it has shown, and asks what is new since.
    """

    closed: list[str]
    """HTML of the blocks that will not change any more, oldest first."""
    closed_html: str
    """The same in one piece."""
    tail: str
    """HTML of what may still change."""

    def __init__(self, long_block_length: int = LONG_BLOCK_LENGTH) -> None:
        self.generation = 0
        self._long_block_length = long_block_length
        self._last_update: tuple[Snapshot, Snapshot, Update] | None = None
        self._begin()

    def _begin(self) -> None:
        self.closed = []
        self.closed_html = ''
        self.tail = ''
        self._known = ''  # as it came
        self._taken = 0  # how much of it is in `_text`
        self._text = ''  # normalized
        self._start = 0  # where the tail begins in `_text`
        self._base = 0  # from where on it is read: further on, if there is an opening
        self._opening: BlockPrefix | None = None  # of a long block, the finished parts
        self._code: OpenCodeBlock | None = None  # if the tail is an open fence
        self._is_linked = False
        self._is_finished = False

    @property
    def html(self) -> str:
        return self.closed_html + self.tail

    @property
    def snapshot(self) -> Snapshot:
        """What there is to see now."""
        return Snapshot(self.generation, len(self.closed), self.tail)

    def update_since(self, before: Snapshot) -> Update | None:
        """What has come since, found once for all who saw the same; `None` if all must be shown anew."""
        now = self.snapshot
        if before.generation != now.generation:
            return None
        if self._last_update is None or self._last_update[:2] != (before, now):
            closed = ''.join(self.closed[before.closed :])
            news = Update(html_patch(before.tail, closed or self.tail), self.tail if closed else None)
            self._last_update = before, now, news
        return self._last_update[2]

    def update(self, text: str) -> None:
        """Show a text, whole so far. If it does not continue the known one, begin again."""
        if text == self._known:
            return
        if self._is_finished or not text.startswith(self._known):
            self._begin()
            self.generation += 1
        self._known = text
        self._advance(len(text) - text.endswith('\r'))  # `\r` may be half of a line end

    def finish(self) -> None:
        """Take the text as complete: from now on `html` is what `render` makes of it."""
        if self._is_finished:
            return
        self._advance(len(self._known))
        self._code = None
        self._drop_wrong_prefix()
        self.tail = ''.join(self._read(len(self._text)).blocks)
        self._is_finished = True
        if self._is_linked and (whole := render(self._known)) != self.html:
            self.closed, self.closed_html, self.tail = [whole], whole, ''
            self.generation += 1

    def _advance(self, end: int) -> None:
        """Read on up to `end` of the known text."""
        added = normalized(self._known[self._taken : end])
        self._taken = end
        self._text += added
        if self._code:
            self._read_code(self._code)
        if added and not self._code:
            self._read_blocks()

    def _read_code(self, growing: OpenCodeBlock) -> None:
        """Show an open fence; close it if its closing mark has come."""
        if found := growing.read(self._text):
            content, self._base = found
            self._start = self._base
            self._close([code.figure(content, growing.language)])
            self._code = None
        self.tail = growing.html(self._text) if self._code else ''

    def _read_blocks(self) -> None:
        """Show the tail; close what is settled in it, and do not read again what is finished."""
        end = self._base + visible_text(self._text[self._base :])
        reading = self._read(end)
        if reading.settled_count and self._drop_wrong_prefix():
            reading = self._read(end)
        read_from, blocks, settled = self._base, reading.blocks, reading.settled_count
        self.tail = ''.join(blocks[settled:])
        if settled:
            self._close(blocks[:settled])
            self._start = self._base = read_from + reading.start(settled)
            self._opening = None
        if settled == len(blocks) - 1 and (fence := reading.open_fence):
            start = read_from + fence.start
            self._code = OpenCodeBlock(mark=fence.mark, language=fence.language, start=start)
            self._read_code(self._code)
        elif (
            not settled
            and len(blocks) == 1
            and (self._opening or len(self._text) - self._base > 2 * self._long_block_length)
        ):
            self._opening, offset = reading.finished(self._long_block_length) or (self._opening, 0)
            self._base += offset

    def _close(self, blocks: list[str]) -> None:
        self.closed += blocks
        self.closed_html += ''.join(blocks)

    def _read(self, end: int) -> ParsedTail:
        """Read the tail; from its start, if it has become something else than it seemed."""
        reading = ParsedTail(self._text[self._base : end], self._opening)
        if not reading.fits:
            self._base, self._opening = self._start, None
            reading = ParsedTail(self._text[self._base : end])
        self._is_linked |= reading.is_linked
        return reading

    def _drop_wrong_prefix(self) -> bool:
        """Have a block read from its start if what was finished of it may be wrong; whether that is so."""
        if self._opening and self._opening.is_tentative:
            self._base, self._opening = self._start, None
            return True
        return False


def visible_text(text: str) -> int:
    """How much of a text to show: without a last line that only begins to say what it will be.

    A `-` after a line of text would make a heading of it, and the next letter take that back.
    """
    begin = text.rfind('\n') + 1
    is_number = NUMBER_LINE.match(text, begin) and NUMBERED_ITEM.search(text)
    return begin if is_number or MARKER_LINE.match(text, begin) else len(text)
