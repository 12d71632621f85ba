"""Markdown that grows in the browser by operations, not by being sent again."""

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from chat.conversation.live_conversation import LiveConversation
from chat.nicegui_compat import ContentHook
from chat.rendering.client_state import ClientState, Operation
from chat.rendering.incremental import IncrementalMarkdown
from chat.rendering.links import with_file_prefix
from chat.rendering.markdown import render_with_images
from chat.ui.chat.shorthand import shortened
from chat.ui.html import address_prefix
from chat.ui.javascript import COMPONENTS
from chat.ui.page_messages import send_list


class GrowingMarkdown(ContentHook, component=COMPONENTS / 'growing_markdown.js'):
    """A `ui.markdown` with our own renderer.

    Its `content` works as ever. While an answer grows, `grow` sends what is new in an `IncrementalMarkdown`:
    a change
    at the end of the tail that is shown, and if that closes it, the tail that follows.
    """

    def __init__(self, content: str = '') -> None:
        self._client_state = ClientState()
        self._stream: IncrementalMarkdown | None = None
        self._is_sent = False
        self._images: Mapping[str, str] = {}
        self._prefix = address_prefix()
        super().__init__(content, extras=[], sanitize=False)  # `render` lets no HTML of the text through
        self.classes('prose')
        self.on('resync', lambda: self._send(self._client_state.full_update()), args=[])

    def grow(self, text: str, stream: IncrementalMarkdown) -> None:
        """Show a text that may still grow, by the stream that all who look at it share."""
        stream.update(text)
        self._stream = stream
        self._show(text, stream)

    def finish(self, text: str) -> None:
        """Show a text that has grown here and will not any more."""
        if self._stream:
            self._stream.update(text)
            self._stream.finish()
            self._show(text, self._stream)
            send_list(self, 'grow')
        self._stream = None

    def show_with_images(self, text: str, images: Mapping[str, str]) -> None:
        """Show a text that does not grow, in which images are shown: their SHA-256 by their addresses."""
        self._images = images
        if self.content == text:
            self.show_content(text)
        else:
            self.content = text

    def _show(self, text: str, stream: IncrementalMarkdown) -> None:
        if operation := self._client_state.update(stream):
            self._send(operation)
        self._is_sent = True
        self.content = text
        self._is_sent = False

    def show_content(self, content: str) -> None:
        """Show content that was set; what has grown is in the browser already."""
        if not self._is_sent:
            self._stream = None
            self._client_state.reset(render_with_images(content, self._images))
            self.update()

    def _send(self, operation: Operation) -> None:
        send_list(
            self,
            'grow',
            (shortened(self._local(part)) if isinstance(part, str) else part for part in operation),
        )

    def set_initial_props(self) -> None:
        """Set what a page that is built anew begins with."""
        state = self._client_state
        self.props.update(
            innerHTML=self._local(state.closed), tail=self._local(state.tail), sequence=state.sequence
        )

    def _local(self, html: str) -> str:
        """Return HTML with our files as this page must ask for them."""
        return with_file_prefix(html, self._prefix)


class StreamCache:
    """The block streams of the turn that is being answered, for each open conversation."""

    def __init__(self) -> None:
        self._streams: WeakKeyDictionary[
            LiveConversation, dict[tuple[str, str, int], IncrementalMarkdown]
        ] = WeakKeyDictionary()

    def stream(self, live: LiveConversation, turn_id: str, place: int, model: str) -> IncrementalMarkdown:
        """Return the stream of one part of an answer; `place` counts the parts from 0.

        `model` tells the answers to one question apart that several models give at once.
        """
        streams = self._streams.setdefault(live, {})
        for key in [key for key in streams if key[0] != turn_id]:
            del streams[key]  # of turns that have ended; who still shows one holds it
        return streams.setdefault((turn_id, model, place), IncrementalMarkdown())
