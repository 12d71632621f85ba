"""Validate websocket frames: only those that our pages send are passed on to python-socketio.

python-socketio 5 buffers binary attachments until all have arrived, and logs a traceback for
each frame that it cannot parse. Our pages send neither.
"""

import json
import re

from starlette.types import Message

PONG_AND_CLOSE = ('3', '1')
"""Engine.IO frames without payload: pong and close."""

PACKET_PATTERN = re.compile(r'4(?P<kind>[0-3])(?P<id>\d{0,9})(?P<payload>[\[{].*)?', re.DOTALL)
"""A Socket.IO packet in the default namespace: 0 connect, 1 disconnect, 2 event, 3 acknowledgement."""


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
