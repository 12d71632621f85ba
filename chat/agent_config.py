"""AgentConfig: an agent that answers, its tools and what they need; AgentRoster: those that can be chosen."""

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic_ai import ModelSettings
from pydantic_ai.agent import AbstractAgent
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.toolsets import AbstractToolset

from chat.agent_names import BUILT_IN, agent_model_name

ToolOptions = Mapping[str, Any]
"""What is set of a built-in tool in one chat, as JSON; empty for one of which nothing can be set."""


CallPreview = Callable[[ToolOptions, str, Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]
"""Returns what a call, by the name of its tool and its arguments, would say about itself when it asks for an
approval; `None` if it would say nothing. Raises a `ChatError` if the call would fail."""

OWNER_NAME = 'Host'
"""What the owner is called where guests are."""

FOLDER_OPTION = 'path'
"""The option of a tool that is given a folder: its whole path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, and where: what a function that gives deps may want to know."""

    user: str
    """The name of a guest, as in their invite, or of a user of a team; `OWNER_NAME` if it is the owner."""
    conversation_id: str
    is_guest: bool = False
    """Whether a guest asks, and not the owner or a device of theirs."""
    owner: str = ''
    """Whose conversation it is, in a team; '' in a Parlour of one's own."""


async def nothing_to_wait_for(_tools: Sequence[str]) -> None:
    """Return at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsForRun:
    """The tools that one run gets besides those of its agent."""

    toolsets: tuple[AbstractToolset[Any], ...] = ()
    capabilities: tuple[AbstractCapability[Any], ...] = ()
    """Tools of which the provider of a model may have its own."""
    missing: tuple[str, ...] = ()
    """What is not there yet, by the names that a person knows."""
    settled: Callable[[Sequence[str]], Coroutine[None, None, None]] = nothing_to_wait_for
    """Returns once none of these tools, by their names, may be among what is there soon."""

    def with_more(self, others: Sequence['ToolsForRun']) -> 'ToolsForRun':
        """Return these tools and others that are there already."""
        return replace(
            self,
            toolsets=(*self.toolsets, *(toolset for other in others for toolset in other.toolsets)),
            capabilities=(*self.capabilities, *(each for other in others for each in other.capabilities)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltInTool:
    """A tool, or a few that belong together, which a person can switch on in a chat; off until then."""

    name: str
    """How a chat names it, in its file too."""
    title: str
    sentence: str
    """What it does, and what it sends to whom."""
    build: Callable[[Asking, ToolOptions], ToolsForRun]
    """Gives one run its tools, without waiting for anything; the options may be of an older version, or
    written by hand. Whether a call asks first is for it to say, but for guests each asks anyway."""
    is_for_guests: bool = True
    """Whether a run has it that the prompt of a guest has begun."""
    check_folder: Callable[[str], Path] | None = None
    """Of a tool that is given a folder of this computer instead of a switch, `FOLDER_OPTION` of its options:
    returns the one that a person means, or raises `FolderRefused`. Takes its time."""
    preview: CallPreview | None = None
    """What calls of its tools say about themselves."""


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
    built_in_tools: tuple[BuiltInTool, ...] = ()
    """What can be switched on in its chats."""
    capabilities: tuple[AbstractCapability[Any], ...] = ()
    """What each run gets besides the capabilities of the agent: telemetry, but not in temporary chats."""
    owner: str = ''
    """Whose runs these are, in a team; '' in a Parlour of one's own."""

    def as_owned(self, asking: Asking) -> Asking:
        """Return who asks by their name in the team, if there is one."""
        return replace(asking, owner=self.owner, user=self.owner) if self.owner else asking

    def tools_of_run(self, asking: Asking, switched_on: Mapping[str, ToolOptions]) -> ToolsForRun:
        """Return the tools that a run gets besides those of the agent, without waiting for anything.

        Args:
            asking: Who asks.
            switched_on: The built-in tools of its chat, by name, with their options.
        """
        given = [
            tool.build(asking, switched_on[tool.name])
            for tool in self.built_in_tools
            if tool.name in switched_on and (tool.is_for_guests or not asking.is_guest)
        ]
        return self.tools_for(asking).with_more(given)

    async def preview(
        self, call: str, arguments: Mapping[str, Any], switched_on: Mapping[str, ToolOptions]
    ) -> Mapping[str, Any] | None:
        """Return what a call of a built-in tool would say about itself, as `CallPreview` does.

        Args:
            call: The name that the model knows.
            arguments: What the tool would be given.
            switched_on: As in `tools_of_run`.
        """
        for tool in self.built_in_tools:
            options = switched_on.get(tool.name, {})
            if tool.preview and (told := await tool.preview(options, call, arguments)):
                return told
        return None

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

    def owned_by(self, user: str) -> 'AgentRoster':
        """Return the same agents for the conversations of one user of a team."""
        return AgentRoster([replace(config, owner=user) for config in self.configs])

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
