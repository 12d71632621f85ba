"""An MCP server over HTTP, in a thread of the test: of the official package, with a key."""

import asyncio
import base64
import socket
import time
from threading import Event, Thread
from typing import Self

import uvicorn
from mcp.server.mcpserver import Context, Image, MCPServer
from pydantic import BaseModel
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.support.small_mcp import PIXEL

KEY = 'key-123456'


class Person(BaseModel):
    """What a tool wants to know."""

    name: str
    age: int = 36


class City(BaseModel):
    """What a tool gives."""

    name: str
    people: int


def make_server(hanging: Event) -> MCPServer:
    """A server with a tool of each kind."""
    server = MCPServer('over HTTP', log_level='CRITICAL')

    @server.tool()
    async def ask(context: Context) -> str:  # pyright: ignore[reportUnusedFunction, reportMissingTypeArgument, reportUnknownParameterType]  # the server calls it
        answer = await context.elicit('Who are you?', Person)
        return f'{answer.action}: {getattr(answer, "data", None)}'

    @server.tool()
    async def visit(context: Context) -> str:  # pyright: ignore[reportUnusedFunction, reportMissingTypeArgument, reportUnknownParameterType]  # as above
        return (await context.elicit_url('Sign in.', 'http://127.0.0.1:9/sign', 'e1')).action

    @server.tool()
    def picture() -> Image:  # pyright: ignore[reportUnusedFunction]  # as above
        return Image(data=base64.b64decode(PIXEL), format='png')

    @server.tool()
    def city() -> City:  # pyright: ignore[reportUnusedFunction]  # as above
        return City(name='Bonn', people=330_000)

    @server.tool()
    def large(size: int) -> str:  # pyright: ignore[reportUnusedFunction]  # as above
        return 'x' * size

    @server.tool()
    async def hang() -> str:  # pyright: ignore[reportUnusedFunction]  # as above
        hanging.set()
        await asyncio.Event().wait()
        return 'never'

    return server


class Guarded:
    """Lets in only who has the key; `/moved` leads to another address."""

    def __init__(self, app: ASGIApp, elsewhere: str) -> None:
        self._app = app
        self._elsewhere = elsewhere
        self.received: list[str] = []
        """The key of each request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope['type'] == 'http':
            self.received.append(dict(scope['headers']).get(b'authorization', b'').decode())
            if scope['path'] == '/moved':
                app = RedirectResponse(self._elsewhere, 307)
            elif self.received[-1] != f'Bearer {KEY}':
                app = PlainTextResponse('No.', 401)
        await app(scope, receive, send)


class McpOverHttp:
    """The server, while the block runs; as often as wanted at the same address."""

    def __init__(self, port: int = 0, elsewhere: str = '') -> None:
        self.hanging = Event()
        """Set once a call hangs."""
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(('127.0.0.1', port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f'http://127.0.0.1:{self.port}/mcp'
        self.app = Guarded(make_server(self.hanging).streamable_http_app(), elsewhere)
        self._server = uvicorn.Server(
            uvicorn.Config(self.app, log_config=None, log_level='critical', lifespan='on')
        )
        self._thread = Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:  # nothing tells
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
