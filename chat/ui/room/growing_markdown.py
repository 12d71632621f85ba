"""Markdown that grows in the browser by operations, not by being sent again."""

from nicegui import ui

from chat.rendering.blocks import BlockStream
from chat.rendering.growth import growth
from chat.rendering.markdown import render


class GrowingMarkdown(ui.markdown, component='growing_markdown.js'):
    """A `ui.markdown` with our own renderer.

    Its `content` works as ever. While an answer grows, `grow` sends what is new in a `BlockStream`: what is
    to be added to the tail that is shown, or a new tail in its place, and further blocks that are closed.
    Each operation has a number, so that one that comes twice is passed over, and after one that is missing
    the browser asks for the whole.
    """

    def __init__(self, content: str = '') -> None:
        self._stream: BlockStream | None = None
        self._is_sent = False
        self._generation = 0
        self._blocks_sent = 0
        self._tail_sent = ''
        self._sequence = 0
        super().__init__(content, extras=[], sanitize=False)  # `render` lets no HTML of the text through
        self.classes('prose')
        self.on('lost', self._send_whole, args=[])

    def grow(self, text: str, stream: BlockStream) -> None:
        """Show a text that may still grow, by the stream that all who look at it share."""
        stream.update(text)
        self._show(text, stream)

    def settle(self, text: str) -> None:
        """Show a text that has grown here and will not any more."""
        if self._stream:
            self._stream.update(text)
            self._stream.finish()
            self._show(text, self._stream)

    def _show(self, text: str, stream: BlockStream) -> None:
        if stream is not self._stream or stream.generation != self._generation:
            self._stream = stream
            self._generation = stream.generation
            self._send_whole()
        elif len(stream.closed) > self._blocks_sent or stream.tail != self._tail_sent:
            self._send_news(stream)
        self._is_sent = True
        self.content = text
        self._is_sent = False

    def _handle_content_change(self, content: str) -> None:
        """Called by `ui.markdown` when `content` is set; what has grown is in the browser already."""
        if not self._is_sent:
            self._stream = None
            self._sequence += 1
            self._remember(render(content), '')
            self.update()

    def _send_news(self, stream: BlockStream) -> None:
        closed = stream.closed[self._blocks_sent :]
        added = growth(self._tail_sent, closed[0] if closed else stream.tail)
        self._sequence += 1
        if added is None:
            self.run_method('apply', self._sequence, 0, '', ''.join(closed), stream.tail)
        elif closed:
            self.run_method(
                'apply', self._sequence, added.depth, added.html, ''.join(closed[1:]), stream.tail
            )
        else:
            self.run_method('apply', self._sequence, added.depth, added.html)
        self._remember(''.join(stream.closed), stream.tail)
        self._note_sent(stream)

    def _send_whole(self) -> None:
        if self._stream is None:
            return
        closed = ''.join(self._stream.closed)
        self._sequence += 1
        self.run_method('replace', self._sequence, closed, self._stream.tail)
        self._remember(closed, self._stream.tail)
        self._note_sent(self._stream)

    def _note_sent(self, stream: BlockStream) -> None:
        self._blocks_sent = len(stream.closed)
        self._tail_sent = stream.tail

    def _remember(self, closed: str, tail: str) -> None:
        """What a page that is built anew begins with; nothing is sent."""
        with self.props.suspend_updates():
            self.props['innerHTML'] = closed
            self.props['tail'] = tail
            self.props['sequence'] = self._sequence
