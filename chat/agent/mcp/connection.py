"""One connection to a server of tools. Importing this takes a second: `McpServers` does so in a thread."""

import asyncio
import json
import logging
import os
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any, TextIO

import httpx2
from fastmcp.client import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import ClientTransport, SSETransport, StdioTransport, StreamableHttpTransport
from mcp import MCPError
from mcp import types as mcp_types
from pydantic_ai.mcp import MCPToolset

from chat.agent.mcp.connection_protocol import Listeners
from chat.agent.mcp.elicitation import Request
from chat.agent.mcp.entries import ServerEntry
from chat.errors import ServerRefused

PING_TIMEOUT = 5.0
"""Seconds in which a server that has closed its error output says that it is still there."""

LAST_WORDS_TIMEOUT = 1.0
"""Seconds in which all is read that a server said last; a program that it began may hold the pipe longer."""

LAST_WORDS_WAITS = 10
"""Waits that make up this time: a moment in which nothing runs here uses up one of them, not all of it."""

CLOSED_CODE = -32000
"""Of the error with which a call ends whose server has."""

for _name in ('fastmcp', 'mcp'):  # they would print what servers say, with a handler of their own
    logging.getLogger(_name).handlers.clear()
    logging.getLogger(_name).propagate = True
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class ListedToolset(MCPToolset[Any]):
    """The tools that were listed last: a run does not ask for them again before each request."""

    listed: list[mcp_types.Tool]

    async def list_tools(self) -> list[mcp_types.Tool]:
        return self.listed


@dataclass(eq=False)
class Connection:
    """An open connection; `open_connection` makes and closes it."""

    client: Client[Any]
    toolset: ListedToolset

    @property
    def tools(self) -> list[mcp_types.Tool]:
        """The tools that were listed last."""
        return self.toolset.listed

    async def list_tools(self) -> list[mcp_types.Tool]:
        """Ask the server for its tools, without those that cannot be called here."""
        with cancellation_kept():
            tools = await self.client.list_tools()
        self.toolset.listed = [tool for tool in tools if not _needs_task(tool)]
        return self.toolset.listed

    async def call(self, name: str, arguments: dict[str, Any]) -> Any:
        """Call a tool.

        Raises:
            pydantic_ai.exceptions.ToolFailed: If the server says that it failed.
            Exception: Of many kinds, if there is no answer.
        """
        with cancellation_kept():
            return await self.toolset.direct_call_tool(name, arguments)

    def is_refusal(self, error: BaseException) -> bool:
        """Return whether the server has refused a call, and is there to take others."""
        cause = error.__cause__
        return isinstance(cause, MCPError) and cause.error.code != CLOSED_CODE and 'ession' not in str(cause)

    async def is_alive(self) -> bool:
        """Ask the server whether it is still there."""
        with cancellation_kept():
            try:
                async with asyncio.timeout(PING_TIMEOUT):
                    return await self.client.ping()
            except Exception:  # noqa: BLE001  # whatever it is, there is no answer
                return False


@contextmanager
def cancellation_kept() -> Generator[None]:
    """Raise a cancellation that comes in the block, also if what is awaited there swallows it.

    fastmcp 4.2.3 does: a request that is cancelled while its session ends says only that the session has.
    """
    task = asyncio.current_task()
    count = task.cancelling() if task else 0
    try:
        yield
    finally:
        if task and task.cancelling() > count:
            raise asyncio.CancelledError


@asynccontextmanager
async def open_connection(
    entry: ServerEntry, listeners: Listeners, seconds: float
) -> AsyncGenerator[Connection]:
    """Connect to a server for as long as the block lasts.

    Raises:
        TimeoutError: If it did not answer in time.
        Exception: Of many kinds, if it could not be reached.
    """
    errors = ErrorOutput(listeners) if entry.kind == 'command' else None
    try:
        client = _client(entry, listeners, errors.file if errors else None)
        connection = Connection(client, ListedToolset(client, id=entry.name, tool_error_behavior='failed'))
        try:
            async with asyncio.timeout(seconds):
                with cancellation_kept():
                    await client.__aenter__()
                if errors:
                    errors.follow()
                await connection.list_tools()
            yield connection
        finally:
            await _close(client)  # whatever is still under way
    finally:
        if errors:
            await errors.end()


async def _close(client: Client[Any]) -> None:
    """Close a client in a task of its own: fastmcp 4.2.3 swallows the cancellation of who closes it."""
    closing = asyncio.ensure_future(client.close())
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await asyncio.wait({closing})
        raise


