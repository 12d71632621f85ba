"""What a run adds to any agent: a person is waited for, and the exception of a tool has a sentence."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_ai import (
    AgentRunError,
    DeferredToolRequests,
    DeferredToolResults,
    ModelMessage,
    ModelResponse,
    RunContext,
    ToolCallPart,
    ToolDefinition,
)
from pydantic_ai.capabilities import AbstractCapability, CapabilityOrdering
from pydantic_ai.exceptions import UserError

from chat.conversation.waiting import ALLOWED_KEY, AllowedScope, unanswered_calls
from chat.error_body import cause_of
from chat.errors import ChatError, ToolFailed

log = logging.getLogger(__name__)

NESTED_APPROVAL_MESSAGE = 'The tool “{}” asks for an approval inside a tool, which cannot be answered here.'


@dataclass
class WaitForPerson(AbstractCapability[Any]):
    """Takes note of what a run needs a person for.

    The run then ends, whatever its output type and validators are: with the requests as its output if the
    agent allows that, else with `UserError`. To raise here would lose what the agent's own handler has
    approved in the same step.
    """

    allowed: Mapping[str, AllowedScope]
    """By name, the tools that need no approval any more, and where."""
    requests: DeferredToolRequests | None = field(default=None, init=False)
    """What waits; `None` as long as nothing does."""
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]], init=False)
    """As in `WaitingCalls`."""
    allowed_calls: dict[str, AllowedScope] = field(default_factory=dict[str, AllowedScope], init=False)
    """The calls that needed no approval, by id."""

    def get_ordering(self) -> CapabilityOrdering:
        return CapabilityOrdering(position='innermost')  # the agent's own handlers are asked first

    async def handle_deferred_tool_calls(
        self, ctx: RunContext[Any], *, requests: DeferredToolRequests
    ) -> DeferredToolResults | None:
        allowed: dict[str, AllowedScope] = {
            call.tool_call_id: self.allowed[call.tool_name]
            for call in requests.approvals
            if call.tool_name in self.allowed
        }
        self.allowed_calls |= allowed
        results = requests.build_results(approvals=dict.fromkeys(allowed, True)) if allowed else None
        self.requests = requests.remaining(results) if results else requests
        wanted = {call.tool_name for call in (*requests.approvals, *requests.calls)}
        self.schemas = {
            name: tool.parameters_json_schema for name, tool in ctx.tools.items() if name in wanted
        }
        return results

    def requests_after(self, messages: Sequence[ModelMessage]) -> DeferredToolRequests | None:
        """Return what waits at the end of these messages, all calls without a result among it."""
        if self.requests is None:
            return None
        known = {call.tool_call_id for call in (*self.requests.approvals, *self.requests.calls)}
        more = [call for call in unanswered_calls(messages) if call.tool_call_id not in known]
        return replace(self.requests, approvals=[*self.requests.approvals, *more])

    def mark(self, message: ModelMessage) -> ModelMessage:
        """Return the message with what was allowed of its calls in its metadata."""
        if not self.allowed_calls or not isinstance(message, ModelResponse):
            return message
        ids = {call.tool_call_id for call in message.tool_calls}
        allowed = {call_id: scope for call_id, scope in self.allowed_calls.items() if call_id in ids}
        if not allowed:
            return message
        return replace(message, metadata={**(message.metadata or {}), ALLOWED_KEY: allowed})


class ToolErrorReporter(AbstractCapability[None]):
    """Turns the exception of a tool into `ToolFailed`, which ends the run, and logs it.

    What a tool tells the model, with `ModelRetry` or `ToolFailed`, ends no run and does not come here.
    """

    async def on_tool_execute_error(
        self,
        ctx: RunContext[None],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: dict[str, Any],
        error: Exception,
    ) -> Any:  # as the base class has it
        if isinstance(error, UserError) and 'DeferredToolRequests' in str(error):
            raise ToolFailed(NESTED_APPROVAL_MESSAGE.format(call.tool_name), call.tool_call_id) from error
        if isinstance(error, AgentRunError | UserError | ChatError):
            raise error  # it has a sentence of its own
        log.error('The tool %s failed', call.tool_name, exc_info=error)
        raise ToolFailed(
            f'The tool “{call.tool_name}” failed. {cause_of(error)}', call.tool_call_id
        ) from error
