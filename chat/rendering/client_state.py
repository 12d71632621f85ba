"""What one page shows of a growing text, and the operations that bring it up to date."""

from chat.rendering.incremental import IncrementalMarkdown, Snapshot

Operation = tuple[str, *tuple[object, ...]]
"""A method of `growing_markdown.js` and what it is called with; first comes the number of the operation."""


class ClientState:
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
        self._stream: IncrementalMarkdown | None = None
        self._snapshot = Snapshot(0, 0, '')

    def reset(self, html: str) -> None:
        """Show something else, by building the element anew."""
        self.sequence += 1
        self.closed, self.tail = html, ''
        self._stream = None

    def update(self, stream: IncrementalMarkdown) -> Operation | None:
        """What the page has to do next to show what the stream shows; `None` if it does already."""
        news = stream.update_since(self._snapshot) if stream is self._stream else None
        if news and stream.snapshot == self._snapshot:
            return None
        self._stream, self._snapshot = stream, stream.snapshot
        self.closed, self.tail = stream.closed_html, stream.tail
        if news is None:
            return self.full_update()
        closing = () if news.tail is None else (news.tail,)
        return self._next('apply', news.patch.depth, news.patch.dropped, news.patch.html, *closing)

    def full_update(self) -> Operation:
        """What a page has to do that has missed something."""
        return self._next('replace', self.closed, self.tail)

    def _next(self, method: str, *arguments: object) -> Operation:
        self.sequence += 1
        return method, self.sequence, *arguments
