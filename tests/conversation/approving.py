"""An agent that deletes files when a person allows it, and a model that says what a test wants."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai import Agent, CallDeferred, ModelMessage, ToolReturnPart
from pydantic_ai.messages import ModelResponse, UserPromptPart
from pydantic_ai.models.function import DeltaToolCall, DeltaToolCalls

from chat.conversation.content.answer_parts import ToolCallView
from chat.conversation.conversation_registry import ConversationRegistry
from chat.conversation.live_conversation import LiveConversation
from chat.conversation.storage import ConversationStorage
from tests.support.gates import Gate
from tests.support.http_models import make_registry
from tests.support.scripted import ScriptedModels, wait_until_answered


@dataclass(frozen=True)
class Call:
    """A tool that the model calls."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    id: str = 'd1'


def delete(path: str, call_id: str = 'd1') -> Call:
    return Call('delete_file', {'path': path}, call_id)


Step = str | tuple[Call, ...] | Exception
"""What the model says to one request: a text, calls, or nothing since it fails."""


def careful() -> Agent[None, Any]:
    return Agent(instructions='Be careful.')


@dataclass(eq=False)
class FileAgent:
    """The agent, and what became of its tools."""

    agent: Agent[None, Any] = field(default_factory=careful)
    deleted: list[str] = field(default_factory=list[str])
    started: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        agent = self.agent

        @agent.tool_plain(requires_approval=True)
        def delete_file(path: str) -> str:  # pyright: ignore[reportUnusedFunction]  # these the agent calls
            """Delete a file."""
            self.deleted.append(path)
            return f'deleted {path}'

        @agent.tool_plain(requires_approval=True)
        def clean_up() -> str:  # pyright: ignore[reportUnusedFunction]
            self.deleted.append('*')
            return 'clean'

        @agent.tool_plain
        def look() -> str:  # pyright: ignore[reportUnusedFunction]
            return 'a, b, c'

        @agent.tool_plain
        def ask(question: str) -> str:  # pyright: ignore[reportUnusedFunction]
            raise CallDeferred(metadata={'reason': question}, kind='question')

        @agent.tool_plain
        def measure() -> str:  # pyright: ignore[reportUnusedFunction]
            raise CallDeferred


def steps(*said: Step) -> ScriptedModels:
    """A model that says one of these to each request, in turn."""
    left = [*said]

    async def speech(_: list[ModelMessage]) -> AsyncIterator[str | DeltaToolCalls]:
        match left.pop(0):
            case str(text):
                yield text
            case Exception() as error:
                raise error
            case calls:
                for index, call in enumerate(calls):
                    arguments = json.dumps(call.arguments) if call.arguments else ''
                    yield {index: DeltaToolCall(call.tool, arguments, tool_call_id=call.id)}

    return ScriptedModels(speech)  # pyright: ignore[reportArgumentType]  # which yields calls of tools as well


def registry(
    files: FileAgent, models: ScriptedModels, store: ConversationStorage | None = None
) -> ConversationRegistry:
    return make_registry(models, agent=files.agent, store=store)


async def asked(live: LiveConversation, prompt: str = 'Clean up.') -> LiveConversation:
    live.send(prompt)
    await wait_until_answered(live)
    return live


def calls_of(live: LiveConversation) -> dict[str, ToolCallView]:
    """The calls of the last turn, by id."""
    parts = live.turns[-1].answer_parts
    return {part.tool_call.request.tool_call_id: part.tool_call for part in parts if part.tool_call}


def states(live: LiveConversation) -> dict[str, str]:
    """What the page shows of each call of the last turn."""
    return {call_id: call.state(is_running=live.is_running) for call_id, call in calls_of(live).items()}


def history(messages: list[ModelMessage]) -> list[str]:
    """What a model was asked, one line a part."""
    lines: list[str] = []
    for message in messages:
        for part in message.parts:
            match part:
                case UserPromptPart(content=str(text)):
                    lines.append(f'user: {text}')
                case ToolReturnPart():
                    lines.append(f'{part.tool_name} {part.outcome}: {part.content}')
                case _ if isinstance(message, ModelResponse):
                    lines.append(f'model: {part.part_kind}')
                case _:
                    pass
    return lines
