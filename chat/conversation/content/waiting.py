"""What waits for a person: tool calls to approve, questions to answer, and what was decided about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import AwareDatetime
from pydantic_ai import (
    DeferredToolRequests,
    DeferredToolResults,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolApproved,
    ToolCallPart,
    ToolDenied,
    ToolFailed,
    ToolReturn,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_core import to_json

RequestKind = Literal['approval', 'question', 'external']
"""What a call waits for: that somebody allows it, an answer, or a result from elsewhere."""

DecisionKind = Literal['approved', 'denied', 'answered', 'failed', 'ran']
"""`ran` is said of a call that may have run when Parlour ended, and is not to be run again."""

AllowedScope = Literal['chat', 'everywhere']
"""Where a tool needs no further approval."""

MAY_HAVE_RUN = 'This may have run: Parlour ended, or was stopped, while it was at work.'
LEFT = 'This did not run: it was neither approved nor denied before the conversation went on.'
INTERRUPTED = 'This was interrupted before it returned.'
"""What the model is told of calls without a result; `MAY_HAVE_RUN` is also the result of one that `ran`."""

DENIED = 'The tool call was denied.'
"""What the model is told of a denial without a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedTool:
    """A tool of one agent that needs no approval any more."""

    agent: str
    """Its name, as in `AgentConfig.ref`."""
    tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person has decided about one call."""

    kind: DecisionKind
    arguments: dict[str, Any] | None = None
    """What the tool is given instead of what the model wrote; `None` if that was not changed."""
    value: Any = None  # any JSON
    """The answer to a question, or the result of an external call."""
    reason: str = ''
    """Of a denial or a failure, in the words of the person."""
    scope: AllowedScope | None = None
    """Where the tool needs no approval from now on, if that was decided as well."""
    by: str = ''
    """The name of who decided."""
    at: AwareDatetime
    details: Mapping[str, Any] | None = None
    """What was told of the call with these `arguments`, if that is other than with those of the model."""
    begun: bool = False
    """Whether a run was given this decision, so that the tool may have run."""
    earlier: 'Decision | None' = None
    """The one that was begun before, if this says what is to become of a call that may have run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCalls:
    """The calls for which a run has ended, and what was decided about them; kept as long as its answer is."""

    requests: DeferredToolRequests
    agent: str = ''
    """The name of the agent that asks, as in `AgentConfig.ref`."""
    schemas: Mapping[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """By the name of a tool, the JSON schema of its arguments."""
    decisions: Mapping[str, Decision] = field(default_factory=dict[str, Decision])
    """By the id of a call."""

    @property
    def calls(self) -> list[ToolCallPart]:
        """All calls that waited, whatever for."""
        return [*self.requests.approvals, *self.requests.calls]

    def kind(self, call_id: str) -> RequestKind | None:
        """Return what a call waits for; `None` if it is not one of these."""
        try:
            return self.requests.kind(call_id)
        except ValueError:
            return None

    def is_open(self, call_id: str) -> bool:
        """Return whether a call without a result needs a decision: it has none, or may have run with it."""
        decision = self.decisions.get(call_id)
        return self.kind(call_id) is not None and (decision is None or decision.begun)

    def with_decisions(self, decisions: Mapping[str, Decision]) -> 'WaitingCalls':
        """Return them after these decisions."""
        return replace(self, decisions={**self.decisions, **decisions})

    def without_decision(self, call_id: str) -> 'WaitingCalls':
        """Return them as before the decision about one call."""
        return replace(
            self, decisions={each: self.decisions[each] for each in self.decisions if each != call_id}
        )

    def only_begun(self) -> 'WaitingCalls':
        """Return them without the decisions that no run was given; what was begun before one is known."""
        known = {call: each if each.begun else each.earlier for call, each in self.decisions.items()}
        return replace(self, decisions={call: each for call, each in known.items() if each})

    def with_begun(self, call_ids: Sequence[str], *, begun: bool) -> 'WaitingCalls':
        """Return them after a run was given the decisions about these calls, or was not after all."""
        marked = {known: replace(self.decisions[known], begun=begun) for known in call_ids}
        return self.with_decisions(marked)

    @property
    def edits(self) -> str:
        """What the model is told of edited arguments: else it knows only its own, and tries them again."""
        return '\n'.join(
            f'I changed the arguments of {call.tool_name} before I approved it; '
            f'it {"may have run" if decision.kind == "ran" else "ran"} with {to_json(arguments).decode()}.'
            for call in self.calls
            if (decision := self.decisions.get(call.tool_call_id))
            and decision.begun
            and (arguments := (decision.earlier or decision).arguments) is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallApproval:
    """What a page shows of one call that has waited for a person, or needs nobody any more."""

    kind: RequestKind
    decision: Decision | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the tool says about the call, whatever that is."""
    schema: Mapping[str, Any] | None = None
    """Of the arguments, if it is known."""
    agent: str = ''
    """As in `WaitingCalls`."""
    is_left: bool = False
    """Whether the conversation went on without a decision."""

    @property
    def state(self) -> Literal['needs-approval', 'decided', 'unsure', 'stopped']:
        """Return what is to be shown of the call as long as it has no result, and is not at work."""
        if self.decision and self.decision.begun:
            return 'unsure'
        if self.is_left:
            return 'stopped'
        return 'decided' if self.decision else 'needs-approval'


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """With what a run goes on that has waited."""

    waiting: WaitingCalls
    """With all decisions marked as begun."""
    run_id: str
    """Of the run that has waited."""
    call_ids: tuple[str, ...]
    """The calls that have no result yet."""

    def after_run(self, *, has_begun: bool) -> WaitingCalls:
        """Return what is known of the calls once the run has ended.

        If it has begun nothing is edited any more; else what was decided still holds, and can be changed.
        """
        if has_begun:
            return replace(self.waiting, schemas={})
        return self.waiting.with_begun(self.call_ids, begun=False)

    @property
    def results(self) -> DeferredToolResults | None:
        """What the run is given; `None` if all calls have a result."""
        results = DeferredToolResults()
        for call_id in self.call_ids:
            match (decision := self.waiting.decisions[call_id]).kind:
                case 'approved':
                    results.approvals[call_id] = ToolApproved(override_args=decision.arguments)
                    told = decision.details or self.waiting.requests.metadata.get(call_id, {})
                    results.metadata[call_id] = {**told}
                case 'denied':
                    results.approvals[call_id] = ToolDenied(decision.reason or DENIED)
                case 'answered':
                    results.calls[call_id] = ToolReturn(decision.value)
                case 'failed':
                    results.calls[call_id] = ToolFailed(decision.reason or DENIED)
                case 'ran':
                    pass
        return results if results.approvals or results.calls else None

    @property
    def note(self) -> str | None:
        """The prompt of the run; alone, without results in its request, it would begin a turn."""
        return (self.waiting.edits or None) if self.results else None

    @property
    def returns_of_run_calls(self) -> Sequence[ToolReturnPart | UserPromptPart]:
        """What stands in the place of results of calls that have run and told nothing, with a note if due."""
        parts = [
            ToolReturnPart(call.tool_name, MAY_HAVE_RUN, call.tool_call_id, outcome='interrupted')
            for call in self.waiting.calls
            if call.tool_call_id in self.call_ids and self.waiting.decisions[call.tool_call_id].kind == 'ran'
        ]
        edits = '' if self.results else self.waiting.edits
        return [*parts, UserPromptPart(edits)] if edits else parts

    @property
    def is_only_denied(self) -> bool:
        """Whether no tool is needed to go on."""
        return all(self.waiting.decisions[call_id].kind != 'approved' for call_id in self.call_ids)


def approvals_in(
    messages: Sequence[ModelMessage], waiting: Mapping[str, WaitingCalls], *, is_left: bool
) -> dict[str, CallApproval]:
    """Return what was asked and decided about the calls of an answer, by id."""
    return {
        call.tool_call_id: approval
        for message in messages
        if isinstance(message, ModelResponse) and (known := waiting.get(message.run_id or ''))
        for call in message.tool_calls
        if (approval := _call_approval(known, call, is_left=is_left))
    }


def _call_approval(waiting: WaitingCalls, call: ToolCallPart, *, is_left: bool) -> CallApproval | None:
    """Return what is known of one call; `None` if it has never waited."""
    if (kind := waiting.kind(call.tool_call_id)) is None:
        return None
    return CallApproval(
        kind=kind,
        decision=waiting.decisions.get(call.tool_call_id),
        details=waiting.requests.metadata.get(call.tool_call_id, {}),
        schema=waiting.schemas.get(call.tool_name),
        agent=waiting.agent,
        is_left=is_left,
    )


def returned_ids(message: ModelMessage) -> set[str]:
    """Return the ids of the calls of which a message has the results, or what they were refused with."""
    if not isinstance(message, ModelRequest):
        return set()
    results = (part for part in message.parts if part.part_kind in ('tool-return', 'retry-prompt'))
    return {str(getattr(part, 'tool_call_id', '')) for part in results}


def unanswered_calls(messages: Sequence[ModelMessage]) -> list[ToolCallPart]:
    """Return the calls at the end of these messages that have no result; none if something follows them."""
    returned = set[str]()
    for message in reversed(messages):
        if isinstance(message, ModelResponse):
            return [call for call in message.tool_calls if call.tool_call_id not in returned]
        if not (results := returned_ids(message)):
            return []
        returned |= results
    return []


def with_closed_calls(
    messages: Sequence[ModelMessage], waiting: Mapping[str, WaitingCalls], *, except_for: Sequence[str]
) -> list[ModelMessage]:
    """Return the messages with a result for each call that has none: a run would execute them else.

    Args:
        messages: What a model is to be given.
        waiting: By the id of the run that said the call, what is known of calls that have waited.
        except_for: The ids of the calls that a run gets results for.
    """
    returned = {*except_for} | {call_id for message in messages for call_id in returned_ids(message)}
    closed: list[ModelMessage] = []
    for message in messages:
        closed.append(message)
        if isinstance(message, ModelResponse):
            calls = [call for call in message.tool_calls if call.tool_call_id not in returned]
            known = waiting.get(message.run_id or '')
            edits = [UserPromptPart(known.edits)] if known and known.edits else []
            if calls:
                closed.append(ModelRequest(parts=[*(_closing(call, known) for call in calls), *edits]))
    return closed


def _closing(call: ToolCallPart, waiting: WaitingCalls | None) -> ToolReturnPart:
    decision = waiting.decisions.get(call.tool_call_id) if waiting else None
    if waiting is None or waiting.kind(call.tool_call_id) is None:
        text = INTERRUPTED
    else:
        text = MAY_HAVE_RUN if decision and decision.begun else LEFT
    return ToolReturnPart(call.tool_name, text, call.tool_call_id, outcome='interrupted')
