"""A tool that breaks ends its run with a sentence that names it."""

import logging
from typing import Any

from pydantic_ai import AgentRunError, RunContext, ToolCallPart, ToolDefinition
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import UserError

from chat.errors import ChatError, ToolFailed

log = logging.getLogger(__name__)


class ToolErrorReporter(AbstractCapability[None]):
    """Has a run that a tool ends with an exception fail with `ToolFailed`, and logs why.

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
        if isinstance(error, AgentRunError | UserError | ChatError):
            raise error  # it has a sentence of its own
        log.error('The tool %s failed', call.tool_name, exc_info=error)
        cause = f'{type(error).__name__}: {error}'.removesuffix(': ')
        raise ToolFailed(f'The tool “{call.tool_name}” failed. {cause}', call.tool_call_id) from error
