"""The parts of an answer, as a person sees them: texts, thoughts, calls, files and prompts, in order."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from types import MappingProxyType
from typing import Literal

from pydantic_ai import (
    BinaryContent,
    FilePart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    NativeToolCallPart,
    RetryFeedbackPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.messages import BaseToolCallPart, BaseToolReturnPart, ModelResponsePart
from pydantic_core import to_json

from chat.conversation.content.allowed_calls import allowed_scopes
from chat.conversation.content.attachments import AttachedFiles, Attachment
from chat.conversation.content.message_files import MessageFile, attached, files_of
from chat.conversation.content.messages import (
    attachments_of,
    author_of,
    is_continuation,
    prompt_text,
    steered_turn,
    text_in_part,
)
from chat.conversation.content.output import TypedOutput, grown, is_json, output_in
from chat.conversation.content.tool_activity import DelegatedUsage, ToolProgress, delegated_in
from chat.conversation.content.usage import duration_of
from chat.conversation.content.waiting import AllowedScope, CallApproval

ToolState = Literal['running', 'needs-approval', 'decided', 'ok', 'failed', 'denied', 'stopped', 'unsure']

STATE_BY_OUTCOME: Mapping[str, ToolState] = {
    'success': 'ok',
    'failed': 'failed',
    'retried': 'failed',
    'denied': 'denied',
    'interrupted': 'stopped',
}
"""What pydantic-ai's outcomes mean to a person."""

