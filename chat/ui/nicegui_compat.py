"""What NiceGUI does not offer: signs of life that come often, and addresses of modules by their contents."""

import hashlib
from pathlib import Path
from typing import Any

from nicegui import app, core

RECONNECT_TIMEOUT = 120
"""Seconds after which a page that lost its connection is forgotten; coming back later, it loads anew."""

MAX_REPLAYED_MESSAGES = 5000
"""Messages kept to be sent again after an outage: more than an answer sends in `RECONNECT_TIMEOUT`."""

PING_INTERVAL = 8
"""Seconds from one sign of life to the next."""

PING_TIMEOUT = 12
"""Seconds until a sign of life that is not answered means that the connection is lost."""


def set_ping_interval() -> None:
    """Have signs of life sent often, though pages are waited for long.

    NiceGUI 3.18 makes one depend on the other: to wait for two minutes would mean that a page notices only
    after more than two minutes that nothing comes any more. To be removed when it can be told both.
    """
    app.on_startup(_apply_ping_interval)  # pyright: ignore[reportUnknownMemberType]  # its handlers are not typed


def _apply_ping_interval() -> None:
    server: Any = core.sio.eio  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # no types
    server.ping_interval = PING_INTERVAL
    server.ping_timeout = PING_TIMEOUT


def content_time(folder: Path) -> float:
    """Return a number that changes with the contents of a folder, to be passed on as its time.

    NiceGUI 3.18 makes the address of a folder of modules, which browsers keep for a year, from the path and
    the time of the folder. That is the same after a file in it has changed, and with tools that give all
    files one time. To be removed when `esm=` makes the address from what is in the files.
    """
    contents = b''.join(path.read_bytes() for path in sorted(folder.rglob('*')) if path.is_file())
    return float(int.from_bytes(hashlib.sha256(contents).digest()[:6], 'big'))  # which a float can hold
