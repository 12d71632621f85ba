"""What the demo does for an agent: it calls each tool once, and gives a value of the output type."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from pydantic_ai import ModelMessage, ModelRequest, ToolDefinition
from pydantic_ai.messages import BaseToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls

EXAMPLES = {
    'date-time': '2024-01-01T12:00:00Z',
    'time': '12:00:00Z',
    'duration': 'PT1H',
    'email': 'somebody@example.com',
    'uri': 'https://example.com/',
    'uuid': '01a20837-28ce-7020-854c-5fcd6cb2877d',
    'ipv4': '192.0.2.1',
}
"""By the format of a text in a schema, one that has it."""


def demo_calls(messages: Sequence[ModelMessage], info: AgentInfo) -> DeltaToolCalls:
    """Return the calls with which the demo answers: of all tools at first, then of one for the output."""
    tools = [] if _has_called(messages) else info.function_tools
    if not tools and not info.allow_text_output:
        tools = info.output_tools[:1]
    return {place: DeltaToolCall(tool.name, _arguments(tool)) for place, tool in enumerate(tools)}


def demo_value(info: AgentInfo) -> str:
    """Return the JSON that an agent wants to be said as text; '' if it wants words."""
    wanted = info.model_request_parameters.output_object
    if wanted is None or info.model_request_parameters.output_mode not in ('native', 'prompted'):
        return ''
    return _arguments(ToolDefinition(name='output', parameters_json_schema=wanted.json_schema))


def _has_called(messages: Sequence[ModelMessage]) -> bool:
    """Return whether a tool was called for the last prompt."""
    for message in reversed(messages):
        if isinstance(message, ModelRequest):
            if any(isinstance(part, BaseToolReturnPart) for part in message.parts):
                return True
            if any(isinstance(part, UserPromptPart) for part in message.parts):
                return False
    return False


def _arguments(tool: ToolDefinition) -> str:
    """Return arguments that fit the schema of a tool."""
    from pydantic_ai.models.test import TestModel  # it is needed for agents of others only

    schema: Any = _with_examples(tool.parameters_json_schema)
    return json.dumps(TestModel().gen_tool_args(replace(tool, parameters_json_schema=schema)))


def _with_examples(schema: object) -> object:
    """Return a schema in which texts of a known format are given; pydantic-ai itself makes up dates only."""
    if isinstance(schema, list):
        return [_with_examples(item) for item in cast('list[object]', schema)]
    if not isinstance(schema, dict):
        return schema
    known = {key: _with_examples(value) for key, value in cast('dict[str, object]', schema).items()}
    example = EXAMPLES.get(str(known.get('format'))) if known.get('type') == 'string' else None
    return {**known, 'const': example} if example else known
