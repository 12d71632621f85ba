"""The owner's listener: a web server on this computer that ends quietly."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Generator
from ipaddress import IPv6Address, ip_address
from types import FrameType
from typing import Literal

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from chat.errors import StartFailed
from chat.server.connections import FairHTTPProtocol
from chat.server.websockets import FairWebSocketProtocol

DEFAULT_PORT = 8080

MAX_PORTS_TRIED = 50
"""Ports that are tried, from the default one on, while other programs hold them."""

SHUTDOWN_TIMEOUT = 1
"""Seconds that open responses have to end when the server shuts down."""

MAX_HTTP_BUFFER_BYTES = 1024 * 1024
"""Bytes of one message of a browser; NiceGUI sends none above 1,000,000."""

BACKLOG = 128
"""Connections that wait to be accepted; uvicorn would let 2048 wait, each of which takes a descriptor."""


def bind_socket(host: str, port: int | None, *, default: int = DEFAULT_PORT) -> socket.socket:
    """Return a socket that listens on `host` only; `None` is the `default` port or the next free one.

    Raises:
        StartFailed: If the port is taken or the address is not one of this computer.
    """
    if port is not None:
        return _bind(host, port)
    for candidate in range(default, default + MAX_PORTS_TRIED):
        with contextlib.suppress(PortTaken):
            return _bind(host, candidate)
    return _bind(host, 0)


def port_of_socket(listening: socket.socket) -> int:
    """Return the port that a socket was bound to."""
    return listening.getsockname()[1]


def url_of_socket(listening: socket.socket) -> str:
    """Return the URL to open, with a slash at its end."""
    host, port = listening.getsockname()[:2]
    return f'http://[{host}]:{port}/' if ':' in host else f'http://{host}:{port}/'


def server_config(
    app: ASGIApp, *, lifespan: Literal['on', 'off'], http: type[H11Protocol] = FairHTTPProtocol
) -> uvicorn.Config:
    """Return the configuration of every listener: strict in what it reads, and without an access log."""
    return uvicorn.Config(
        app,
        http=http,  # which sets a limit to the size of a head
        ws=FairWebSocketProtocol,
        ws_max_size=MAX_HTTP_BUFFER_BYTES,
        ws_per_message_deflate=False,  # a few bytes could become gigabytes
        lifespan=lifespan,
        log_config=None,
        log_level='error',  # warnings here are about what others send
        backlog=BACKLOG,
        access_log=False,  # addresses may hold tokens
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
    )


class PortTaken(StartFailed):
    """Another program listens on the port."""


class Listener(uvicorn.Server):
    """A server on one socket, with callbacks for when it is ready and before it closes."""

    def __init__(
        self,
        app: ASGIApp,
        listening: socket.socket,
        *,
        on_ready: Callable[[], None],
        on_closing: Callable[[], Awaitable[None]],
        leave: Callable[[], Awaitable[None]] | None = None,
        http: type[H11Protocol] = FairHTTPProtocol,
    ) -> None:
        """Prepare it, and listen to nothing yet.

        Args:
            app: What answers.
            listening: The socket.
            on_ready: Called once it can be used.
            on_closing: Awaited while pages are still connected, so that they see how their answers end.
            leave: Awaited before that after SIGTERM, while all goes on; a second signal cuts it short.
            http: The protocol of its connections.
        """
        super().__init__(server_config(app, lifespan='on', http=http))
        self._listening = listening
        self._ready = on_ready
        self._closing = on_closing
        self._leave = leave
        self._leaving: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Serve until a signal comes."""
        self._loop = asyncio.get_running_loop()
        await self.serve(sockets=[self._listening])

    def stop(self) -> None:
        """Shut down as after a signal."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._leaving and not self._leaving.done():
            self._leaving.cancel()
            await asyncio.wait({self._leaving})
        await self._closing()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Shut down; a second signal changes nothing, while uvicorn would cut off what is under way."""
        if self._leave and self._leaving is None and sig == signal.SIGTERM:
            self._loop.call_soon_threadsafe(self._begin_to_leave, self._leave)
        else:
            self.stop()

    def _begin_to_leave(self, leave: Callable[[], Awaitable[None]]) -> None:
        async def leave_and_stop() -> None:
            try:
                await leave()
            finally:
                self.stop()

        self._leaving = self._leaving or asyncio.create_task(leave_and_stop(), name='leave')

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture signals as uvicorn does, but do not raise them again at the end: the exit code is 0.

        After the end Ctrl-C does nothing more, so that pressing it twice does not disturb what is still
        being written. A second SIGTERM ends the process as ever.
        """
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, before[signal.SIGTERM])


def _is_one_address(host: str) -> bool:
    """Return whether this is a single address: an empty one, `0.0.0.0` and `::` stand for all there are."""
    if host == 'localhost':
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return not (mapped or address).is_unspecified


def _bind(host: str, port: int) -> socket.socket:
    if not _is_one_address(host):
        raise StartFailed(f'Parlour listens on one address of this computer only, and {host!r} is none.')
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if os.name == 'posix':  # on Windows the same option would let two programs share the port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise PortTaken(
                f'Port {port} is taken by another program. Choose another one with --port.'
            ) from None
        raise StartFailed(f'Parlour cannot listen on {host}: {error.strerror}. Leave --host out.') from None
    return listening
