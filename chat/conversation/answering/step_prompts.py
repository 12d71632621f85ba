"""What a run is given while it works: prompts of people, each with the next request to its model."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic_ai import ModelMessage, ModelRequest, ModelResponse
from pydantic_ai.run import AgentRun

from chat.conversation.content.messages import turn_id_of


class StepPrompts:
    """Takes prompts between two steps of one run and gives them to it.

    They are taken right before the model is asked again and not before: what pydantic-ai has in its own queue
    when an agent is about to end would have it go on, while here it is asked as the next prompt.
    """

    def __init__(self, take: Callable[[], list[ModelRequest]]) -> None:
        """`take` returns what is to be given, each once."""
        self.has_tools = False
        """Whether the model was given tools, so that another step may follow."""
        self._take = take
        self._given: list[ModelRequest] = []

    def give(self, run: AgentRun[Any, Any], *, is_resumed: bool) -> bool:
        """Give it what there is, before a request to its model; return whether there was anything.

        The first request has a question of its own, unless the run goes on after a decision.
        """
        if not is_resumed and not any(isinstance(message, ModelResponse) for message in run.new_messages()):
            return False
        prompts = self._take()
        for prompt in prompts:
            run.enqueue(prompt)
        self._given += prompts
        return bool(prompts)

    def on_asked(self, run: AgentRun[Any, Any]) -> None:
        """Note with what the model was asked."""
        self.has_tools = any(tool.kind != 'output' for tool in run.ctx.deps.tool_manager.tool_defs)

    def with_given(self, messages: Sequence[ModelMessage]) -> list[ModelMessage]:
        """Return the messages of the run with what it is given now, which it has once its model answers."""
        known = {turn_id_of(message) for message in messages if isinstance(message, ModelRequest)}
        return [*messages, *(prompt for prompt in self._given if turn_id_of(prompt) not in known)]
