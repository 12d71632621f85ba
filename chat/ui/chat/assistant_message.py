"""An answer on the page: what was thought, done and said, how it ended, and what can be done with it."""

from collections.abc import Callable
from functools import partial
from itertools import takewhile

from nicegui import ui
from nicegui.element import Element

from chat.conversation.content.answer_parts import AnswerPart
from chat.conversation.content.citations import cited_pages
from chat.conversation.content.messages import EXCLUDED_FILES_KEY, MISSING_TOOLS_KEY, OMITTED_PARAMETERS_KEY
from chat.conversation.content.model_parameters import PARAMETER_NAMES
from chat.conversation.content.turns import Turn
from chat.conversation.live_conversation import LiveConversation
from chat.rendering.incremental import IncrementalMarkdown
from chat.ui.chat.answer_actions import AnswerActions
from chat.ui.chat.answer_parts import (
    AnswerPartView,
    FileView,
    SteeringView,
    TextView,
    ThinkingView,
    ToolCallElement,
    show_sources,
)
from chat.ui.chat.approval_card import ApprovalCard
from chat.ui.chat.model_picker import OPEN_SCRIPT
from chat.ui.chat.stream_cache import StreamCache
from chat.ui.chat.turn_actions import TurnActions, TurnViewer
from chat.ui.chat.typed_result import TypedResultView
from chat.ui.formatting import join_names
from chat.ui.html import HtmlElement, HtmlText, Link, local_address
from chat.ui.javascript import COMPONENTS
from chat.ui.page_messages import send_props

WAITING_MESSAGE = 'Waiting for the model …'

ANSWER_VIEWS = (TextView, FileView, TypedResultView)
"""What is the answer itself; the rest leads to it."""

EXCLUDED_MESSAGE = 'The model no longer sees the messages above this line.'


