"""What one page shows of a growing text, and the operations that bring it up to date."""

from chat.rendering.blocks import BlockStream, Shown

Operation = tuple[str, *tuple[object, ...]]
"""A method of `growing_markdown.js` and what it is called with; first comes the number of the operation."""


class PageCopy:
    """The copy of a text that a page has once all operations have come.

    Each operation has a number, so that one that comes twice is passed over, and after one that is missing
    the page asks for the whole.
    """

    def __init__(self) -> None:
        self.sequence = 0
        """The number of the last operation."""
        self.closed = ''
        """The HTML that stays in the page."""
        self.tail = ''
        """The HTML after it, which may still change."""
        self._stream: BlockStream | None = None
        self._shown = Shown(0, 0, '')

    def begin(self, html: str) -> None:
        """Show something else, by building the element anew."""
        self.sequence += 1
        self.closed, self.tail = html, ''
        self._stream = None

    def follow(self, stream: BlockStream) -> Operation | None:
        """What the page has to do next to show what the stream shows; `None` if it does already."""
        news = stream.news(self._shown) if stream is self._stream else None
        if news and stream.shown == self._shown:
            return None
        self._stream, self._shown = stream, stream.shown
        self.closed, self.tail = stream.closed_html, stream.tail
        if news is None:
            return self.whole()
        closing = () if news.tail is None else (news.tail,)
        return self._next('apply', news.edit.depth, news.edit.dropped, news.edit.html, *closing)

    def whole(self) -> Operation:
        """What a page has to do that has missed something."""
        return self._next('replace', self.closed, self.tail)

    def _next(self, method: str, *arguments: object) -> Operation:
        self.sequence += 1
        return method, self.sequence, *arguments
