"""Markdown that grows in the browser by operations, not by being sent again."""

from nicegui import ui

from chat.rendering.blocks import BlockStream, Shown
from chat.rendering.markdown import render

NOTHING = Shown(0, 0, '')


class GrowingMarkdown(ui.markdown, component='growing_markdown.js'):
    """A `ui.markdown` with our own renderer.

    Its `content` works as ever. While an answer grows, `grow` sends what is new in a `BlockStream`: a change
    at the end of the tail that is shown, and if that closes it, the tail that follows. Each operation has a
    number, so that one that comes twice is passed over, and after one that is missing the browser asks for
    the whole.
    """

    def __init__(self, content: str = '') -> None:
        self._stream: BlockStream | None = None
        self._shown = NOTHING
        self._is_sent = False
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
        news = stream.news(self._shown) if stream is self._stream else None
        self._stream = stream
        if news is None:
            self._send_whole()
        elif stream.shown != self._shown:
            change = (news.edit.depth, news.edit.dropped, news.edit.html)
            self._send(stream, 'apply', *change, *([] if news.tail is None else [news.tail]))
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

    def _send_whole(self) -> None:
        if self._stream:
            self._send(self._stream, 'replace', ''.join(self._stream.closed), self._stream.tail)

    def _send(self, stream: BlockStream, method: str, *arguments: object) -> None:
        """Have the browser do what the stream needs, and note what it shows then."""
        self._sequence += 1
        self.run_method(method, self._sequence, *arguments)
        self._shown = stream.shown
        self._remember(''.join(stream.closed), stream.tail)

    def _remember(self, closed: str, tail: str) -> None:
        """What a page that is built anew begins with; nothing is sent."""
        with self.props.suspend_updates():
            self.props['innerHTML'] = closed
            self.props['tail'] = tail
            self.props['sequence'] = self._sequence
