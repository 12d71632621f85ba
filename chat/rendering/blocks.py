"""A growing text as HTML, at a cost that is linear in its length."""

from chat.rendering import code
from chat.rendering.growing_code import GrowingCode
from chat.rendering.markdown import normalized, render
from chat.rendering.top_level import Blocks, blocks_of


class BlockStream:
    """A text that grows, as HTML blocks that are closed and a tail that may still change.

    Several views may share one: the first that wakes up updates it, the others find it done. Each
    remembers the generation and how many blocks it shows, and adds what it lacks.
    """

    closed: list[str]
    """HTML of the blocks that will not change any more, oldest first."""
    tail: str
    """HTML of what may still change."""
    generation: int
    """Goes up when what was closed had to be thrown away: who shows an older one shows all again."""

    def __init__(self) -> None:
        self.generation = 0
        self._begin()

    def _begin(self) -> None:
        self.closed = []
        self.tail = ''
        self._known = ''  # as it came
        self._taken = 0  # how much of it is in `_text`
        self._text = ''  # normalized
        self._base = 0  # where the tail begins in `_text`
        self._code: GrowingCode | None = None  # if the tail is an open fence
        self._is_linked = False
        self._is_finished = False

    @property
    def html(self) -> str:
        return ''.join(self.closed) + self.tail

    def update(self, text: str) -> None:
        """Show a text, whole so far. If it does not continue the known one, begin again."""
        if text == self._known:
            return
        if self._is_finished or not text.startswith(self._known):
            self._begin()
            self.generation += 1
        self._known = text
        self._take(len(text) - text.endswith('\r'))  # `\r` may be half of a line end

    def finish(self) -> None:
        """Take the text as complete: from now on `html` is what `render` makes of it."""
        if self._is_finished:
            return
        self._take(len(self._known))
        self._code = None
        self._show_tail()
        self._is_finished = True
        if self._is_linked and (whole := render(self._known)) != self.html:
            self.closed, self.tail = [whole], ''
            self.generation += 1

    def _take(self, end: int) -> None:
        """Read on up to `end` of the known text."""
        added = normalized(self._known[self._taken : end])
        self._taken = end
        self._text += added
        if self._code and not self._close_code(self._code):
            self.tail = self._code.html(self._text)
        elif '\n' in added:
            self._close_blocks()
        elif added:
            self._show_tail()

    def _close_code(self, growing: GrowingCode) -> bool:
        """Close the open fence, if its closing mark has come."""
        found = growing.read(self._text)
        if found is None:
            return False
        content, self._base = found
        self.closed.append(code.figure(content, growing.language))
        self._code = None
        return True

    def _close_blocks(self) -> None:
        """Close what complete lines have settled, and show the rest.

        The last line may yet become anything: after a list, `3` is a paragraph and `3.` is the next item.
        """
        end = self._text.rindex('\n') + 1
        lines = self._text[self._base : end]
        found = blocks_of(lines)
        self._is_linked |= found.is_linked
        self.closed += [block.html for block in found.blocks[: found.settled]]
        self._open_code(found, lines)
        still_open = found.blocks[found.settled :]
        if still_open:
            self._base += offset_of(still_open[0].line, lines)
        elif found.blocks:
            self._base = end
        if self._code:
            self.tail = self._code.html(self._text)
        elif end == len(self._text):
            self.tail = ''.join(block.html for block in still_open)
        else:
            self._show_tail()

    def _open_code(self, found: Blocks, lines: str) -> None:
        """If all but an open fence is closed, go on without the parser."""
        fence = found.open_fence
        if fence and found.settled == len(found.blocks) - 1:
            start = self._base + offset_of(fence.line + 1, lines)
            self._code = GrowingCode(mark=fence.mark, language=fence.language, start=start)
            self._code.read(self._text)

    def _show_tail(self) -> None:
        found = blocks_of(self._text[self._base :])
        self._is_linked |= found.is_linked
        self.tail = ''.join(block.html for block in found.blocks)


def offset_of(line: int, text: str) -> int:
    """Where a line begins, counted from 0."""
    return sum(len(before) + 1 for before in text.split('\n')[:line])
