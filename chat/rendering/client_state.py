"""Client-side state of a growing text, and the patches that bring it up to date."""

from typing import TypeAlias

from chat.rendering.incremental import IncrementalMarkdown, Snapshot

WHOLE, NOTHING = -1, -1
"""The depth of an operation that shows all anew, and how much is dropped by one that only adds."""

Operation: TypeAlias = tuple[int, str, int] | tuple[int, str, int, int] | tuple[int, str, int, int, str]
"""The number of an operation, HTML that is added, and at which depth; what is dropped before; the new tail.

`growing_markdown.js` applies it. What is at the end is left out where it says nothing.
"""


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
        self.sequence += 1
        patch, dropped = news.patch, NOTHING if news.patch.dropped is None else news.patch.dropped
        if news.tail is not None:
            return self.sequence, patch.html, patch.depth, dropped, news.tail
        if dropped != NOTHING:
            return self.sequence, patch.html, patch.depth, dropped
        return self.sequence, patch.html, patch.depth

    def full_update(self) -> Operation:
        """Return the operation for a page that has missed one: show the whole text."""
        self.sequence += 1
        return self.sequence, self.closed, WHOLE, NOTHING, self.tail
