"""McpServers: all servers of tools, from files and from the page; what a run gets of them."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import SecretStr

from chat.agent.added_servers import well_formed_name
from chat.agent.api_keys import ApiKeys
from chat.agent.mcp.added_entries import checked_url, entry_of
from chat.agent.mcp.connection_protocol import OpenConnection
from chat.agent.mcp.elicitation import ElicitationBoard
from chat.agent.mcp.entries import McpKey, ServerEntry, StoredServer
from chat.agent.mcp.run_tools import NeedsApproval, RunTools, free_prefix, may_have
from chat.agent.mcp.server import CONNECT_TIMEOUT, RETRY_INTERVAL, McpServer
from chat.agent.mcp.servers_file import ServersFile, read_again
from chat.agent_config import Asking, ToolsForRun
from chat.change_signal import ChangeSignal
from chat.errors import ServerRefused
from chat.key_cleaning import clean_key
from chat.redaction import SecretRedactor
from chat.value_storage import ValueStorage

if TYPE_CHECKING:
    from types import ModuleType

IMPORT_DELAY = 1.0
"""Seconds after which servers are connected though no page has been opened: importing costs a second."""

MISSING_PACKAGES = 'MCP needs more packages. Install them with: pip install "parlour[mcp]"'


class McpServers:
    """Everyone reads and waits for `changed`; what is set in the page is stored here."""

    def __init__(
        self,
        files: Sequence[ServersFile],
        stored: Iterable[StoredServer],
        *,
        storage: ValueStorage[StoredServer],
        keys: ApiKeys,
        needs_approval: NeedsApproval = lambda server, tool: True,
        connect_timeout: float = CONNECT_TIMEOUT,
        retry_interval: float = RETRY_INTERVAL,
    ) -> None:
        """Take the servers of these files, of which an earlier one wins, and those that were stored.

        `needs_approval` is asked about tools that their file does not always allow.
        """
        self.changed = ChangeSignal()
        self.board = ElicitationBoard()
        self.files = files
        self._stored = {one.name.lower(): one for one in stored}
        self._storage = storage
        self._keys = keys
        self._needs_approval = needs_approval
        self._connect_timeout = connect_timeout
        self._retry_interval = retry_interval
        self._redactor = SecretRedactor({}, lambda: self.secrets)
        self._servers: dict[str, McpServer] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._library: asyncio.Task[ModuleType] | None = None
        self._writing = asyncio.Lock()
        self._is_open = False
        for entry in [entry for file in files for entry in file.entries]:
            self._take(entry)
        for one in self._stored.values():
            if one.url:
                self._take(entry_of(one, self._keys))

    @property
    def servers(self) -> list[McpServer]:
        """Return them: those of files first, each in its order."""
        return list(self._servers.values())

    @property
    def added(self) -> list[StoredServer]:
        """What is stored of those that were added in the page."""
        return [one for one in self._stored.values() if one.url]

    @property
    def secrets(self) -> list[str]:
        """Return all that must be shown nowhere."""
        return [secret for server in self._servers.values() for secret in server.entry.secrets]

    @property
    def trouble(self) -> str:
        """Why something could not be read, as sentences; '' if all could."""
        return ' '.join(filter(None, [*(file.problem for file in self.files), self._storage.trouble]))

    def is_on(self, server: McpServer, tool: str) -> bool:
        """Return whether a tool is given to runs."""
        stored = self._stored.get(server.name.lower())
        return not stored or tool not in stored.tools_off

    def asks(self, server: McpServer, tool: str) -> bool:
        """Return whether a person is asked before a tool runs; in the run of a guest each asks."""
        return tool not in server.entry.always_allow and self._needs_approval(server.name, tool)

    def file_of(self, server: McpServer) -> str:
        """Return the name of the file in which a server stands; '' if it was added in the page."""
        files = (file.path.name for file in self.files if server.entry in file.entries)
        return next(files, '')

    async def open(self, first_page: ChangeSignal) -> None:
        """Connect all once the first page has gone out, or soon; keep them so until this is cancelled."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IMPORT_DELAY):
                await first_page.wait()
        self._is_open = True
        try:
            for server in self.servers:
                self._start(server)
            while True:
                seen = self._keys.changed.count
                self._follow_keys()
                await self._keys.changed.wait(seen)
        finally:
            self._is_open = False
            await self._close()

    def tools_for(self, asking: Asking) -> ToolsForRun:
        """Return the tools of the servers that are ready; nobody waits for the others."""
        for server in self.servers:
            server.retry()
        return ToolsForRun(
            toolsets=tuple(
                RunTools(server, asking, self._needs_approval, lambda tool, of=server: self.is_on(of, tool))
                for server in self.servers
                if server.state == 'ready'
            ),
            missing=tuple(server.name for server in self.servers if server.state == 'connecting'),
            settled=self.settled,
        )

    async def settled(self, tools: Sequence[str]) -> None:
        """Return once no server is being connected that may have one of these; each gives up some time.

        Those that have failed are tried once more.
        """
        for server in self.servers:
            if may_have(server, tools):
                server.retry(at_once=True)
        while any(server.is_connecting and may_have(server, tools) for server in self.servers):
            await self.changed.wait()

    async def add(self, name: str, address: str, key: SecretStr | None) -> None:
        """Keep a server with an address, and connect it.

        Raises:
            ServerRefused, KeyInvalid: If it cannot be one.
            OSError: If it could not be stored.
        """
        stored = StoredServer(name=well_formed_name(name), url=checked_url(address))
        secret = clean_key(key.get_secret_value()) if key and key.get_secret_value().strip() else ''
        async with self._writing:
            if other := self._servers.get(stored.name.lower()):
                raise ServerRefused(f'There is a server called “{other.name}” already. Choose another name.')
            lock = McpKey(stored.name)
            if secret:
                await self._keys.save(lock, SecretStr(secret))
            elif self._keys.saved(lock):
                await self._keys.remove(lock)
            await self._storage.put(stored)
            self._stored[stored.name.lower()] = stored
            server = self._take(entry_of(stored, self._keys))
        if self._is_open:
            self._start(server)
        self.changed.notify()

    async def remove(self, name: str) -> None:
        """Forget a server that was added in the page, with its key; calls that are under way end.

        Raises:
            KeyRemovalFailed, OSError: If it may still be there.
        """
        server = self._servers.get(name.lower())
        if server is None or not server.entry.is_added:
            return
        async with self._writing:
            if self._keys.saved(McpKey(server.name)):
                await self._keys.remove(McpKey(server.name))
            await self._storage.remove(StoredServer(name=server.name))
            self._stored.pop(name.lower(), None)
            self._servers.pop(name.lower(), None)
        await self._end(name.lower())
        self.changed.notify()

    async def reread(self) -> None:
        """Read the files anew: servers that are gone end, others begin, and those that are the same stay."""
        async with self._writing:
            self.files = await asyncio.to_thread(read_again, self.files, self._keys.environment)
            found = [entry for file in self.files for entry in file.entries]
            wanted = {entry.name.lower(): entry for entry in reversed(found)}  # an earlier one wins
            for name, server in list(self._servers.items()):
                if wanted.get(name, server.entry if server.entry.is_added else None) != server.entry:
                    del self._servers[name]
                    await self._end(name)
            kept, self._servers = self._servers, {}
            prefixes = {server.prefix for server in kept.values()}
            for entry in found:
                self._take(entry, kept.get(entry.name.lower()), prefixes)
            for name, one in self._stored.items():
                if one.url:
                    self._take(entry_of(one, self._keys), kept.get(name), prefixes)
            if self._is_open:
                for server in self.servers:
                    self._start(server)
        self.changed.notify()

    def reconnect(self, name: str) -> None:
        """Connect a server anew."""
        if server := self._servers.get(name.lower()):
            server.reconnect()

    async def switch(self, name: str, tool: str, *, is_on: bool) -> None:
        """Give a tool to runs from now on, or not.

        Raises:
            OSError: If that could not be stored.
        """
        server = self._servers.get(name.lower())
        if server is None or tool not in {listed.name for listed in server.tools}:
            return
        async with self._writing:
            stored = self._stored.get(name.lower()) or StoredServer(name=server.name)
            off = {*stored.tools_off, tool} if not is_on else {*stored.tools_off} - {tool}
            await self._storage.put(stored := replace(stored, tools_off=tuple(sorted(off))))
            self._stored[name.lower()] = stored
        self.changed.notify()

    def _take(
        self, entry: ServerEntry, kept: McpServer | None = None, prefixes: Collection[str] = ()
    ) -> McpServer:
        """Have a server, one that was kept or a new one, unless there is one with its name.

        `prefixes` are those of servers that are kept, too.
        """
        if server := self._servers.get(entry.name.lower()):
            return server
        server = kept or McpServer(
            entry=entry,
            prefix=free_prefix(entry.name, {*prefixes, *(each.prefix for each in self._servers.values())}),
            library=self._load,
            redactor=self._redactor,
            board=self.board,
            changed=self.changed,
            connect_timeout=self._connect_timeout,
            retry_interval=self._retry_interval,
        )
        self._servers[entry.name.lower()] = server
        return server

    def _follow_keys(self) -> None:
        """Connect those anew whose key has changed: a keyring may have been unlocked."""
        for server in self.servers:
            stored = self._stored.get(server.name.lower())
            if server.entry.is_added and stored and (entry := entry_of(stored, self._keys)) != server.entry:
                server.entry = entry
                server.reconnect()

    def _start(self, server: McpServer) -> None:
        name = server.name.lower()
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(
                server.keep_connected(), name=f'keep {server.name} connected'
            )

    async def _end(self, name: str) -> None:
        if task := self._tasks.pop(name, None):
            task.cancel()
            await asyncio.wait({task})

    async def _close(self) -> None:
        """End all connections, side by side: each server is given a moment to end by itself."""
        await asyncio.gather(*(self._end(name) for name in list(self._tasks)))
        if self._library:
            await asyncio.wait({self._library})

    async def _load(self) -> OpenConnection:
        """Import what connects, in a thread and once for all.

        Raises:
            ServerRefused: If it is not installed.
        """
        if self._library is None:
            self._library = asyncio.create_task(asyncio.to_thread(import_module, 'chat.agent.mcp.connection'))
        try:
            return (await asyncio.shield(self._library)).open_connection
        except ImportError as error:
            raise ServerRefused(MISSING_PACKAGES) from error
