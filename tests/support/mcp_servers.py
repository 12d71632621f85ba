"""Servers of tools for tests: their entries, and what keeps them connected."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.entries import ServerEntry, StoredServer
from chat.agent.mcp.server import McpServer
from chat.agent.mcp.servers import McpServers
from chat.agent.mcp.servers_file import ServersFile
from chat.change_signal import ChangeSignal
from chat.store.settings_files import server_key
from tests.support.memory_storage import MemoryApiKeys
from tests.support.memory_values import MemoryValues
from tests.support.small_mcp import DESCRIPTIONS
from tests.support.timeouts import WAIT_TIMEOUT

SMALL = str(Path(__file__).with_name('small_mcp.py'))

ALL = frozenset([*DESCRIPTIONS, 'grown'])


def small(name: str = 'small', mood: str = '', **more: Any) -> ServerEntry:
    """The entry of a small server, all of whose tools are allowed."""
    entry: dict[str, Any] = {'always_allow': ALL, 'args': (SMALL, mood), **more}
    return ServerEntry(name=name, kind='command', command=sys.executable, **entry)


def described(*entries: dict[str, Any] | tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The JSON of a file with these entries."""
    named = [
        entry if isinstance(entry, tuple) else (f'server{place}', entry)
        for place, entry in enumerate(entries)
    ]
    return {'mcpServers': dict(named)}


def make_servers(
    *entries: ServerEntry,
    stored: Iterable[StoredServer] = (),
    keys: ApiKeys | None = None,
    files: Sequence[ServersFile] = (),
    connect_timeout: float = WAIT_TIMEOUT,
    **more: Any,
) -> McpServers:
    """Servers that are not connected yet, of these entries or files."""
    return McpServers(
        files or [ServersFile(path=Path('mcp.json'), entries=entries)],
        stored,
        storage=MemoryValues[StoredServer](server_key),
        keys=keys or ApiKeys({}, MemoryApiKeys()),
        connect_timeout=connect_timeout,
        **more,
    )


@asynccontextmanager
async def open_servers(*entries: ServerEntry, **more: Any) -> AsyncGenerator[McpServers]:
    """Servers that are being connected; at the end of the block they are ended."""
    servers = make_servers(*entries, **more)
    async with opened(servers):
        yield servers


@asynccontextmanager
async def opened(servers: McpServers) -> AsyncGenerator[None]:
    """Keep servers connected while the block runs, as if the first page had been opened."""
    first_page = ChangeSignal()
    task = asyncio.create_task(servers.open(first_page))
    await asyncio.sleep(0)
    first_page.notify()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(servers: McpServers, holds: Callable[[], object]) -> None:
    """Wait until something holds of the servers, or of the questions that are open."""
    async with asyncio.timeout(WAIT_TIMEOUT):
        servers.board.changed.relay_to(servers.changed)
        while not holds():
            await servers.changed.wait()


async def ready(servers: McpServers, name: str = 'small') -> McpServer:
    """A server, once it is ready."""
    server = next(one for one in servers.servers if one.name == name)
    await until(servers, lambda: server.state == 'ready')
    return server


def clock_of_the_call(server: McpServer) -> asyncio.Timeout:
    """The clock of the one call that is under way."""
    (call,) = server.calls
    assert call.clock
    return call.clock
