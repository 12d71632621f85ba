"""Sockets of pages: who may connect, and what each may send."""

import inspect
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, cast

from nicegui import Client, app, core
from socketio.exceptions import ConnectionRefusedError as Refusal  # pyright: ignore[reportMissingTypeStubs]

log = logging.getLogger(__name__)

PING_INTERVAL = 8
"""Seconds from one sign of life to the next."""

PING_TIMEOUT = 12
"""Seconds until a sign of life that is not answered means that the connection is lost."""

CHECKED_EVENTS = ('handshake', 'event', 'javascript_response', 'ack', 'log')
"""All events of NiceGUI that name a page."""

MALFORMED_ERRORS = (AttributeError, KeyError, TypeError, ValueError)
"""Exceptions that NiceGUI raises for a malformed event; those of our own handlers are logged."""

Handler: TypeAlias = Callable[..., Any]

_original_handlers: dict[str, Handler] = {}


class SocketServer(Protocol):
    """The part of python-socketio's server that is used here; it has no types."""

    eio: Any
    handlers: dict[str, dict[str, Handler]]

    def on(self, event: str, handler: Handler) -> object: ...

    def get_environ(self, sid: str) -> dict[str, Any] | None: ...


def check_sockets(
    may_connect: Callable[[Mapping[str, Any]], bool],
    may_send: Callable[[str, object, Mapping[str, Any]], bool],
) -> None:
    """Have every connection and event checked from now on; called again, other checks take their place.

    NiceGUI runs the handlers of any page that an event names, so knowing its id would grant access; and it
    logs a traceback for what it cannot read. Only websockets are let in: HTTP long polling would need the
    same checks again. Can go when NiceGUI asks us before it connects a socket and handles an event.

    Args:
        may_connect: Is given the environ of the connection.
        may_send: Is given the name of an event, its message and the environ of its connection.
    """
    app.config.socket_io_js_transports = ['websocket']
    sockets = _socket_server()
    sockets.eio.transports = ['websocket']
    sockets.eio.cors_allowed_origins = []
    for event in ('connect', *CHECKED_EVENTS):
        _original_handlers.setdefault(event, sockets.handlers['/'][event])
    sockets.on('connect', _checked_connect(may_connect))
    for event in CHECKED_EVENTS:
        sockets.on(event, _checked(event, may_send))


def _checked_connect(may_connect: Callable[[Mapping[str, Any]], bool]) -> Handler:
    connect = _original_handlers['connect']

    async def checked(socket_id: str, environ: dict[str, Any], auth: object = None) -> None:
        if not may_connect(environ):
            raise Refusal('Implicit handshake failed')  # the message at which NiceGUI's page reloads
        await connect(socket_id, environ, auth)

    return checked


def _checked(event: str, may_send: Callable[[str, object, Mapping[str, Any]], bool]) -> Handler:
    handler = _original_handlers[event]

    async def checked(socket_id: str, message: object = None, *_: object) -> object:
        environ = _socket_server().get_environ(socket_id)
        if not environ or not may_send(event, message, environ):
            return False
        try:
            result = handler(socket_id, message)
            return await result if inspect.isawaitable(result) else result
        except MALFORMED_ERRORS:
            log.debug('A socket sent a malformed %s', event)
            return False

    return checked


def _socket_server() -> SocketServer:
    return cast(SocketServer, core.sio)  # pyright: ignore[reportUnknownMemberType]  # it has no types


def event_type(client: Client, element_id: object, listener_id: object) -> str | None:
    """Return what a page calls an event that it sends to an element; `None` if nobody listens to it.

    NiceGUI gives listeners an id that only it can look up. Can go when events are checked by NiceGUI.
    """
    element: Any = client.elements.get(element_id) if isinstance(element_id, int) else None
    listener = element._event_listeners.get(str(listener_id)) if element else None  # noqa: SLF001
    return listener.type if listener else None


def set_ping_interval() -> None:
    """Have signs of life sent often, though pages are waited for long.

    NiceGUI makes one depend on the other: to wait for two minutes would mean that a page notices only after
    more than two minutes that nothing comes any more. Can go when `ui.run_with` takes both.
    """
    server = _socket_server().eio
    server.ping_interval = PING_INTERVAL
    server.ping_timeout = PING_TIMEOUT
