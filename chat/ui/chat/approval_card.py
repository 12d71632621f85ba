"""What a tool call asks of a person, and what was decided about it: below the line of the call."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic_ai import ToolCallPart

from chat.conversation.answering.schema_check import arguments_in
from chat.conversation.content.answer_parts import ToolCallView, ToolState
from chat.conversation.content.waiting import MAY_HAVE_RUN, AllowedScope, CallApproval, Decision
from chat.errors import ArgumentsInvalid, agent_missing_sentence
from chat.file_difference import DIFFERENCE_KEY, difference_in
from chat.ui.chat.call_actions import CallActions
from chat.ui.chat.difference_view import DifferenceView, show_changes
from chat.ui.formatting import as_json, format_moment
from chat.ui.html import HtmlElement, HtmlText
from chat.ui.local_text import LocalText
from chat.ui.schema_fields import (
    MAX_FORM_LENGTH,
    FormField,
    FormValues,
    as_object,
    form_fields,
    read_values,
)
from chat.ui.schema_form import FormAction, SchemaForm

WAITS_FOR_HOST = 'Waits for the host'

LEFT_MESSAGE = 'Nobody decided before the chat went on, so this did not run.'
NOT_TOLD_MESSAGE = 'Parlour ended before the model was told of this decision.'
TOO_LONG_MESSAGE = 'The arguments are too long to be edited here; above they can be read.'

ALLOWED_WORDS: Mapping[AllowedScope, str] = {
    'chat': 'Allowed always in this chat',
    'everywhere': 'Allowed always, everywhere',
}

DECISION_WORDS = {
    'approved': 'Approved by {}',
    'denied': 'Denied by {}',
    'answered': 'Answered by {}',
    'failed': 'Declined by {}',
    'ran': 'Not run again, as {} decided',
}

WRITTEN_WORDS: Mapping[ToolState, str] = {'ok': 'Written', 'failed': 'Not written', 'denied': 'Not written'}

EDIT_LABEL = 'Edit this first'
EDITED_MESSAGE = 'This is what would be written with your changes. Approve it once more.'

TOLD_KEYS = ('reason', 'description', 'question', 'message')
"""What a tool says about its call under these names is shown as text, the rest as JSON."""

REASON_LABEL = 'Reason (optional)'
APPROVE = FormAction(name='approve', label='Approve', testid='approve', look='primary')
DENY = FormAction(name='deny', label='Deny', testid='deny')
ALWAYS = (
    FormAction(name='chat', label='Always in this chat', testid='always-allow', look='quiet'),
    FormAction(name='everywhere', label='Always everywhere', testid='always-allow-everywhere', look='quiet'),
)
ANSWER = FormAction(name='answer', label='Answer', testid='approve', look='primary')
GIVE_RESULT = FormAction(name='answer', label='Give this result', testid='approve', look='primary')
DECLINE = FormAction(name='deny', label='Decline', testid='deny')


class ApprovalCard(HtmlElement):
    """Shows it for as long as there is something to show; without actions, only what everybody may see."""

    def __init__(
        self, actions: CallActions | None, *, viewer: Callable[[], str], shows_content: bool
    ) -> None:
        """`viewer` names who looks; unless it `shows_content`, arguments and reasons stay here."""
        super().__init__('div', 'approval')
        self._actions = actions
        self._viewer = viewer
        self._shows_content = shows_content
        self._shown: object = None
        self._last_arguments: dict[str, Any] | None = None
        """As they were approved and then taken back, or edited and their difference shown."""
        self._last_details: Mapping[str, Any] | None = None
        """What was told of these."""
        self._difference: HtmlElement | None = None
        """Has the difference that the arguments would make which are shown."""

    def show(self, use: ToolCallView, state: ToolState) -> None:
        """Bring it up to date; a form stays as it is for as long as it is the same that is asked."""
        shown = (state, use.approval, use.allowed)
        if shown == self._shown:
            return
        self._shown = shown
        self.clear()
        self.classes(remove='asks')
        self._difference = None
        with self:
            if use.allowed:
                HtmlText('p', ALLOWED_WORDS[use.allowed], 'approval-line', data_testid='allowed-always')
            if use.approval and isinstance(use.request, ToolCallPart):
                self._show_approval(use.request, use.approval, state)

    def _show_approval(self, call: ToolCallPart, approval: CallApproval, state: ToolState) -> None:
        decision = approval.decision
        match state:
            case 'needs-approval' if self._actions:
                self._show_question(self._actions, call, approval)
            case 'needs-approval':
                HtmlText('p', WAITS_FOR_HOST, 'approval-line')
            case 'stopped' if approval.is_left:
                HtmlText('p', LEFT_MESSAGE, 'approval-line')
            case _ if decision:
                self._show_decision(call, approval, decision, state)
            case _:
                pass

    def _show_question(self, actions: CallActions, call: ToolCallPart, approval: CallApproval) -> None:
        self.classes('asks')
        self._show_told(self._last_details or approval.details)
        if not actions.has_agent(approval.agent):
            HtmlText('p', agent_missing_sentence(approval.agent), 'approval-line', data_testid='agent-gone')
            self._build_form(actions, call, [], [DENY], REASON_LABEL)
        elif approval.kind == 'approval':
            self._ask_for_approval(actions, call, approval)
        else:
            self._ask_for_value(actions, call, approval)

    def _show_told(self, details: Mapping[str, Any]) -> None:
        difference = difference_in(details)
        details = {key: value for key, value in details.items() if key != DIFFERENCE_KEY or not difference}
        told = {key: text for key in TOLD_KEYS if isinstance(text := details.get(key), str)}
        for text in told.values():
            HtmlText('p', text, 'approval-told')
        if rest := {key: value for key, value in details.items() if key not in told}:
            is_simple = all(isinstance(value, str | int | float) for value in rest.values())
            lines = [f'{key}: {value}' for key, value in rest.items()]
            HtmlText('pre', '\n'.join(lines) if is_simple else as_json(rest), tabindex='0')
        if difference:
            with HtmlElement('div', 'difference-place') as self._difference:
                DifferenceView(difference, is_open=True)

    def _ask_for_approval(self, actions: CallActions, call: ToolCallPart, approval: CallApproval) -> None:
        arguments = self._last_arguments or arguments_in(call)
        fields: list[FormField] = []
        if len(as_json(arguments)) > MAX_FORM_LENGTH:
            HtmlText('p', TOO_LONG_MESSAGE, 'approval-line')
        else:
            fields = form_fields(approval.schema, arguments)
        always = () if actions.is_for_guest or difference_in(approval.details) else ALWAYS
        form = self._build_form(actions, call, fields, [APPROVE, DENY, *always], REASON_LABEL, arguments)
        form.props['testid'] = 'approval-form'
        form.props['folded'] = EDIT_LABEL if self._difference and fields else ''

    def _ask_for_value(self, actions: CallActions, call: ToolCallPart, approval: CallApproval) -> None:
        is_question = approval.kind == 'question'
        arguments = arguments_in(call)
        match [*(as_object(arguments) or {}).values()]:
            case [str(text)]:
                if text not in map(str, approval.details.values()):
                    HtmlText('p', text, 'approval-told')
            case [_, *_]:
                HtmlText('pre', as_json(arguments), tabindex='0')
            case _:
                pass
        field = FormField(
            name='answer',
            label='Answer' if is_question else 'Result, as text or JSON',
            kind='long',
            value='',
            mono=not is_question,
            testid='question-answer',
        )
        buttons = [ANSWER if is_question else GIVE_RESULT, DECLINE]
        self._build_form(actions, call, [field], buttons, REASON_LABEL, is_question=is_question)

    def _build_form(
        self,
        actions: CallActions,
        call: ToolCallPart,
        fields: list[FormField],
        buttons: Iterable[FormAction],
        remark: str,
        arguments: Any = None,
        *,
        is_question: bool = False,
    ) -> SchemaForm:
        call_id = call.tool_call_id

        async def act(name: str, values: FormValues, said: str) -> None:
            try:
                if name in ('approve', 'chat', 'everywhere'):
                    read = read_values(fields, values, arguments) if fields else arguments
                    if await self._has_seen(actions, call, read):
                        scope = None if name == 'approve' else name
                        await actions.approve(call_id, read, scope, self._last_details)
                elif name == 'answer':
                    text = str(values.get('answer', ''))
                    await actions.answer(call_id, text if is_question else value_in(text))
                elif name == 'deny':
                    await actions.deny(call_id, said)
            except ArgumentsInvalid as error:
                form.show_errors(error.sentences)

        form = SchemaForm(
            fields,
            [*buttons],
            act,
            label=f'{call.tool_name} waits for you',
            testid='question-form',
            remark=remark,
            sends_on_enter=is_question,
            place=actions.place_of(call_id),
        )
        return form

    async def _has_seen(self, actions: CallActions, call: ToolCallPart, arguments: Mapping[str, Any]) -> bool:
        """Return whether the difference of these arguments is shown; if not, show it instead of the last one.

        Raises:
            ArgumentsInvalid: If the tool cannot be given these.
        """
        shown = self._last_arguments or arguments_in(call)
        if self._difference is None or arguments == shown:
            return True
        details = await actions.preview(call.tool_call_id, arguments)
        if details and self._difference and (difference := difference_in(details)):
            self._last_arguments, self._last_details = {**arguments}, details
            self._difference.clear()
            with self._difference:
                HtmlText('p', EDITED_MESSAGE, 'approval-told', role='status')
                DifferenceView(difference, is_open=True)
            self.client.run_javascript(
                f'getHtmlElement({self._difference.id}).scrollIntoView({{ block: "nearest" }})'
            )
        return False

    def _show_decision(
        self, call: ToolCallPart, approval: CallApproval, decision: Decision, state: ToolState
    ) -> None:
        call_id, actions = call.tool_call_id, self._actions
        begun = decision.earlier or decision
        if begun.arguments is not None:
            self._last_arguments, self._last_details = begun.arguments, begun.details
        with HtmlElement('div', 'approval-line', data_testid='decision'):
            self._show_words(decision)
            if actions and state == 'decided':
                _button('Change', 'decision-change', lambda: actions.take_back(call_id))
        difference = difference_in(begun.details or approval.details)
        if self._shows_content and difference:
            DifferenceView(difference, WRITTEN_WORDS.get(state, ''), is_open=False)
        elif self._shows_content and begun.arguments is not None:
            with HtmlElement('div', 'approval-edited', data_testid='edited-arguments'):
                show_changes(arguments_in(call), begun.arguments)
        if state == 'unsure':
            self._show_unsure(call_id, decision)

    def _show_unsure(self, call_id: str, decision: Decision) -> None:
        is_tool = decision.kind == 'approved'
        HtmlText('p', MAY_HAVE_RUN if is_tool else NOT_TOLD_MESSAGE, 'approval-told')
        if actions := self._actions:
            self.classes('asks')
            with HtmlElement('div', 'form-actions'):
                label = 'Run it again' if is_tool else 'Go on'
                _button(label, 'run-again', lambda: actions.run_again(call_id))
                if is_tool:
                    _button('It has run', 'it-has-run', lambda: actions.has_run(call_id))
        else:
            HtmlText('p', WAITS_FOR_HOST, 'approval-line')

    def _show_words(self, decision: Decision) -> None:
        """Say who has decided what and when; of that, the time is shown as people write it where they are."""
        by = 'you' if decision.by == self._viewer() else decision.by
        words = [
            'edited' if decision.arguments is not None else '',
            ALLOWED_WORDS[decision.scope].lower() if decision.scope else '',
            f'“{decision.reason}”' if decision.reason and self._shows_content else '',
        ]
        with HtmlElement('span'):
            HtmlText('span', f'{DECISION_WORDS[decision.kind].format(by)} · ')
            LocalText('span', format_moment(decision.at))
            HtmlText('span', ''.join(f' · {each}' for each in words if each))


def value_in(text: str) -> object:
    """Return what a text says as JSON, or else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _button(label: str, testid: str, act: Callable[[], object]) -> None:
    button = HtmlText('button', label, 'text-button', type='button', data_testid=testid)
    button.on('click', lambda: act(), args=[])
