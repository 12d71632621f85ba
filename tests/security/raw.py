"""HTTP by hand, since an attacker is not bound to what a library would send."""

import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.support.timeouts import WAIT_TIMEOUT

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    """0 if the connection was closed without an answer."""
    head: str
    body: str

    def header(self, name: str) -> str:
        """The first header of this name; empty if there is none."""
        lines = (line.partition(':') for line in self.head.split('\r\n'))
        return next((value.strip() for key, _, value in lines if key.lower() == name.lower()), '')

    @property
    def cookie(self) -> str:
        """The cookie that is set, as it is sent back."""
        return self.header('set-cookie').partition(';')[0]


def ask(
    url: str,
    method: str = 'GET',
    path: str = '/',
    headers: Headers = (),
    body: bytes = b'',
    *,
    host: str | None = None,
    source: str = '',
) -> Answer:
    """Send one request; `host` is what it says of where it wants to go, the truth if nothing is said.

    `source` is the address of ours that it comes from.
    """
    parts = urlsplit(url)
    named = [*headers] if any(name.lower() == 'host' for name, _ in headers) else [('Host', host), *headers]
    lines = [f'{name}: {parts.netloc if value is None else value}' for name, value in named]
    is_measured = any(name.lower() in ('content-length', 'transfer-encoding') for name, _ in headers)
    length = [f'Content-Length: {len(body)}'] if body and not is_measured else []
    head = '\r\n'.join([f'{method} {path} HTTP/1.1', *lines, *length, 'Connection: close'])
    return send(url, head.encode('latin-1') + b'\r\n\r\n' + body, source)


def send(url: str, data: bytes, source: str = '') -> Answer:
    """Send these bytes, and read until the other side closes."""
    with connected(url, source) as connection:
        with suppress(OSError):  # it may be refused before it was sent, and answered all the same
            connection.sendall(data)
        return answer_on(connection)


def connected(url: str, source: str = '') -> socket.socket:
    """A connection to the app, from this address of ours."""
    parts = urlsplit(url)
    return socket.create_connection(
        (parts.hostname or '', parts.port or 80),
        timeout=WAIT_TIMEOUT,
        source_address=(source, 0) if source else None,
    )


def answer_on(connection: socket.socket) -> Answer:
    """Read until the other side closes."""
    received = b''
    with suppress(OSError):  # if it is reset, what came before counts
        while data := connection.recv(65536):
            received += data
    head, _, body = received.partition(b'\r\n\r\n')
    status = int(head.split(b' ')[1]) if head.startswith(b'HTTP/') else 0
    return Answer(status=status, head=head.decode('latin-1'), body=body.decode(errors='replace'))
