"""What restricts the tools of a run: foremost the rule for guests, that each asks the owner first."""

from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic_ai import ModelSettings, RunContext, ToolApproved, ToolCallPart, ToolDefinition
from pydantic_ai.capabilities import (
    AbstractCapability,
    CapabilityOrdering,
    ValidatedToolArgs,
    WrapToolExecuteHandler,
)
from pydantic_ai.exceptions import ApprovalRequired
from pydantic_ai.models import ModelRequestContext

from chat.conversation.answering.model_input import RunInput
from chat.conversation.answering.pause import WaitForPerson
from chat.conversation.content.waiting import Resumption

PROVIDER_TOOLS = 'openai_native_tools'
"""The setting by which tools of a provider can be given past the parameters of a request."""


def restrictions(asked: RunInput, pause: WaitForPerson) -> list[AbstractCapability[Any]]:
    """Return what restricts the tools of a run; `pause` takes note of what waits."""
    if asked.asker:
        return [OwnerApproval(pause, asked.resumption)]
    return [] if asked.has_provider_tools else [NoProviderTools()]


@dataclass
class NoProviderTools(AbstractCapability[Any]):
    """Lets a model have no tools that run at its provider; it is given ours in their place if it can be."""

    async def prepare_model_request(
        self, ctx: RunContext[Any], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        parameters = replace(request_context.model_request_parameters, native_tools=[])
        settings = {**(request_context.model_settings or {})}
        settings.pop(PROVIDER_TOOLS, None)
        return replace(
            request_context,
            model_request_parameters=parameters,
            model_settings=cast('ModelSettings', settings) or None,
        )


@dataclass
class OwnerApproval(NoProviderTools):
    """Lets no tool run that the owner has not approved, wherever it comes from, whatever it says of itself.

    That holds for the tools of the agent, of MCP servers and of Parlour; what a handler of the agent approves
    is no approval of the owner. Tools that run at the provider of a model cannot ask, so it has none.
    """

    pause: WaitForPerson
    """Takes note of what waits."""
    resumption: Resumption | None = None
    """With what the run goes on, if it has waited."""

    def __post_init__(self) -> None:
        results = self.resumption.results if self.resumption else None
        decided = results.approvals if results else {}
        self._approved = {call for call, result in decided.items() if isinstance(result, ToolApproved)}
        """The ids of calls; each counts once, since a model may give a later call the same."""

    def get_ordering(self) -> CapabilityOrdering:
        return CapabilityOrdering(position='outermost')  # nothing of the agent may run the tool before

    async def wrap_tool_execute(
        self,
        ctx: RunContext[Any],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: ValidatedToolArgs,
        handler: WrapToolExecuteHandler,
    ) -> Any:
        if not ctx.tool_call_approved or call.tool_call_id not in self._approved:
            if ctx.tool_call_approved:
                self.pause.ask_again(call, tool_def)
            raise ApprovalRequired
        self._approved.remove(call.tool_call_id)
        return await handler(args)
