"""The listener on the network, which is open only while something is shared."""

import asyncio
import contextlib
import socket
from collections.abc import Generator, Iterable, Sequence
from typing import NoReturn

import uvicorn
from starlette.types import ASGIApp

from chat.errors import SharingFailed, StartFailed
from chat.server.connections import UnauthenticatedConnections, limited_protocol
from chat.server.listener import PortTaken, bind_socket, port_of_socket, server_config
from chat.server.security.authentication import GuestAuthenticator
from chat.server.security.middleware import SecurityMiddleware
from chat.server.security.pages import pages_of
from chat.server.security.rate_limit import TokenBucket
from chat.server.security.request_head import url_host
from chat.server.tls import Certificate
from chat.sharing.invites import InviteAuthenticator
from chat.sharing.lock import Lock

END_SCRIPT = 'document.dispatchEvent(new Event("parlour-sharing-ended"))'
"""Clears the page and says that sharing has ended; see `share_watchdog.js`."""

CLOSE_NOTICE_DELAY = 0.05
"""Seconds that a page has to receive `END_SCRIPT` before its socket is closed."""

MAX_CONNECTIONS = 2500
"""A thousand who look have one each, and more while their pages load."""


class LanListener:
    """Serves guests on other computers; it is closed until it is opened."""

    def __init__(
        self, app: ASGIApp, *, port: int, certificate: Certificate | None = None, lock: Lock | None = None
    ) -> None:
        """`port` is the one to listen on if it is free; the `lock` is for own devices."""
        self._app = app
        self._lock = lock
        self._port = port
        self._certificate = certificate
        self._middleware: SecurityMiddleware | None = None
        self._server: LanServer | None = None
        self._serve_task: asyncio.Task[None] | None = None

    async def open(self, addresses: Sequence[str], guests: InviteAuthenticator) -> list[str]:
        """Listen on these addresses, as `chat.sharing.sharing.NetworkListener` says."""
        sockets = _bind_all(addresses, self._port)
        unauthenticated = UnauthenticatedConnections()
        authenticator = GuestAuthenticator(
            guests,
            names={url_host(address) for address in addresses} | self._certified_names,
            port=self._port,
            on_admitted=lambda head: unauthenticated.remove(head.connection),
        )
        self._middleware = SecurityMiddleware(
            self._app, authenticator, request_rate=TokenBucket(burst=400, per_second=100), lock=self._lock
        )
        config = server_config(self._middleware, lifespan='off', http=limited_protocol(unauthenticated))
        config.limit_concurrency = MAX_CONNECTIONS
        if self._certificate:
            config.ssl_certfile, config.ssl_keyfile = self._certificate.file, self._certificate.key_file
        self._server = server = LanServer(config)
        self._serve_task = asyncio.create_task(server.serve(sockets), name='listen on the network')
        self._serve_task.add_done_callback(lambda _: server.has_started.set())
        await server.has_started.wait()
        if self._serve_task.done():
            await self._raise_failure(self._serve_task, sockets)
        return [self._url(address, listening) for address, listening in zip(addresses, sockets, strict=True)]

    async def close(self) -> None:
        """Stop listening, after telling the connected pages."""
        server, serve_task = self._server, self._serve_task
        if not (self._middleware and server and serve_task):
            return
        await self.disconnect(self._middleware.active.sessions)
        server.should_exit = True
        await serve_task
        if self._server is server:  # it may have been closed and opened again meanwhile
            self._middleware = self._server = self._serve_task = None

    async def disconnect(self, session_ids: Iterable[str]) -> None:
        """Tell the pages of these sessions that sharing has ended, and send them nothing after that."""
        if not self._middleware:
            return
        sessions = set(session_ids) & self._middleware.active.sessions
        pages = pages_of(sessions)
        for page in pages:
            page.run_javascript(END_SCRIPT)
        if pages:
            await asyncio.sleep(CLOSE_NOTICE_DELAY)
        await asyncio.gather(*(self._middleware.active.abort(session_id) for session_id in sessions))

    async def _raise_failure(
        self, serve_task: asyncio.Task[None], sockets: Sequence[socket.socket]
    ) -> NoReturn:
        """Raise why the server has ended before it listened, such as a certificate file that is gone.

        Raises:
            SharingFailed: Always.
        """
        self._middleware = self._server = self._serve_task = None
        for bound in sockets:
            bound.close()
        reason = 'it ended at once'
        try:
            await serve_task
        except OSError as error:  # among them what `ssl` raises
            reason = error.strerror or str(error)
        files = ' Check the files of the certificate.' if self._certificate else ''
        raise SharingFailed(f'Sharing could not start: {reason}.{files}')

    @property
    def _certified_names(self) -> frozenset[str]:
        return self._certificate.names if self._certificate else frozenset()

    def _url(self, address: str, listening: socket.socket) -> str:
        host, port = url_host(address), port_of_socket(listening)
        if not self._certificate:
            return f'http://{host}:{port}/'
        certified = host in self._certificate.names or not self._certificate.name
        return f'https://{host if certified else self._certificate.name}:{port}/'


class LanServer(uvicorn.Server):
    """A server that leaves signals to the owner's, and that waits for nobody when it ends."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.has_started = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.has_started.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture no signals: they are for the owner's listener."""
        yield


def _bind_all(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """Return sockets on all of these addresses, on this port where it is free.

    Raises:
        SharingFailed: If one of them is not there. Then nothing is bound.
    """
    with contextlib.ExitStack() as unfinished:
        sockets = [unfinished.enter_context(_bind(address, port)) for address in addresses]
        unfinished.pop_all()
        return sockets


def _bind(address: str, port: int) -> socket.socket:
    try:
        return bind_socket(address, port)
    except PortTaken:
        return bind_socket(address, 0)
    except StartFailed:
        raise SharingFailed(
            f'{address} is not an address of this computer any more. Choose another one to share on.'
        ) from None