NO_PROGRESS: Mapping[str, ToolProgress] = MappingProxyType({})
NO_APPROVALS: Mapping[str, CallApproval] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class ToolCallView:
    """A tool that was called, and what it returned."""

    request: BaseToolCallPart
    result: BaseToolReturnPart | None
    """`None` as long as it works, or if it was ended before it returned."""

    has_failed: bool = False
    """Whether it has ended the answer with an exception, and nothing of it was returned."""
    is_followed: bool = False
    """Whether something comes after it in the response that calls it, so that a provider has run it."""
    files: AttachedFiles = field(default_factory=dict[Attachment, BinaryContent])
    """What it returned besides text."""
    progress: ToolProgress | None = None
    """What it has told of its progress, while it works."""
    delegated: DelegatedUsage | None = None
    """What agents have taken that it has asked."""
    approval: CallApproval | None = None
    """What was or is to be decided about it, if a person was asked."""
    allowed: AllowedScope | None = None
    """Where it needs no approval any more, if nobody was asked for that reason."""

    @property
    def is_native(self) -> bool:
        """Whether the provider of the model has run it, and not this computer."""
        return isinstance(self.request, NativeToolCallPart)

    def state(self, *, is_running: bool) -> ToolState:
        """Return how the call ended, if it has; `is_running` says whether its answer is under way."""
        if self.has_failed:
            return 'failed'
        if self.result is None and self.is_native and self.is_followed:
            return 'ok'  # not every provider says what came out
        if self.result is not None:
            return STATE_BY_OUTCOME[self.result.outcome]
        if is_running:
            return 'running'
        return self.approval.state if self.approval else 'stopped'


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPart:
    """A piece of an answer that is shown as one."""

    kind: Literal['text', 'thinking', 'tool', 'file', 'output', 'prompt']
    text: str = ''
    """What was said or thought; of a prompt, what a person has sent while the agent was at work."""
    author: str = ''
    """Of a prompt: the name of the guest who sent it; '' if it was the owner."""
    tool_call: ToolCallView | None = None
    """Of a tool."""
    files: AttachedFiles = field(default_factory=dict[Attachment, BinaryContent])
    """Of a file: the one that the model has made; of a prompt: those with it."""
    output: TypedOutput | None = None
    """What an agent has given that is not text, in the place of what the model has written for it."""
    attempts: Sequence[ToolCallView] = ()
    """Of an output: the calls before that were refused."""
    seconds: float | None = None
    """How long the model thought, or the tool worked, if that is known."""
    images: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of a text: the SHA-256 of the images of the web in it that were loaded, by their addresses."""

    @property
    def markdown(self) -> str:
        """What was said; an output as JSON in a fence."""
        if self.output is None:
            return self.text
        value = to_json(self.output.value, indent=2, inf_nan_mode='strings').decode()
        return f'```json\n{value}\n```'


def answer_parts_of(
    messages: Iterable[ModelMessage],
    *,
    failed_calls: str = '',
    progress: Mapping[str, ToolProgress] = NO_PROGRESS,
    approvals: Mapping[str, CallApproval] = NO_APPROVALS,
) -> list[AnswerPart]:
    """Return the parts of an answer in order; the rest of an interrupted answer joins the text before it.

    Args:
        messages: Those of the answer.
        failed_calls: The id of the call that has ended the answer with an exception.
        progress: What tools that work have told, by the id of their calls.
        approvals: What was asked and decided about calls, by their ids.
    """
    messages = list(messages)
    calls = _CallDetails(messages, failed_calls, progress, approvals)
    parts: list[AnswerPart] = []
    is_rest = False
    for message in messages:
        is_rest = is_rest or is_continuation(message)
        for part in _parts_in(message, calls):
            if is_rest and part.kind == 'text' and parts and parts[-1].kind == 'text':
                part = AnswerPart(kind='text', text=parts.pop().text + part.text)
            is_rest = is_rest and part.kind != 'text'
            parts.append(part)
    return parts


class _CallDetails:
    """What all messages of an answer say of its calls and outputs."""

    def __init__(
        self,
        messages: Sequence[ModelMessage],
        failed: str,
        progress: Mapping[str, ToolProgress],
        approvals: Mapping[str, CallApproval],
    ) -> None:
        self._failed = failed
        self._progress = progress
        self._approvals = approvals
        self._allowed = allowed_scopes(messages)
        self._keys: dict[int, tuple[str, int]] = {}
        """By the identity of its part, the id of each call, and how many had it before: ids may repeat."""
        self._results: dict[tuple[str, int], tuple[BaseToolReturnPart, float | None]] = {}
        self._files: defaultdict[tuple[str, int], list[MessageFile]] = defaultdict(list)
        self._delegated: dict[tuple[str, int], DelegatedUsage] = {}
        called = Counter[str]()
        for message in messages:
            self._add(message, called)
        outputs = [output for message in messages if (output := output_in(message))]
        self._outputs = {output.call: output for output in outputs if output.call}
        attempted = {call for output in outputs for call in output.attempts}
        self._attempts = {
            call.tool_call_id: self.use(call)
            for message in messages
            if isinstance(message, ModelResponse)
            for call in message.tool_calls
            if call.tool_call_id in attempted
        }
        self._refused = _refused_texts(messages) if any(not output.call for output in outputs) else {}

    def _add(self, message: ModelMessage, called: Counter[str]) -> None:
        """Take note of what a message says; a result belongs to the last call before it that has its id."""
        for part in message.parts:
            if isinstance(part, BaseToolCallPart):
                self._keys[id(part)] = part.tool_call_id, called[part.tool_call_id]
                called[part.tool_call_id] += 1
            elif isinstance(part, BaseToolReturnPart):
                call_id = part.tool_call_id
                self._results[call_id, called[call_id] - 1] = part, duration_of(message, call_id)
        for file in files_of(message):
            self._files[file.source, called[file.source] - 1].append(file)
        for call_id, usage in delegated_in([message]).items():
            self._delegated[call_id, called[call_id] - 1] = usage

    def shown_parts(self, message: ModelResponse) -> Sequence[ModelResponsePart]:
        """Return the parts of a response, without the text of an attempt at an output that came later."""
        if id(message) not in self._refused:
            return message.parts
        return [part for part in message.parts if not isinstance(part, TextPart)]

    def parts(self, call: BaseToolCallPart, *, is_followed: bool) -> Iterator[AnswerPart]:
        """Yield what shows a call; one that stands for an output of the agent is shown as that."""
        call_id = call.tool_call_id
        if output := self._outputs.get(call_id):
            yield self.output(output, call.args)
        elif call_id not in self._attempts:
            use = self.use(call, is_followed=is_followed)
            seconds = self._results.get(self._keys[id(call)], (None, None))[1]
            yield AnswerPart(kind='tool', tool_call=use, seconds=seconds)

    def output(self, output: TypedOutput, written: object) -> AnswerPart:
        """Return the part that shows an output: a text as a text."""
        output = grown(output, written)
        attempts = tuple(self._attempts[call] for call in output.attempts if call in self._attempts)
        attempts = attempts if output.call else tuple(self._refused.values())
        if output.is_whole and isinstance(output.value, str):
            return AnswerPart(kind='text', text=output.value)
        return AnswerPart(kind='output', output=output, attempts=attempts)

    def use(self, call: BaseToolCallPart, *, is_followed: bool = False) -> ToolCallView:
        """Return what is known of a call."""
        call_id, key = call.tool_call_id, self._keys[id(call)]
        result, _ = self._results.get(key, (None, None))
        return ToolCallView(
            call,
            result,
            has_failed=call_id == self._failed,
            is_followed=is_followed,
            files=attached(self._files.get(key, ())),
            progress=None if result else self._progress.get(call_id),
            delegated=self._delegated.get(key),
            approval=self._approvals.get(call_id),
            allowed=self._allowed.get(call_id),
        )


def _refused_texts(messages: Sequence[ModelMessage]) -> dict[int, ToolCallView]:
    """Return by the identity of its message each JSON that was sent back, as if a tool had been called."""
    refused: dict[int, ToolCallView] = {}
    for said, reply in pairwise(messages):
        feedback = [part.content for part in reply.parts if isinstance(part, RetryFeedbackPart)]
        if feedback and isinstance(said, ModelResponse) and is_json(said.text or ''):
            result = ToolReturnPart('output', feedback[0], outcome='retried')
            refused[id(said)] = ToolCallView(ToolCallPart('output', said.text), result)
    return refused


def _parts_in(message: ModelMessage, calls: _CallDetails) -> Iterator[AnswerPart]:
    if isinstance(message, ModelRequest):
        yield from _steering(message)
        return
    thoughts = count()
    made = iter([file for file in files_of(message) if not file.source])
    said, is_shown = _said_output(message), False
    for part in calls.shown_parts(message):
        match part:
            case TextPart() if said:
                yield from () if is_shown else [calls.output(said, text_in_part(part))]
                is_shown = True
            case TextPart():
                yield AnswerPart(kind='text', text=text_in_part(part))
            case ThinkingPart():
                yield AnswerPart(
                    kind='thinking',
                    text=text_in_part(part),
                    seconds=duration_of(message, str(next(thoughts))),
                )
            case BaseToolCallPart():
                yield from calls.parts(part, is_followed=part is not message.parts[-1])
            case FilePart() if files := attached([next(made)]):
                yield AnswerPart(kind='file', files=files)
            case _:
                pass


def _steering(request: ModelRequest) -> Iterator[AnswerPart]:
    """Yield what a person has sent meanwhile, if that is what the request says."""
    if steered_turn(request):
        text, author, files = prompt_text(request), author_of(request), attachments_of(request)
        yield AnswerPart(kind='prompt', text=text, author=author, files=files)


def _said_output(message: ModelResponse) -> TypedOutput | None:
    """Return the output that takes the place of the text of a response, if that stands for one."""
    output = output_in(message)
    if output is None or output.call:
        return None
    return output if output.is_whole or is_json(message.text or '') else None