class AssistantMessage(HtmlElement):
    """Shows one answer; built once, then brought up to date by `show`.

    Of all that is around the growing text, nothing is added or removed later: NiceGUI sends an element with
    other children before the messages that wait, and so would tell of the end before the last words.
    """

    def __init__(self, live: LiveConversation, turn: Turn, viewer: TurnViewer, streams: StreamCache) -> None:
        super().__init__(
            'article', 'turn assistant', data_testid='turn', data_role='assistant', aria_label='Answer'
        )
        self.props['data-turn'] = turn.id
        self._live = live
        self._turn_actions = viewer.actions
        self._sees_tool_details = viewer.sees_tool_details
        self._call_actions = viewer.call_actions(turn) if viewer.call_actions else None
        self._viewer = viewer
        self._streams = streams
        self._part_views: list[AnswerPartView] = []
        self._first_run = ''
        """The id of the run that began the answer whose parts are shown, if that is known."""
        self._shown: object = None
        with self:
            self._waiting = WaitingLine()
            self._steps = HtmlElement('div', 'steps')
            self._answer = HtmlElement('div', 'answer', data_testid='answer')
            self._outcome = HtmlElement('div', 'outcome')
            self._actions = AnswerActions(turn, viewer)
            self._origin = HtmlElement('p', 'origin')

    def show(self, turn: Turn, *, is_last: bool) -> None:
        """Bring the page up to date with the turn as it is now; only the last one can go on."""
        self._show_parts(turn)
        self._actions.show(turn)
        self._waiting.show(turn.notice, is_waiting=turn.state == 'waiting')
        shown = (turn.state, turn.failure, turn.can_resume, turn.answer_entry_id, is_last, turn.is_excluded)
        if shown != self._shown:
            self._shown = shown
            if turn.state == 'streaming':
                self.update()  # goes with the first words: else they are seen below the line that awaits them
            send_props(
                self,
                **{
                    'data-state': turn.state,
                    'data-entry': turn.answer_entry_id,
                    'data-forked': self._show_origin(turn),
                    'aria-busy': 'true' if turn.is_running else 'false',
                },
            )
            self._show_outcome(turn, is_last=is_last)

    def fits(self, turn: Turn) -> bool:
        """Whether the answer of a turn can be shown here."""
        return not turn.compared

    def grow(self, turn: Turn) -> None:
        """Show the last part of a turn whose outline is shown."""
        place = len(turn.answer_parts) - 1
        self._part_views[place].show(turn.answer_parts[place], self._stream(turn, place), is_last=True)

    def _show_parts(self, turn: Turn) -> None:
        parts = turn.answer_parts
        pairs = zip(self._part_views, () if self._is_another_version(turn) else parts, strict=False)
        fitting = sum(1 for _ in takewhile(lambda pair: pair[0].fits(pair[1]), pairs))
        for view in self._part_views[fitting:]:
            view.delete()
        del self._part_views[fitting:]
        for place, part in enumerate(parts):
            if place == len(self._part_views):
                self._part_views.append(self._view_of(part))
            stream = self._stream(turn, place)
            self._part_views[place].show(part, stream, is_last=place == len(parts) - 1)

    def _is_another_version(self, turn: Turn) -> bool:
        """Return whether it is another answer to the question: calls in both may have the same ids."""
        before, self._first_run = self._first_run, next(iter(turn.run_ids), '')
        return before not in ('', self._first_run)

    def _view_of(self, part: AnswerPart) -> AnswerPartView:
        """Build a view: what comes before the first text stands above the answer, what comes after in it."""
        said = any(isinstance(view, ANSWER_VIEWS) for view in self._part_views)
        is_answer = part.kind in ('text', 'file', 'output') or said
        with self._answer if is_answer else self._steps:
            match part.kind:
                case 'text':
                    return TextView()
                case 'thinking':
                    return ThinkingView()
                case 'file':
                    return FileView()
                case 'output':
                    return TypedResultView()
                case 'prompt':
                    return SteeringView(self._viewer)
                case 'tool':
                    card = ApprovalCard(
                        self._call_actions, viewer=self._viewer.name, shows_content=self._sees_tool_details
                    )
                    return ToolCallElement(card, shows_content=self._sees_tool_details)

    def _stream(self, turn: Turn, place: int) -> IncrementalMarkdown | None:
        """Return the shared rendering of a part that grows; a turn that is over has none."""
        return self._streams.stream(self._live, turn.id, place, turn.model) if turn.is_running else None

    def _show_outcome(self, turn: Turn, *, is_last: bool) -> None:
        if self._outcome.default_slot.children:
            self._outcome.clear()
        with self._outcome:
            show_sources({} if turn.is_running else cited_pages(turn.answer))
            if turn.asked_without(EXCLUDED_FILES_KEY) and not turn.is_running:
                HtmlText('p', excluded_files_notice(turn), 'ending', data_testid='without-files')
            if (omitted := turn.asked_without(OMITTED_PARAMETERS_KEY)) and not turn.is_running:
                names = join_names([PARAMETER_NAMES.get(name, name) for name in omitted])
                sentence = f'Answered without what this model does not take: {names}.'
                HtmlText('p', sentence, 'ending', data_testid='without-parameters')
            if (missing := turn.asked_without(MISSING_TOOLS_KEY)) and self._sees_tool_details:
                sentence = f'Answered without tools that were not there yet: {join_names(missing)}.'
                HtmlText('p', sentence, 'ending', data_testid='without-tools')
            if turn.outcome and turn.outcome.full:
                ContextFullNotice(turn, self._turn_actions if is_last else None)
            elif turn.state in ('stopped', 'failed'):
                self._show_early_end(turn, is_last=is_last)
            if turn.is_excluded:
                ContextStartLine(self._turn_actions)

    def _show_early_end(self, turn: Turn, *, is_last: bool) -> None:
        with HtmlElement('div', 'ending-row'):
            HtmlText('p', turn.failure or 'Stopped', 'ending')
            if self._turn_actions and is_last and turn.can_continue:
                _button('Continue', 'continue', self._turn_actions.continue_answer)
            if self._turn_actions and is_last and turn.outcome:
                recovery_link(turn.outcome.way)
            if self._turn_actions and turn.can_resume:
                _button('Try again', 'retry', partial(self._turn_actions.resume, turn.id))
            elif self._turn_actions and turn.state == 'failed':
                again = _button('Try again', 'retry', partial(self._turn_actions.regenerate, turn.id))
                again.props['data-action'] = 'regenerate'

    def _show_origin(self, turn: Turn) -> bool:
        """Say where a conversation that begins here as a copy comes from, and return whether it does."""
        if self._origin.default_slot.children:
            self._origin.clear()
        origin = self._turn_actions.origin_of(turn) if self._turn_actions else None
        if origin:
            title, address = origin
            with self._origin:
                HtmlText('span', 'Branched from ')
                Link(address, content=title) if address else HtmlText('span', title)
        return origin is not None


