"""Authorize websocket events: a socket may only act for pages that were served to its own browser.

NiceGUI 3.18 runs the handlers of any page that an event names, so knowing its id would grant access.

Frames are validated before: only those that our pages send are passed on to python-socketio 5. It buffers
binary attachments until all have arrived, and logs a traceback for each frame that it cannot parse; our pages
send neither.
"""

import inspect
import json
import logging
import re
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, cast
from urllib.parse import parse_qs

from nicegui import Client, core
from socketio.exceptions import ConnectionRefusedError as Refusal  # pyright: ignore[reportMissingTypeStubs]
from starlette.types import Message

from chat.server.security.authentication import session_in
from chat.server.security.pages import is_page_of
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

PONG_AND_CLOSE = ('3', '1')
"""Engine.IO frames without payload: pong and close."""

PACKET_PATTERN = re.compile(r'4(?P<kind>[0-3])(?P<id>\d{0,9})(?P<payload>[\[{].*)?', re.DOTALL)
"""A Socket.IO packet in the default namespace: 0 connect, 1 disconnect, 2 event, 3 acknowledgement."""


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


def is_valid_frame(message: Message) -> bool:
    """Return whether one of our pages could have sent this frame."""
    text = message.get('text')
    if message.get('bytes') is not None or not isinstance(text, str):
        return False
    if text in PONG_AND_CLOSE:
        return True
    packet = PACKET_PATTERN.fullmatch(text)
    return packet is not None and _is_valid_payload(packet['kind'], packet['id'], packet['payload'])


def _is_valid_payload(kind: str, packet_id: str, payload: str | None) -> bool:
    if payload is None:
        return kind in '01' and not packet_id
    try:
        content: object = json.loads(payload)
    except (ValueError, RecursionError):
        return False
    match kind:
        case '0':
            return isinstance(content, dict) and not packet_id
        case '2':
            return payload.startswith('["')  # the name of the event comes first
        case '3':
            return isinstance(content, list) and bool(packet_id)
        case _:
            return False
