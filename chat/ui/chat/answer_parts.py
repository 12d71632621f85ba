"""The parts of an answer on the page: texts, thoughts, tools, files, sources, and what was sent meanwhile."""

import asyncio
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Protocol

from nicegui import ui

from chat.conversation.answering.model_input import IMPORTED_KEY
from chat.conversation.content.answer_parts import AnswerPart, ToolCallView, ToolState
from chat.conversation.content.attachments import AttachedFiles
from chat.conversation.content.tool_activity import ToolProgress
from chat.rendering.incremental import IncrementalMarkdown
from chat.ui.chat.approval_card import ApprovalCard
from chat.ui.chat.attached_files import show_attachments
from chat.ui.chat.growing_markdown import GrowingMarkdown
from chat.ui.chat.tool_values import (
    arguments_preview,
    hint_of,
    pieces_of,
    result_value,
    value_preview,
    whole_arguments,
    whole_value,
)
from chat.ui.chat.turn_actions import TurnViewer
from chat.ui.formatting import pluralize
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.javascript import COMPONENTS
from chat.ui.page_events import TEXT, parse_event

GROWTH_INTERVAL = 0.1
"""Seconds between two looks at arguments that are being written."""

PIECES_PER_MESSAGE = 16
"""Pieces of a long text in one message to a browser: some 250 KB."""


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
        self._images: Mapping[str, str] = {}

    def fits(self, part: AnswerPart) -> bool:
        return part.kind == 'text'

    def show(self, part: AnswerPart, stream: IncrementalMarkdown | None, *, is_last: bool) -> None:
        if stream:
            self._markdown.grow(part.text, stream)
            self._grew = True
            self._images = {}  # while it grows, they are links
            return
        if self._grew:  # it streamed on this page and has just finished
            self._markdown.finish(part.text)
            self._grew = False
        if (self._markdown.content, self._images) != (part.text, part.images):
            self._images = dict(part.images)
            self._markdown.show_with_images(part.text, self._images)

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


class FileView(HtmlElement):
    """A file that the model has made."""

    def __init__(self) -> None:
        super().__init__('div', 'made-files')
        self._shown: AttachedFiles = {}

    def fits(self, part: AnswerPart) -> bool:
        return part.kind == 'file'

    def show(self, part: AnswerPart, stream: object, *, is_last: bool) -> None:
        if [*part.files] != [*self._shown]:
            self._shown = part.files
            self.clear()
            with self:
                show_attachments(part.files)


def show_sources(pages: Mapping[str, str]) -> None:
    """Build a list of the pages of the web that an answer cites, by address their titles; folded away."""
    pages = {url: title for url, title in pages.items() if url.lower().startswith(('http://', 'https://'))}
    if not pages:
        return
    with HtmlElement('details', 'sources', data_testid='sources'):
        HtmlText('summary', pluralize(len(pages), 'source'))
        with HtmlElement('ol'):
            for url, title in pages.items():
                with HtmlElement('li'):
                    HtmlText('a', title, href=url, target='_blank', title=url, rel='noopener noreferrer')


class SteeringView(HtmlElement):
    """What a person has sent while the agent was at work, where it was told of it."""

    def __init__(self, viewer: TurnViewer) -> None:
        super().__init__('div', 'steering', data_testid='steering')
        self._viewer = viewer
        self._shown: AnswerPart | None = None

    def fits(self, part: AnswerPart) -> bool:
        return part.kind == 'prompt'

    def show(self, part: AnswerPart, stream: object, *, is_last: bool) -> None:
        if self._shown and (self._shown.text, [*self._shown.files]) == (part.text, [*part.files]):
            return
        self._shown = part
        self.clear()
        with self:
            show_attachments(part.files)
            if author := self._viewer.author_name(part.author):
                HtmlText('p', author, 'author', data_testid='author')
            if part.text.strip():
                HtmlText('div', part.text, 'bubble')
            HtmlText('p', 'Sent while the answer was under way', 'steering-note')