class WaitingLine(ui.element, component=COMPONENTS / 'waiting_line.js'):
    """The browser adds the seconds once a wait is long; the style shows the line only while one lasts."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: object = None
        self.show('', is_waiting=False)

    def show(self, notice: str, *, is_waiting: bool) -> None:
        """Bring it up to date; a notice says more than that the model is awaited."""
        shown = {'words': notice or WAITING_MESSAGE, 'live': is_waiting}
        if shown != self._shown:
            self._shown = shown
            send_props(self, **shown)


class ContextFullNotice(HtmlElement):
    """Says that the model holds no more, and offers what helps."""

    def __init__(self, turn: Turn, actions: TurnActions | None) -> None:
        super().__init__('div', 'context-full', data_testid='context-full')
        with self:
            HtmlText('p', turn.failure or '', 'ending')
            if actions and actions.can_exclude_older:
                _button('Continue without older messages', 'context-trim', actions.exclude_older)
            if actions:
                Link('/', 'text-button', 'New chat', data_testid='context-new')


class ContextStartLine(HtmlElement):
    """A line below the last turn that the model is not given; who may change that moves or removes it."""

    def __init__(self, actions: TurnActions | None) -> None:
        super().__init__('div', 'context-line', data_testid='context-line')
        with self:
            HtmlText('span', EXCLUDED_MESSAGE)
            if actions:
                _button('Leave out more', 'context-more', actions.exclude_older)
                _button('Include all messages', 'context-restore', actions.include_all)


def excluded_files_notice(turn: Turn) -> str:
    """Which files the model was asked without."""
    pdf = [name for name in turn.asked_without(EXCLUDED_FILES_KEY) if name.lower().endswith('.pdf')]
    others = [name for name in turn.asked_without(EXCLUDED_FILES_KEY) if name not in pdf]
    sentences = [
        f'Not supported by this model and left out: {join_names(others)}.' if others else '',
        f"This model can't read PDF files. It got only their text, if any: {join_names(pdf)}." if pdf else '',
    ]
    return ' '.join(filter(None, sentences))


def _button(label: str, testid: str, on_click: Callable[[], object]) -> Element:
    button = HtmlText('button', label, 'text-button', type='button', data_testid=testid)
    return button.on('click', lambda: on_click(), args=[])


def recovery_link(target: str) -> None:
    """Build what a `TurnOutcome.way` leads to, here; nothing if it says none."""
    place, _, name = target.partition(':')
    match place:
        case 'key' | 'server':
            href = local_address(f'/settings#{place}s-{name}')
            HtmlText('a', 'Check API key', 'text-button', href=href, data_testid='open-key')
        case 'limits':
            HtmlText('a', 'Change limits', 'text-button', href=local_address('/settings#limits'))
        case 'model':
            button = HtmlText(
                'button', 'Choose a model', 'text-button', type='button', data_testid='open-models'
            )
            button.on('click', js_handler=OPEN_SCRIPT)
        case _:
            pass
