"""What a frame of a socket may be: only what our pages send is passed on to python-socketio.

python-socketio 5 keeps binary attachments until all that were announced have come, and logs a traceback for
each frame that it cannot read. Our pages send neither.
"""

import json
import re

from starlette.types import Message

PONG_AND_CLOSE = ('3', '1')
"""Frames of Engine.IO without anything in them: a sign of life, and a goodbye."""

PACKET_PATTERN = re.compile(r'4(?P<kind>[0-3])(?P<id>\d{0,9})(?P<payload>[\[{].*)?', re.DOTALL)
"""A packet of Socket.IO in our one namespace: 0 begins, 1 ends, 2 is an event, 3 an answer to one of ours."""


def is_valid_frame(message: Message) -> bool:
    """Whether a page of ours could have sent this frame."""
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
            return payload.startswith('["')  # the name of the event stands first
        case '3':
            return isinstance(content, list) and bool(packet_id)
        case _:
            return False
