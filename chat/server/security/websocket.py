"""Authorize websocket events: a socket may only act for pages that were served to its own browser.

NiceGUI 3.18 runs the handlers of any page that an event names, so knowing its id would grant access.
"""

import inspect
import logging
from collections.abc import Callable, Set
from typing import Any, Protocol, TypeAlias, cast
from urllib.parse import parse_qs

from nicegui import Client, core
from socketio.exceptions import ConnectionRefusedError as Refusal  # pyright: ignore[reportMissingTypeStubs]

from chat.server.security.sessions import session_in
from chat.sharing.access import Guest, Session

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[..., Any]

CHECKED_EVENTS = ('handshake', 'event', 'javascript_response', 'ack', 'log')
"""All NiceGUI events that name a page."""

NAVIGATION_EVENTS = ('sub_pages_open', 'sub_pages_navigate')
"""Global events with a path; their handlers raise at anything that is not a path."""

MAX_PATH_LENGTH = 2000
"""Characters of a path in such an event, more than any URL here has."""

MALFORMED_ERRORS = (AttributeError, KeyError, TypeError, ValueError)
"""Exceptions that NiceGUI raises for a malformed event; those of our own handlers are logged."""


class SocketServer(Protocol):
    """The part of python-socketio's server that is used here; it has no types."""

    eio: Any
    handlers: dict[str, dict[str, Handler]]

    def on(self, event: str, handler: Handler) -> object: ...

    def get_environ(self, sid: str) -> dict[str, Any] | None: ...


def authorize_socket_events() -> None:
    """Check every connection and event from now on; call this once, after NiceGUI is configured.

    Only websockets are allowed: HTTP long polling would need the same checks again.
    """
    core.app.config.socket_io_js_transports = ['websocket']
    sockets = _socket_server()
    sockets.eio.transports = ['websocket']
    sockets.eio.cors_allowed_origins = []
    handlers = sockets.handlers['/']
    sockets.on('connect', _checked_connect(handlers['connect']))
    for event in CHECKED_EVENTS:
        sockets.on(event, _checked(event, handlers[event]))


def is_page_of(client_id: object, session: Session) -> bool:
    """Return whether the page was served to this session."""
    client = Client.instances.get(client_id) if isinstance(client_id, str) else None
    return client is not None and session_in(client.request.scope).id == session.id


def pages_of(session_ids: Set[str]) -> list[Client]:
    """Return all pages that were served to these sessions."""
    return [page for page in Client.instances.values() if session_in(page.request.scope).id in session_ids]


def _checked_connect(connect: Handler) -> Handler:
    async def checked(socket_id: str, environ: dict[str, Any], auth: object = None) -> None:
        query = parse_qs(environ.get('QUERY_STRING', ''))
        if not is_page_of(query.get('client_id', [''])[0], session_in(environ['asgi.scope'])):
            raise Refusal('Implicit handshake failed')  # the message at which NiceGUI's page reloads
        await connect(socket_id, environ, auth)

    return checked


def _checked(event: str, handler: Handler) -> Handler:
    async def checked(socket_id: str, message: object = None, *_: object) -> object:
        environ = _socket_server().get_environ(socket_id)
        if not environ or not _is_authorized(event, message, session_in(environ['asgi.scope'])):
            return False
        try:
            result = handler(socket_id, message)
            return await result if inspect.isawaitable(result) else result
        except MALFORMED_ERRORS:
            log.debug('A socket sent a malformed %s', event)
            return False

    return checked


def _is_authorized(event: str, message: object, session: Session) -> bool:
    if event == 'log' and isinstance(session.visitor, Guest):
        return False  # guests must not be able to write to the log
    if not isinstance(message, dict):
        return False
    said = cast(dict[str, Any], message)
    return is_page_of(said.get('client_id'), session) and (event != 'event' or _is_valid_navigation(said))


def _is_valid_navigation(said: dict[str, Any]) -> bool:
    """Return whether an event is no navigation, or a navigation to a well-formed path."""
    element: Any = Client.instances[said['client_id']].elements.get(_int(said.get('id')))
    listeners: dict[object, Any] = element._event_listeners if element else {}  # noqa: SLF001  # there is no public API
    listener = listeners.get(str(said.get('listener_id')))
    if listener is None or listener.type not in NAVIGATION_EVENTS:
        return True
    match said.get('args'):
        case [str() as path]:
            return len(path) <= MAX_PATH_LENGTH and path.startswith('"/') and path.endswith('"')
        case _:
            return False


def _int(value: object) -> int:
    return value if isinstance(value, int) else -1


def _socket_server() -> SocketServer:
    return cast(SocketServer, core.sio)  # pyright: ignore[reportUnknownMemberType]  # it has no types
