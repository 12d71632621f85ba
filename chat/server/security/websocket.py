"""Authorize websocket events: a socket may only act for pages that were served to its own browser.

NiceGUI 3.18 runs the handlers of any page that an event names, so knowing its id would grant access.

Frames are validated before: only those that our pages send are passed on to python-socketio 5. It buffers
binary attachments until all have arrived, and logs a traceback for each frame that it cannot parse; our pages
send neither.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qs

from nicegui import Client
from starlette.types import Message

from chat.nicegui_compat.sockets import check_sockets, event_type
from chat.server.security.authentication import session_in
from chat.server.security.pages import is_page_of
from chat.sharing.access import Guest

NAVIGATION_EVENTS = ('sub_pages_open', 'sub_pages_navigate')
"""Global events with a path; their handlers raise at anything that is not a path."""

MAX_PATH_LENGTH = 2000
"""Characters of a path in such an event, more than any URL here has."""

PONG_AND_CLOSE = ('3', '1')
"""Engine.IO frames without payload: pong and close."""

PACKET_PATTERN = re.compile(r'4(?P<kind>[0-3])(?P<id>\d{0,9})(?P<payload>[\[{].*)?', re.DOTALL)
"""A Socket.IO packet in the default namespace: 0 connect, 1 disconnect, 2 event, 3 acknowledgement."""


def authorize_socket_events() -> None:
    """Check every connection and event from now on; call this after NiceGUI is configured."""
    check_sockets(may_connect=_may_connect, may_send=_may_send)


def _may_connect(environ: Mapping[str, Any]) -> bool:
    query = parse_qs(environ.get('QUERY_STRING', ''))
    return is_page_of(query.get('client_id', [''])[0], session_in(environ['asgi.scope']))


def _may_send(event: str, message: object, environ: Mapping[str, Any]) -> bool:
    session = session_in(environ['asgi.scope'])
    if event == 'log' and isinstance(session.visitor, Guest):
        return False  # guests must not be able to write to the log
    if not isinstance(message, dict):
        return False
    payload = cast(dict[str, Any], message)
    return is_page_of(payload.get('client_id'), session) and (
        event != 'event' or _is_valid_navigation(payload)
    )


def _is_valid_navigation(payload: dict[str, Any]) -> bool:
    """Return whether an event is no navigation, or a navigation to a well-formed path."""
    client = Client.instances[payload['client_id']]
    if event_type(client, payload.get('id'), payload.get('listener_id')) not in NAVIGATION_EVENTS:
        return True
    match payload.get('args'):
        case [str() as path]:
            return len(path) <= MAX_PATH_LENGTH and path.startswith('"/') and path.endswith('"')
        case _:
            return False


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
