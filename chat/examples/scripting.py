"""When the examples bring a script along in the place of a model."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeAlias

from pydantic_ai import ModelMessage, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls, FunctionModel

Script: TypeAlias = Callable[[list[ModelMessage], AgentInfo], AsyncIterator[str | DeltaToolCalls]]

NOTE = 'I am a script, not a model: save a key in the settings for a real one.\n\n'


def script_without_key(script: Script) -> FunctionModel | None:
    """Return a model that plays a script, or `None` if there is a key for a real one."""
    names = ('OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY')
    if any(os.environ.get(name) for name in names):
        return None
    return FunctionModel(stream_function=script, model_name='script')


def returned_in(messages: Sequence[ModelMessage]) -> list[Any]:  # whatever tools return
    """Return what the tools have given that were called last."""
    return [part.content for part in messages[-1].parts if isinstance(part, ToolReturnPart)]
