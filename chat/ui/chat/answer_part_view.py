"""One passage of an answer on the page: a text, a thought, or a tool that was used."""

from typing import Protocol

from nicegui import ui

from chat.conversation.answer_parts import AnswerPart
from chat.rendering.incremental import IncrementalMarkdown
from chat.ui.chat.growing_markdown import GrowingMarkdown
from chat.ui.javascript import COMPONENTS


class AnswerPartView(Protocol):
    """Shows one passage for as long as it fits."""

    def fits(self, part: AnswerPart) -> bool:
        """Whether this can show a passage; another answer to the same question may have other ones."""
        ...

    def show(self, part: AnswerPart, stream: IncrementalMarkdown | None, *, is_last: bool) -> None:
        """Show it; with a stream the answer may still grow, at its end if this is the last passage."""
        ...

    def delete(self) -> None: ...


class TextView:
    """A text that may grow."""

    def __init__(self) -> None:
        self._markdown = GrowingMarkdown()
        self._grew = False

    def fits(self, part: AnswerPart) -> bool:
        return part.kind == 'text'

    def show(self, part: AnswerPart, stream: IncrementalMarkdown | None, *, is_last: bool) -> None:
        if stream:
            self._markdown.grow(part.text, stream)
            self._grew = True
        elif self._grew:  # before these eyes, and has ended now
            self._markdown.finish(part.text)
            self._grew = False
        elif self._markdown.content != part.text:
            self._markdown.content = part.text

    def delete(self) -> None:
        self._markdown.delete()


class ThinkingView(ui.element, component=COMPONENTS / 'thinking.js'):
    """A thought, folded away; while it goes on, the browser counts the seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: object = None
        with self:
            self._thought = TextView()

    def fits(self, part: AnswerPart) -> bool:
        return part.kind == 'thinking'

    def show(self, part: AnswerPart, stream: IncrementalMarkdown | None, *, is_last: bool) -> None:
        self._thought.show(part, stream, is_last=is_last)
        is_live = stream is not None and is_last
        shown = (is_live, None if is_live else part.seconds)  # while it goes on, the browser counts
        if shown != self._shown:
            self._shown = shown
            self.props.update(live=is_live, seconds=part.seconds)
