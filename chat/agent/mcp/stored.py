"""What is kept of servers of tools that were added in the page, and of tools that were switched off there."""

from dataclasses import dataclass
from typing import Protocol

MCP_KEY = 'mcp:'


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredServer:
    """What is kept of one, besides its key. There is no command: such servers stand in files only."""

    name: str
    url: str = ''
    """'' if it stands in a file; then only the tools that are off are kept."""
    tools_off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class McpKey:
    """The lock of a server of tools."""

    name: str

    @property
    def prefix(self) -> str:
        return f'{MCP_KEY}{self.name.lower()}'

    @property
    def variables(self) -> tuple[tuple[str, ...], ...]:
        return ((self.key_variable,),)

    @property
    def key_variable(self) -> str:
        """So named that it is seen as a secret; see `redaction.SECRET_NAMES`."""
        return f'PARLOUR_MCP_{self.name.upper().replace("-", "_")}_KEY'


class McpStorage(Protocol):
    """Where they stay; all by their names in small letters."""

    @property
    def trouble(self) -> str:
        """Why `read` has read nothing, as a sentence; '' if it could."""
        ...

    async def read(self) -> list[StoredServer]:
        """Return all servers in the order in which they were added; what makes no sense is left out."""
        ...

    async def put(self, server: StoredServer) -> None:
        """Keep a server, in the place of the one with this name.

        Raises:
            OSError: If that failed.
        """
        ...

    async def remove(self, name: str) -> None:
        """Forget a server; that there is none is no error.

        Raises:
            OSError: If it is still there.
        """
        ...
