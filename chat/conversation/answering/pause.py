"""How a run pauses for a person: it takes note of what it needs, and ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_ai import (
    AgentRunResult,
    DeferredToolRequests,
    DeferredToolResults,
    ModelMessage,
    ModelResponse,
    RunContext,
    ToolCallPart,
    ToolDefinition,
)
from pydantic_ai.capabilities import AbstractCapability, CapabilityOrdering

from chat.conversation.content.allowed_calls import with_allowed
from chat.conversation.content.waiting import AllowedScope, WaitingCalls, unanswered_calls
from chat.file_difference import difference_in


@dataclass
class WaitForPerson(AbstractCapability[Any]):
    """Takes note of what a run needs a person for.

    The run then ends, whatever its output type and validators are: with the requests as its output if the
    agent allows that, else with `UserError`. To raise here would lose what the agent's own handler has
    approved in the same step.
    """

    allowed: Mapping[str, AllowedScope]
    """By name, the tools that need no approval any more, and where; calls with a difference do."""
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
            if call.tool_name in self.allowed and not difference_in(requests.metadata.get(call.tool_call_id))
        }
        self.allowed_calls |= allowed
        results = requests.build_results(approvals=dict.fromkeys(allowed, True)) if allowed else None
        self.requests = requests.remaining(results) if results else requests
        wanted = {call.tool_name for call in (*requests.approvals, *requests.calls)}
        self.schemas = {
            name: tool.parameters_json_schema for name, tool in ctx.tools.items() if name in wanted
        }
        return results

    def ask_again(self, call: ToolCallPart, tool: ToolDefinition) -> None:
        """Take note of a call that something else has approved, though only a person may."""
        self.requests = self.requests or DeferredToolRequests()
        self.requests.approvals.append(call)
        self.schemas[tool.name] = tool.parameters_json_schema

    def waiting_after(
        self, messages: Sequence[ModelMessage], result: AgentRunResult[Any] | None, agent: str
    ) -> WaitingCalls | None:
        """Return what waits at the end of the messages of a run, if anything does.

        Args:
            messages: What is kept of it.
            result: What it has given, if it has ended by itself.
            agent: The name of its agent.
        """
        if result and isinstance(result.output, DeferredToolRequests):
            requests = result.output
        else:
            requests = self._requests_after(messages)
        return WaitingCalls(requests=requests, agent=agent, schemas=self.schemas) if requests else None

    def _requests_after(self, messages: Sequence[ModelMessage]) -> DeferredToolRequests | None:
        """Return what waits, with all calls that have no result: one that was allowed may ask again."""
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
        allowed: dict[str, AllowedScope] = {
            call_id: scope for call_id, scope in self.allowed_calls.items() if call_id in ids
        }
        return with_allowed(message, allowed) if allowed else message
