"""Ports for what is started later, or more than once."""

import os
import socket
from itertools import count

FIRST, LAST = 18_000, 32_000
"""Below those that the system gives away: it would also give one at which nobody listens yet."""

_numbers = count(os.getpid() * 61)  # each process of a test run begins elsewhere


def reserved_port() -> int:
    """Return a port at which nothing listens, and which nobody is given until it is used."""
    while True:
        port = FIRST + next(_numbers) % (LAST - FIRST)
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
            except OSError:
                continue
            return port
