"""The parts of an answer, as a person sees them: texts, thoughts, calls of tools and files, in order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from types import MappingProxyType
from typing import Literal

from pydantic_ai import (
    BinaryContent,
    FilePart,
    ModelMessage,
    ModelRequest,
    NativeToolCallPart,
    TextPart,
    ThinkingPart,
)
from pydantic_ai.messages import BaseToolCallPart, BaseToolReturnPart

from chat.conversation.attachments import AttachedFiles, Attachment
from chat.conversation.message_files import MessageFile, attached, files_of
from chat.conversation.messages import is_continuation, text_in_part
from chat.conversation.pause import allowed_scopes
from chat.conversation.tool_activity import DelegatedUsage, ToolProgress, delegated_in
from chat.conversation.usage import duration_of
from chat.conversation.waiting import AllowedScope, CallApproval

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

    kind: Literal['text', 'thinking', 'tool', 'file']
    text: str = ''
    """What was said or thought."""
    tool_call: ToolCallView | None = None
    """Of a tool."""
    files: AttachedFiles = field(default_factory=dict[Attachment, BinaryContent])
    """Of a file: the one that the model has made."""
    seconds: float | None = None
    """How long the model thought, or the tool worked, if that is known."""


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
    """What all messages of an answer say of its calls."""

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
        self._results = {
            part.tool_call_id: (part, duration_of(message, part.tool_call_id))
            for message in messages
            for part in message.parts
            if isinstance(part, BaseToolReturnPart)
        }
        self._files: defaultdict[str, list[MessageFile]] = defaultdict(list)
        for file in chain.from_iterable(map(files_of, messages)):
            self._files[file.source].append(file)
        self._delegated = delegated_in(messages)

    def part(self, call: BaseToolCallPart, *, is_followed: bool) -> AnswerPart:
        """Return the part of an answer that shows a call."""
        call_id = call.tool_call_id
        result, seconds = self._results.get(call_id, (None, None))
        use = ToolCallView(
            call,
            result,
            has_failed=call_id == self._failed,
            is_followed=is_followed,
            files=attached(self._files.get(call_id, ())),
            progress=None if result else self._progress.get(call_id),
            delegated=self._delegated.get(call_id),
            approval=self._approvals.get(call_id),
            allowed=self._allowed.get(call_id),
        )
        return AnswerPart(kind='tool', tool_call=use, seconds=seconds)


def _parts_in(message: ModelMessage, calls: _CallDetails) -> Iterator[AnswerPart]:
    if isinstance(message, ModelRequest):
        return
    thoughts = count()
    made = iter([file for file in files_of(message) if not file.source])
    for part in message.parts:
        match part:
            case TextPart():
                yield AnswerPart(kind='text', text=text_in_part(part))
            case ThinkingPart():
                yield AnswerPart(
                    kind='thinking',
                    text=text_in_part(part),
                    seconds=duration_of(message, str(next(thoughts))),
                )
            case BaseToolCallPart():
                yield calls.part(part, is_followed=part is not message.parts[-1])
            case FilePart() if files := attached([next(made)]):
                yield AnswerPart(kind='file', files=files)
            case _:
                pass
