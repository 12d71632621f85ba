"""The parts of an answer on the page: a text, a thought, or a tool that was used."""

from typing import Any, Protocol

from nicegui import ui
from pydantic_ai.messages import BaseToolCallPart, BaseToolReturnPart
from pydantic_core import from_json, to_json

from chat.conversation.answer_parts import AnswerPart, ToolCallView
from chat.rendering.incremental import IncrementalMarkdown
from chat.ui.chat.growing_markdown import GrowingMarkdown
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import TEXT, parse_event

MAX_PREVIEW_LENGTH = 2_000
"""Characters of what went in, and of what came out, that a page has from the start."""

MAX_HINT_LENGTH = 80
"""Characters of the arguments that stand beside the name."""


class AnswerPartView(Protocol):
    """Shows one part of an answer for as long as it fits."""

    def fits(self, part: AnswerPart) -> bool:
        """Whether this can show a part; another answer to the same question may have other ones."""
        ...

    def show(self, part: AnswerPart, stream: IncrementalMarkdown | None, *, is_last: bool) -> None:
        """Show it; with a stream the answer may still grow, at its end if this is the last part."""
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
        elif self._grew:  # it streamed on this page and has just finished
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


class ToolCallElement(ui.element, component=COMPONENTS / 'tool_call.js'):
    """Shows one use of a tool; what is long comes whole to the page of who asks for it."""

    def __init__(self, *, shows_content: bool = True) -> None:
        """Unless it `shows_content`, what went in and came out stays here."""
        super().__init__()
        self._shows_content = shows_content
        self._use: ToolCallView | None = None
        self._shown: object = None
        if shows_content:
            self.on('whole', parse_event(TEXT, self._provide_whole))

    def fits(self, part: AnswerPart) -> bool:
        known, use = self._use, part.tool_call
        return use is not None and (known is None or known.request.tool_call_id == use.request.tool_call_id)

    def show(self, part: AnswerPart, stream: object, *, is_last: bool) -> None:
        if (use := part.tool_call) is None:
            return
        state = use.state(is_running=stream is not None)
        shown = (state, use.request.args, use.result, part.seconds)
        if shown != self._shown:
            self._use, self._shown = use, shown
            self.props.update(name=use.request.tool_name, state=state, seconds=part.seconds)
            self.props['hint'] = hint_of(use.request) if self._shows_content else ''
            self.props['fields'] = [field_of(*each) for each in texts_of(use)] if self._shows_content else []

    def _provide_whole(self, wanted: str) -> None:
        for name, text in texts_of(self._use) if self._use else ():
            if name == wanted:
                self.run_method('provide', name, text)


def texts_of(use: ToolCallView) -> list[tuple[str, str]]:
    """Return what went in and what came out, by name; what there is of it."""
    texts = [('Arguments', arguments_of(use.request)), ('Result', result_of(use.result))]
    return [(name, text) for name, text in texts if text]


def field_of(name: str, text: str) -> dict[str, str]:
    """Return a text as the page has it from the start, and how long it is if that is not all."""
    more = f'{len(text):,} characters' if len(text) > MAX_PREVIEW_LENGTH else ''
    return {'name': name, 'text': text[:MAX_PREVIEW_LENGTH], 'more': more}


def hint_of(call: BaseToolCallPart) -> str:
    """Return the beginning of the arguments on one line."""
    values = parsed(call.args)
    pairs = values.items() if isinstance(values, dict) else ()
    return ', '.join(f'{name}: {" ".join(str(value)[:MAX_HINT_LENGTH].split())}' for name, value in pairs)[
        :MAX_HINT_LENGTH
    ]


def arguments_of(call: BaseToolCallPart) -> str:
    """Return the arguments as JSON, in lines; as they came while they are not complete."""
    values = parsed(call.args)
    return call.args if isinstance(call.args, str) and values is None else value_as_text(values)


def result_of(returned: BaseToolReturnPart | None) -> str:
    """Return what a tool returned, as text or as JSON in lines."""
    return value_as_text(returned.content) if returned else ''


def parsed(arguments: object) -> dict[str, Any] | None:
    """Return the arguments by name, or `None` if there are none, or not yet."""
    try:
        values = from_json(arguments) if isinstance(arguments, str) else arguments
    except ValueError:
        return None
    return values if isinstance(values, dict) else None  # pyright: ignore[reportUnknownVariableType]  # from JSON


def value_as_text(value: object) -> str:
    """Return a text as it is, nothing as nothing, all else as JSON."""
    if value is None or isinstance(value, str):
        return value or ''
    return to_json(value, indent=2, serialize_unknown=True, bytes_mode='base64').decode()
