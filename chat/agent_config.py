"""AgentConfig: the agent that answers, and what its tools need."""

import inspect
from dataclasses import dataclass
from typing import Any

from pydantic_ai.agent import AbstractAgent


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """An agent of anybody's, which is never changed: what a chat adds, it adds to each run."""

    agent: AbstractAgent[Any, Any]  # whatever deps and output it has
    deps: object = None
    """The deps of every run, or a function without arguments, `async` or not, that gives those of one."""

    async def run_deps(self) -> object:
        """Return the deps of one run."""
        deps = self.deps() if callable(self.deps) else self.deps
        return await deps if inspect.isawaitable(deps) else deps
