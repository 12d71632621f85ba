"""What a connection to a server offers, and whom it tells; `connection` makes one, and is imported late."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic_ai.toolsets import AbstractToolset

from chat.agent.mcp.elicitation import Answer, Request
from chat.agent.mcp.entries import ServerEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Who is told what of a connection."""

    said: Callable[[str], None]
    """Gets each line that the server logs or writes to its error output."""
    list_changed: Callable[[], None]
    suspect: Callable[[], None]
    """Called when the server may have ended."""
    ask: Callable[[Request], Awaitable[Answer]]
    """Asks a person."""


class ListedTool(Protocol):
    """A tool, as the server describes it."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str | None: ...


class Connection(Protocol):
    """An open connection: `connection.Connection`, which is imported late."""

    @property
    def toolset(self) -> AbstractToolset[Any]: ...

    @property
    def tools(self) -> Sequence[ListedTool]: ...

    async def list_tools(self) -> Sequence[ListedTool]: ...

    async def call(self, name: str, arguments: dict[str, Any]) -> Any: ...

    def is_refusal(self, error: BaseException) -> bool: ...

    async def is_alive(self) -> bool: ...


OpenConnection = Callable[[ServerEntry, Listeners, float], AbstractAsyncContextManager[Connection]]
"""`connection.open_connection`."""
