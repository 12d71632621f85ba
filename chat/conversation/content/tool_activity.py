"""What tools tell and take while they work: progress, failures, and what the models that they ask cost."""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import asdict, dataclass, field, replace
from math import isfinite
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_ai import (
    AbstractToolset,
    AgentRunError,
    CustomEvent,
    ModelMessage,
    RunContext,
    RunUsage,
    ToolCallPart,
    ToolDefinition,
    ToolsetTool,
    WrapperToolset,
)
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import ModelAPIError, UserError
from pydantic_ai.messages import BaseToolReturnPart

from chat.error_body import cause_of
from chat.errors import ChatError, ToolFailed

log = logging.getLogger(__name__)

DELEGATED_KEY = 'delegated'
"""Where the metadata of a message with results keeps, by call id, what models have taken inside a tool."""

NESTED_APPROVAL_MESSAGE = 'The tool “{}” asks for an approval inside a tool, which cannot be answered here.'

MAX_PROGRESS_LENGTH = 200
"""Characters of what a tool says of its progress that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolProgress:
    """How far a tool is, as it has told last with `ctx.emit`."""

    message: str = ''
    share: float | None = None
    """From 0 to 1, if it has told how much there is to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegatedUsage:
    """What agents have taken that a tool has asked."""

    requests: int = 0
    input: int = 0
    output: int = 0


_BY_CALL = TypeAdapter(dict[str, DelegatedUsage])


def progress_in(event: object) -> ToolProgress | None:
    """Return what an event of a tool says of its progress: its `message`, or how many of how many."""
    if not isinstance(event, CustomEvent) or event.tool_call_id is None:
        return None
    message: object = getattr(event, 'message', '')
    done, total = _number(event, 'done'), _number(event, 'total')
    words = ' '.join(message[: 2 * MAX_PROGRESS_LENGTH].split()) if isinstance(message, str) else ''
    if done is None or not total or total < 0:
        return ToolProgress(message=words[:MAX_PROGRESS_LENGTH]) if words else None
    counted = words or f'{done:,g} of {total:,g}'
    return ToolProgress(message=counted[:MAX_PROGRESS_LENGTH], share=min(1.0, max(0.0, done / total)))


def _number(event: CustomEvent, name: str) -> float | None:
    value: object = getattr(event, name, None)
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


@dataclass
class DelegationMeter(AbstractCapability[Any]):
    """Counts for each call what its tool adds to the usage of the run, which is what it has had models do."""

    by_call: dict[str, DelegatedUsage] = field(default_factory=dict[str, DelegatedUsage], init=False)

    def get_wrapper_toolset(self, toolset: AbstractToolset[Any]) -> AbstractToolset[Any]:
        return _MeteredToolset(toolset, self.by_call)

    def with_usage(self, message: ModelMessage) -> ModelMessage:
        """Return a message with what the tools whose results it carries have had models do."""
        calls = [part.tool_call_id for part in message.parts if isinstance(part, BaseToolReturnPart)]
        kept = {call: asdict(self.by_call[call]) for call in calls if call in self.by_call}
        if not kept:
            return message
        return replace(message, metadata={**(message.metadata or {}), DELEGATED_KEY: kept})


@dataclass
class _MeteredToolset(WrapperToolset[Any]):
    """Gives each tool that works a count of its own, since several may work at the same time."""

    by_call: dict[str, DelegatedUsage]

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
    ) -> Any:  # as the base class has it
        before, own = copy(ctx.usage), copy(ctx.usage)
        try:
            return await super().call_tool(name, tool_args, replace(ctx, usage=own), tool)
        finally:
            added = own - before
            if added.requests:
                ctx.usage.incr(added)
                self.by_call[ctx.tool_call_id or ''] = _delegated(added)


def _delegated(usage: RunUsage) -> DelegatedUsage:
    return DelegatedUsage(requests=usage.requests, input=usage.input_tokens, output=usage.output_tokens)


def delegated_in(messages: Iterable[ModelMessage]) -> Mapping[str, DelegatedUsage]:
    """Return by call id what models have taken inside of tools."""
    found: dict[str, DelegatedUsage] = {}
    for message in messages:
        if kept := (message.metadata or {}).get(DELEGATED_KEY):
            with suppress(ValidationError):  # this program has not written that
                found |= _BY_CALL.validate_python(kept)
    return found


class ToolErrorReporter(AbstractCapability[None]):
    """Turns the exception of a tool into `ToolFailed`, which ends the run, and logs it.

    What a tool tells the model, with `ModelRetry` or `ToolFailed`, ends no run and does not come here.
    """

    def __init__(self, *, is_private: bool) -> None:
        """If it `is_private`, what the exception says is not logged."""
        self._is_private = is_private

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
        is_of_its_model = isinstance(error, ModelAPIError)  # no advice for that of the chat helps
        if isinstance(error, AgentRunError | UserError | ChatError) and not is_of_its_model:
            raise error  # it has a sentence of its own
        traceback = None if self._is_private else error
        log.error('The tool %s failed: %s', call.tool_name, type(error).__name__, exc_info=traceback)
        raise ToolFailed(
            f'The tool “{call.tool_name}” failed. {cause_of(error)}', call.tool_call_id
        ) from error
