"""Incremental Markdown rendering of a growing text, at a cost that is linear in its length."""

import re
from dataclasses import dataclass
from html import escape
from time import perf_counter

from chat.rendering.block_prefix import BlockPrefix
from chat.rendering.html_patch import HtmlPatch, html_patch
from chat.rendering.markdown import code_block, normalized, render
from chat.rendering.open_code_block import OpenCodeBlock
from chat.rendering.tail_parser import ParsedTail

LONG_BLOCK_LENGTH = 300
"""Characters of an open block that are parsed again at each update; at most about twice as many."""

PARAGRAPH_PACE, OTHER_PACE = (1_200, 3), (3_000, 8)
"""Up to how many characters an open block is parsed at each update, and by which part it must grow then.

Only an odd text has so long a block: nothing in it can be taken as finished. What is new in it is shown as it
was written until then.
"""

PIECE_LENGTH = 1_000
"""Characters that `advance` renders between two looks at the clock."""

SLICE_TIME = 0.01
"""Seconds for which `advance` renders at a time, and then rests for as long."""

MARKER_LINE = re.compile(r'[-+*=#>`~|:\s]+\Z')
NUMBER_LINE = re.compile(r' *\d{1,9}[.)]?[ \t]*\Z')
NUMBERED_ITEM = re.compile(r'^ *\d{1,9}[.)] ', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a rendering at one moment."""

    generation: int
    """Increases when closed blocks had to be discarded."""
    closed: int
    """How many blocks are closed."""
    tail: str


@dataclass(frozen=True, slots=True)
class Update:
    """The changes since an earlier snapshot."""

    patch: HtmlPatch
    """The change of the tail."""
    tail: str | None
    """The new tail, if the old one was closed by the patch."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What of the text was parsed last."""

    end: int
    tail: str
    is_paragraph: bool = False


class IncrementalMarkdown:
    """A growing text as HTML: closed blocks, and a tail that may still change.

    Several views may share one: the first one to wake up updates it for all. Each remembers the snapshot it
    has shown, and asks for the update since.
    """

    closed: list[str]
    """HTML of the blocks that will not change any more, oldest first."""
    closed_html: str
    """The same in one piece."""
    tail: str
    """HTML of the part that may still change."""

    def __init__(self, long_block_length: int = LONG_BLOCK_LENGTH) -> None:
        self.generation = 0
        self._long_block_length = long_block_length
        self._last_update: tuple[Snapshot, Snapshot, Update] | None = None
        self._snapshot: Snapshot | None = None
        self._rests_until = 0.0
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
        self._parsed = Parsed(0, '')
        self._split_length = 0  # of an open block, from which it is worth to look for a finished part
        self._is_linked = False
        self._is_finished = False

    @property
    def html(self) -> str:
        return self.closed_html + self.tail

    @property
    def snapshot(self) -> Snapshot:
        """The current state, made once for all who look."""
        self._snapshot = self._snapshot or Snapshot(self.generation, len(self.closed), self.tail)
        return self._snapshot

    def update_since(self, before: Snapshot) -> Update | None:
        """Return the update since a snapshot, computed once for all; `None` if all must be shown again."""
        now = self.snapshot
        if before.generation != now.generation:
            return None
        if self._last_update is None or self._last_update[:2] != (before, now):
            closed = ''.join(self.closed[before.closed :])
            news = Update(html_patch(before.tail, closed or self.tail), self.tail if closed else None)
            self._last_update = before, now, news
        return self._last_update[2]

    @property
    def unfinished_length(self) -> int:
        """How many characters `finish` renders anew: all of a text with links or footnotes defined in it."""
        return len(self._known) if self._is_linked else len(self._known) - self._start

    def advance(self, text: str, slice_time: float = SLICE_TIME) -> bool:
        """Render as much of the text as can be in a moment; return whether that is all.

        What is left comes with the next calls. Between two moments it rests, however many views call it.
        """
        begun = perf_counter()
        while text != self._known and begun >= self._rests_until:
            is_next = text.startswith(self._known) and not self._is_finished
            self.update(text[: (len(self._known) if is_next else 0) + PIECE_LENGTH])
            now = perf_counter()
            if now - begun > slice_time:
                self._rests_until = now + (now - begun)
        return text == self._known

    def update(self, text: str) -> None:
        """Render the text so far. Start over if it does not continue the known one."""
        if text == self._known:
            return
        self._snapshot = None
        if self._is_finished or not text.startswith(self._known):
            self._begin()
            self.generation += 1
        self._known = text
        self._advance(len(text) - text.endswith('\r'))  # `\r` may be half of a line end

    def finish(self, whole: str = '') -> None:
        """Mark the text as complete: from now on `html` equals `render(text)`, which `whole` is if given."""
        if self._is_finished:
            return
        self._snapshot = None
        if not whole:
            self._finish_tail()
            whole = render(self._known) if self._is_linked else self.html
        self._is_finished = True
        if whole != self.html:
            self.closed, self.closed_html, self.tail = [whole], whole, ''
            self.generation += 1

    def _finish_tail(self) -> None:
        self._advance(len(self._known))
        self._code = None
        self._drop_wrong_prefix()
        self.tail = ''.join(self._read(len(self._text), is_complete=True).blocks)

    def _advance(self, end: int) -> None:
        """Continue up to `end` of the known text."""
        added = normalized(self._known[self._taken : end])
        self._taken = end
        self._text += added
        if self._code:
            self._read_code(self._code)
        if added and not self._code:
            self._read_blocks()

    def _read_code(self, growing: OpenCodeBlock) -> None:
        """Render an open code fence; close it if its closing mark has arrived."""
        if found := growing.read(self._text):
            content, self._base = found
            self._start = self._base
            self._close([code_block(content, growing.language)])
            self._code = None
        self.tail = growing.html(self._text) if self._code else ''

    def _read_blocks(self) -> None:
        """Render the tail; close its settled blocks, and skip its finished parts from now on."""
        end = self._base + visible_text(self._text[self._base :])
        if not self._is_due(end):
            rest = escape(self._text[self._parsed.end : end], quote=False).replace('\n', '<br>\n')
            self.tail = f'{self._parsed.tail}<p>{rest}</p>\n'
            return
        reading = self._read(end)
        if reading.settled_count and self._drop_wrong_prefix():
            reading = self._read(end)
        read_from, blocks, settled = self._base, reading.blocks, reading.settled_count
        self.tail = ''.join(blocks[settled:])
        self._parsed = Parsed(end, self.tail, reading.is_paragraph)
        if settled:
            self._close(blocks[:settled])
            self._start = self._base = read_from + reading.start(settled)
            self._opening = None
            self._split_length = 0
        if settled == len(blocks) - 1 and (fence := reading.open_fence):
            start = read_from + fence.start
            self._code = OpenCodeBlock(mark=fence.mark, language=fence.language, start=start)
            self._read_code(self._code)
        elif not settled and len(blocks) == 1:
            self._skip_finished_parts(reading)

    def _is_due(self, end: int) -> bool:
        """Return whether to parse the tail; one that stays long is parsed less often the longer it is."""
        free_length, pace = PARAGRAPH_PACE if self._parsed.is_paragraph else OTHER_PACE
        length = end - self._base
        return length <= free_length or (end - self._parsed.end) * pace >= length

    def _skip_finished_parts(self, reading: ParsedTail) -> None:
        """Go on behind the finished parts of the only block, if there are any; else look again later."""
        length = len(self._text) - self._base
        if not self._opening and length <= 2 * self._long_block_length:
            return
        if length < self._split_length:
            return
        found = reading.finished(self._long_block_length)
        self._split_length = 0 if found else length + length // 3
        if found:
            self._opening, offset = found
            self._base += offset

    def _close(self, blocks: list[str]) -> None:
        self.closed += blocks
        self.closed_html += ''.join(blocks)

    def _read(self, end: int, *, is_complete: bool = False) -> ParsedTail:
        """Parse the tail; from its start if the prefix no longer fits."""
        reading = ParsedTail(self._text[self._base : end], self._opening, is_complete=is_complete)
        if not reading.fits:
            self._base, self._opening = self._start, None
            reading = ParsedTail(self._text[self._base : end], is_complete=is_complete)
        self._is_linked |= reading.is_linked
        return reading

    def _drop_wrong_prefix(self) -> bool:
        """Drop the prefix of a block if it may be wrong; return whether it was dropped."""
        if self._opening and self._opening.is_tentative:
            self._base, self._opening = self._start, None
            return True
        return False


def visible_text(text: str) -> int:
    """Return how much of a text to show: without a last line whose meaning is still open.

    A `-` after a line of text would turn it into a heading, and the next letter undo that.
    """
    begin = text.rfind('\n') + 1
    is_number = NUMBER_LINE.match(text, begin) and NUMBERED_ITEM.search(text)
    return begin if is_number or MARKER_LINE.match(text, begin) else len(text)
