"""Whose events are heard: a socket speaks for pages that were served to its own browser, and for no others.

NiceGUI 3.18 runs the handlers of whichever page an event names, so the id of a page would be a key to it.
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
"""Every event of NiceGUI's that names a page."""

NAVIGATION_EVENTS = ('sub_pages_open', 'sub_pages_navigate')
"""Events that every page hears, with a path; its handlers raise at what is none."""

MAX_PATH_LENGTH = 2000
"""Characters of a path in such an event: no address here has as many."""

MALFORMED_ERRORS = (AttributeError, KeyError, TypeError, ValueError)
"""What NiceGUI makes of an event that no page of ours has sent; what our own code raises ends in a log."""


class SocketServer(Protocol):
    """As much of python-socketio's server as is used here; it has no types of its own."""

    eio: Any
    handlers: dict[str, dict[str, Handler]]

    def on(self, event: str, handler: Handler) -> object: ...

    def get_environ(self, sid: str) -> dict[str, Any] | None: ...


def authorize_socket_events() -> None:
    """Check every connection and every event from now on; to be called once, after NiceGUI was configured.

    Sockets are real ones: NiceGUI's other way, one request per event, would need the same checks again.
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
    """Whether the page was served to this session."""
    client = Client.instances.get(client_id) if isinstance(client_id, str) else None
    return client is not None and session_in(client.request.scope).id == session.id


def pages_of(session_ids: Set[str]) -> list[Client]:
    """All pages that were served to these sessions."""
    return [page for page in Client.instances.values() if session_in(page.request.scope).id in session_ids]


def _checked_connect(connect: Handler) -> Handler:
    async def checked(socket_id: str, environ: dict[str, Any], auth: object = None) -> None:
        query = parse_qs(environ.get('QUERY_STRING', ''))
        if not is_page_of(query.get('client_id', [''])[0], session_in(environ['asgi.scope'])):
            raise Refusal('Implicit handshake failed')  # the words at which NiceGUI's page loads anew
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
        return False  # the log of this computer is no place for what guests say
    if not isinstance(message, dict):
        return False
    said = cast(dict[str, Any], message)
    return is_page_of(said.get('client_id'), session) and (event != 'event' or _is_valid_navigation(said))


def _is_valid_navigation(said: dict[str, Any]) -> bool:
    """Whether an event is none by which NiceGUI leads a page to another path, or names one as browsers do."""
    element: Any = Client.instances[said['client_id']].elements.get(_int(said.get('id')))
    listeners: dict[object, Any] = element._event_listeners if element else {}  # noqa: SLF001  # it has no other way
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
