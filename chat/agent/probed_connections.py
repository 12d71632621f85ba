"""Connections that are probed while they are silent: one whose other end is gone breaks within minutes.

A model may be silent for an hour, and after sleep, or when a network was left, nothing else tells that its
server is gone.
"""

import socket
from contextlib import suppress
from typing import Any

import httpx2

PROBE_DELAY, PROBE_INTERVAL, MAX_LOST_PROBES = 60, 30, 4
"""Seconds of silence before the first probe, seconds between two, and how many may stay without an answer."""

OPTIONS = {
    'TCP_KEEPIDLE': PROBE_DELAY,
    'TCP_KEEPALIVE': PROBE_DELAY,  # macOS
    'TCP_KEEPINTVL': PROBE_INTERVAL,
    'TCP_KEEPCNT': MAX_LOST_PROBES,
}
"""By the names of `socket`, of which each system has some."""


async def probe_connection(request: httpx2.Request) -> None:
    """Have the connection probed on which a request is sent, from when it is made; a hook of the client."""
    request.extensions['trace'] = _set_options


async def _set_options(event: str, info: dict[str, Any]) -> None:  # Any: what it is depends on the event
    if event.endswith('.connect_tcp.complete'):  # to the server, or to a proxy
        connection: socket.socket = info['return_value'].get_extra_info('socket')
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name in OPTIONS:
            if hasattr(socket, name):
                with suppress(OSError):  # it is probed as the system usually does
                    connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), OPTIONS[name])
