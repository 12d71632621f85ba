"""Client-side state of a growing text, and the patches that bring it up to date."""

from chat.rendering.incremental import IncrementalMarkdown, Snapshot

Operation = tuple[str, *tuple[object, ...]]
"""A method of `growing_markdown.js` and its arguments; the first is the number of the operation."""


class ClientState:
    """What a page shows once all operations have arrived.

    Operations are numbered: the page ignores one that arrives twice, and after a missing one
    it asks for the whole text.
    """

    def __init__(self) -> None:
        self.sequence = 0
        """The number of the last operation."""
        self.closed = ''
        """The HTML that does not change any more."""
        self.tail = ''
        """The HTML after it, which may still change."""
        self._stream: IncrementalMarkdown | None = None
        self._snapshot = Snapshot(0, 0, '')

    def reset(self, html: str) -> None:
        """Show another text, by building the element from scratch."""
        self.sequence += 1
        self.closed, self.tail = html, ''
        self._stream = None

    def update(self, stream: IncrementalMarkdown) -> Operation | None:
        """Return the next operation that brings the page up to date; `None` if it is."""
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
        """Return the operation for a page that has missed one: show the whole text."""
        return self._next('replace', self.closed, self.tail)

    def _next(self, method: str, *arguments: object) -> Operation:
        self.sequence += 1
        return method, self.sequence, *arguments
