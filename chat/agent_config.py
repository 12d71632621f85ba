"""AgentConfig: an agent that answers, and what its tools need; AgentRoster: those that can be chosen here."""

import inspect
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_ai import ModelSettings
from pydantic_ai.agent import AbstractAgent
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.toolsets import AbstractToolset

from chat.agent_names import BUILT_IN, agent_model_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, and where: what a function that gives deps may want to know."""

    user: str
    """The name of a guest, as in their invite; 'Host' if it is the owner."""
    conversation_id: str
    is_guest: bool = False
    """Whether a guest asks, and not the owner or a device of theirs."""


async def nothing_to_wait_for() -> None:
    """Return at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsForRun:
    """The tools that one run gets besides those of its agent."""

    toolsets: tuple[AbstractToolset[Any], ...] = ()
    missing: tuple[str, ...] = ()
    """What is not there yet, by the names that a person knows."""
    settled: Callable[[], Coroutine[None, None, None]] = nothing_to_wait_for
    """Returns once nothing is missing any more, or will come."""


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """An agent of anybody's, which is never changed: what a chat adds, it adds to each run."""

    agent: AbstractAgent[Any, Any]  # whatever deps and output it has
    deps: object = None
    """The deps of every run, or a function that gives those of one: without arguments or with one, an
    `Asking`; `async` or not. What it gives may be a context manager, which is left when the run has ended."""
    ref: str = ''
    """How a chat names it: as it was given to `--agent`."""
    default_settings: ModelSettings = field(default_factory=ModelSettings)
    """Settings of a request about which the agent says nothing."""
    tools_for: Callable[[Asking], ToolsForRun] = lambda _: ToolsForRun()
    """Gives each run the tools that it gets besides those of the agent, without waiting for anything."""
    capabilities: tuple[AbstractCapability[Any], ...] = ()
    """What each run gets besides the capabilities of the agent."""

    @property
    def name(self) -> str:
        """What to call it on the page."""
        if self.ref == BUILT_IN:
            return 'Parlour'
        return self.agent.name or self.ref.rpartition(':')[2] or 'Agent'

    @property
    def model_name(self) -> str:
        """What the model is called here that it brings along; '' if it brings none."""
        return agent_model_name(self.ref) if self.agent.model is not None else ''


class AgentRoster:
    """The agents that run here; the first one answers in chats that name none."""

    def __init__(self, configs: Sequence[AgentConfig]) -> None:
        self.configs = tuple(configs)
        self._by_ref = {config.ref: config for config in configs}

    @property
    def first(self) -> AgentConfig:
        """The agent of chats for which no other is chosen."""
        return self.configs[0]

    def with_more(
        self, tools_for: Callable[[Asking], ToolsForRun], capabilities: Sequence[AbstractCapability[Any]] = ()
    ) -> 'AgentRoster':
        """Return the same agents, each of whose runs gets these tools and capabilities too."""
        more = {'tools_for': tools_for, 'capabilities': tuple(capabilities)}
        return AgentRoster([replace(config, **more) for config in self.configs])

    def find(self, ref: str) -> AgentConfig | None:
        """Return the agent that a chat names, if it runs here."""
        return self._by_ref.get(ref) if ref else self.first


def required_arguments(function: Callable[..., object]) -> int:
    """Return how many arguments a function cannot do without."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # one of those in C that do not tell
        return 0
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(one.default is one.empty and one.kind not in variadic for one in parameters)
