"""Markdown that grows in the browser by operations, not by being sent again."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping

from chat.nicegui_compat import ContentHook, DeletionHook
from chat.rendering.client_state import ClientState, Operation
from chat.rendering.incremental import IncrementalMarkdown
from chat.rendering.links import with_file_prefix
from chat.rendering.markdown import render, render_with_images
from chat.ui.chat.shorthand import shortened
from chat.ui.html import address_prefix
from chat.ui.javascript import COMPONENTS
from chat.ui.page_messages import send_list

log = logging.getLogger(__name__)

LONG_TEXT_LENGTH = 50_000
"""Characters of a text that is not rendered in one go while others wait: it would take some 150 ms."""

CATCH_UP_INTERVAL = 0.02
"""Seconds from one look at a text that has come faster than it can be rendered to the next."""


class GrowingMarkdown(ContentHook, DeletionHook, component=COMPONENTS / 'growing_markdown.js'):
    """A `ui.markdown` with our own renderer.

    Its `content` works as ever. While an answer grows, `grow` sends what is new in an `IncrementalMarkdown`:
    a change at the end of the tail that is shown, and if that closes it, the tail that follows. What has come
    all at once is shown a bit at a time, by a task that ends with the element.
    """

    def __init__(self) -> None:
        self._client_state = ClientState()
        self._stream: IncrementalMarkdown | None = None
        self._is_sent = False
        self._images: Mapping[str, str] = {}
        self._prefix = address_prefix()
        self._task: asyncio.Task[None] | None = None
        super().__init__('', extras=[], sanitize=False)  # `render` lets no HTML of the text through
        self.classes('prose')
        self.on('resync', lambda: self._send(self._client_state.full_update()), args=[])

    def grow(self, text: str, stream: IncrementalMarkdown) -> None:
        """Show a text that may still grow, by the stream that all who look at it share."""
        self._stream = stream
        if not self._show_more(text, stream):
            self._start(self._catch_up(text, stream))

    def finish(self, text: str) -> None:
        """Show a text that has grown here and will not any more."""
        if (stream := self._stream) and self._show_more(text, stream) and _can_finish(stream):
            stream.finish()
            self._end(text, stream)
        elif stream:
            self._start(self._catch_up(text, stream, is_whole=True))

    def show_with_images(self, text: str, images: Mapping[str, str]) -> None:
        """Show a text that does not grow, in which images are shown: their SHA-256 by their addresses."""
        self._images = images
        if self.content == text:
            self.show_content(text)
        else:
            self.content = text

    def on_delete(self) -> None:
        self._stop()

    def _show_more(self, text: str, stream: IncrementalMarkdown) -> bool:
        """Show as much of a text as can be rendered in a moment; return whether that is all."""
        self._stop()
        is_all = stream.advance(text)
        self._show(text, stream)
        return is_all

    async def _catch_up(self, text: str, stream: IncrementalMarkdown, *, is_whole: bool = False) -> None:
        """Show the rest of a text that has come all at once, and its end if it `is_whole`."""
        while not stream.advance(text):
            self._show(text, stream)
            await asyncio.sleep(CATCH_UP_INTERVAL)
        self._show(text, stream)
        if is_whole:
            stream.finish('' if _can_finish(stream) else await asyncio.to_thread(render, text))
            self._end(text, stream)

    async def _render_in_thread(self, text: str, images: Mapping[str, str]) -> None:
        html = await asyncio.to_thread(render_with_images, text, images)
        self._client_state.reset(html)
        self.update()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        """Do something as a task, unless something else is shown before it is done."""
        self._stop()
        self._task = asyncio.create_task(work)
        self._task.add_done_callback(_log_failure)

    def _stop(self) -> None:
        if self._task:
            self._task.cancel()
            self._task = None

    def _end(self, text: str, stream: IncrementalMarkdown) -> None:
        """Show how the text ends, and that it grows no more."""
        self._show(text, stream)
        send_list(self, 'grow')
        self._stream = None

    def _show(self, text: str, stream: IncrementalMarkdown) -> None:
        if operation := self._client_state.update(stream):
            self._send(operation)
        if self.content != text:
            self._is_sent = True
            self.content = text
            self._is_sent = False

    def show_content(self, content: str) -> None:
        """Show content that was set; what has grown is in the browser already."""
        if self._is_sent:
            return
        self._stop()
        self._stream = None
        if len(content) > LONG_TEXT_LENGTH:
            self._start(self._render_in_thread(content, dict(self._images)))
        else:
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


def _can_finish(stream: IncrementalMarkdown) -> bool:
    """Return whether to finish it takes no longer than others can wait."""
    return stream.unfinished_length <= LONG_TEXT_LENGTH


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error('A text could not be shown', exc_info=error)