class ToolCallElement(ui.element, component=COMPONENTS / 'tool_call.js'):
    """Shows one use of a tool; what is long comes whole to the page of who asks for it."""

    def __init__(self, approval: ApprovalCard, *, shows_content: bool) -> None:
        """Have an approval shown below; unless it `shows_content`, what went in and came out stays here."""
        super().__init__()
        approval.move(self)
        self._approval = approval
        with self:
            self._made = HtmlElement('div', 'tool-files')
        self._shows_content = shows_content
        self._use: ToolCallView | None = None
        self._shown: object = None
        self._shown_at = 0.0
        self._files: AttachedFiles = {}
        if shows_content:
            self.on('whole', parse_event(TEXT, self._provide_whole))

    def fits(self, part: AnswerPart) -> bool:
        known, use = self._use, part.tool_call
        return use is not None and (known is None or known.request.tool_call_id == use.request.tool_call_id)

    def show(self, part: AnswerPart, stream: object, *, is_last: bool) -> None:
        if (use := part.tool_call) is None:
            return
        state = use.state(is_running=stream is not None)
        self._approval.show(use, state)
        shown = (state, use.request.args, use.result, part.seconds, use.progress)
        if shown == self._shown or (self._is_too_soon() and _grows(use, state)):
            return
        self._use, self._shown, self._shown_at = use, shown, monotonic()
        self.props.update(
            name=use.request.tool_name,
            state=state,
            seconds=part.seconds,
            note=' · '.join(notes_of(use)),
        )
        if self._shows_content:
            self._show_content(use)

    def _show_content(self, use: ToolCallView) -> None:
        progress = use.progress or ToolProgress()
        self.props.update(
            hint=hint_of(use.request),
            fields=fields_of(use),
            progress=progress.message,
            share=progress.share,
        )
        if [*use.files] != [*self._files]:
            self._files = use.files
            self._made.clear()
            with self._made:
                show_attachments(use.files)

    def _is_too_soon(self) -> bool:
        return monotonic() - self._shown_at < GROWTH_INTERVAL

    async def _provide_whole(self, name: str) -> None:
        if (use := self._use) is None:
            return
        pieces = await asyncio.to_thread(whole_field, use, name)
        more = next((field['more'] for field in fields_of(use) if field['name'] == name), '')
        for start in range(0, len(pieces), PIECES_PER_MESSAGE):
            if not self.is_deleted:
                self.run_method('provide', name, more, pieces[start : start + PIECES_PER_MESSAGE], start)


def _grows(use: ToolCallView, state: ToolState) -> bool:
    """Return whether arguments are still being written, so that they will be shown again."""
    args = use.request.args
    is_whole = not isinstance(args, str) or args.rstrip().endswith('}')
    return state == 'running' and use.progress is None and not is_whole


def notes_of(use: ToolCallView) -> Iterator[str]:
    """Yield what is said of a call besides: where it runs, and what models have taken in it."""
    if use.is_native:
        is_imported = (use.request.provider_name or '').startswith(IMPORTED_KEY)
        yield 'elsewhere' if is_imported else 'at the provider'
    if use.delegated:
        tokens = use.delegated.input + use.delegated.output
        yield f'{pluralize(use.delegated.requests, "request")}, {tokens:,} tokens'


def fields_of(use: ToolCallView) -> list[dict[str, str]]:
    """Return what went in and what came out, as the page has it from the start; what there is of it."""
    previews = {
        'Arguments': arguments_preview(use.request),
        'Result': value_preview(result_value(use.result)),
    }
    return [{'name': name, 'text': text, 'more': more} for name, (text, more) in previews.items() if text]


def whole_field(use: ToolCallView, name: str) -> list[str]:
    """Return all that went in or came out, in pieces. For a thread: it may be long."""
    whole = {
        'Arguments': lambda: whole_arguments(use.request),
        'Result': lambda: whole_value(result_value(use.result)),
    }
    return [*pieces_of(whole[name]())] if name in whole else []