def _client(entry: ServerEntry, listeners: Listeners, errors: TextIO | None) -> Client[Any]:
    async def on_log(message: mcp_types.LoggingMessageNotificationParams) -> None:
        text = message.data if isinstance(message.data, str) else json.dumps(message.data, ensure_ascii=False)
        listeners.said(f'{message.level}: {text}')

    async def on_message(message: object) -> None:
        if isinstance(getattr(message, 'root', message), mcp_types.ToolListChangedNotification):
            listeners.list_changed()

    async def on_elicitation(text: str, _: object, params: Any, __: object) -> ElicitResult[Any]:
        is_url = params.mode == 'url'
        request = Request(
            text=text,
            url=params.url if is_url else '',
            schema=None if is_url else params.requested_schema,
        )
        action, content = await listeners.ask(request)
        return ElicitResult[Any](action=action, content=content)  # pyright: ignore[reportArgumentType]  # one of three

    return Client(
        _transport(entry, errors),
        mode='legacy',  # a session without a connection could neither ask a person nor log
        elicitation_handler=on_elicitation,
        log_handler=on_log,
        message_handler=on_message,
        init_timeout=None,  # ours is around it
    )


def _transport(entry: ServerEntry, errors: TextIO | None) -> ClientTransport:
    match entry.kind:
        case 'command':
            return StdioTransport(
                entry.command, list(entry.args), dict(entry.env), entry.cwd, keep_alive=False, log_file=errors
            )
        case 'sse':
            return SSETransport(
                entry.url,
                headers=dict(entry.headers),
                sse_read_timeout=entry.timeout,
                httpx_client_factory=_http_client,
            )
        case 'http':
            return StreamableHttpTransport(
                entry.url,
                headers=dict(entry.headers),
                httpx_client_factory=_http_client,
                max_sse_event_size=None,  # of 1 MiB by default: a picture is larger
            )


def _http_client(
    headers: Mapping[str, str] | None = None,
    timeout: httpx2.Timeout | None = None,
    auth: httpx2.Auth | None = None,
    *,
    follow_redirects: bool = True,
) -> httpx2.AsyncClient:
    """Make the client of one connection; the transports follow no redirect to another server."""

    async def name_refusal(response: httpx2.Response) -> None:
        if response.status_code in (401, 403):
            raise ServerRefused('It needs a key, or does not accept the one that it got.')

    return httpx2.AsyncClient(
        headers=headers,
        auth=auth,
        timeout=httpx2.Timeout(30.0, read=None),  # how long a call may take is the entry's to say
        follow_redirects=follow_redirects,
        event_hooks={'response': [name_refusal]},
    )


def _needs_task(tool: mcp_types.Tool) -> bool:
    """Return whether a tool can only be called as a task, which needs another package."""
    return bool(tool.execution) and tool.execution.task_support == 'required'


class ErrorOutput:
    """A pipe for the error output of a server; its lines are told, and its end: often the server's."""

    def __init__(self, listeners: Listeners) -> None:
        reading, writing = os.pipe()
        self.file = os.fdopen(writing, 'w', encoding='utf-8', errors='replace')
        self._reading = os.fdopen(reading, 'r', encoding='utf-8', errors='replace')
        self._listeners = listeners
        self._loop = asyncio.get_running_loop()
        self._is_followed = False
        self._is_read = asyncio.Event()
        self._thread = Thread(target=self._read, name='error output of a server', daemon=True)
        self._thread.start()

    def follow(self) -> None:
        """Give up our own end: from now on, the end of the pipe is that of the server."""
        self._is_followed = True
        self.file.close()

    async def end(self) -> None:
        """Return when all that the server has said is told, which names the reason if it could not start."""
        self._is_followed = False
        self.file.close()
        for _ in range(LAST_WORDS_WAITS):
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_TIMEOUT / LAST_WORDS_WAITS):
                    await self._is_read.wait()
                    return

    def _read(self) -> None:
        with self._reading:
            for line in self._reading:
                self._tell(self._listeners.said, line.rstrip())
        self._tell(self._is_read.set)
        if self._is_followed:
            self._tell(self._listeners.suspect)

    def _tell(self, listener: Callable[..., None], *arguments: str) -> None:
        with suppress(RuntimeError):  # the app has ended
            self._loop.call_soon_threadsafe(listener, *arguments)
