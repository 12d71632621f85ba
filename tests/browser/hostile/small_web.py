"""A server on loopback that notes who follows a bait, and has pages and the libraries of careless ones."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

import nicegui

BAIT = '/bait'
"""Below this nobody asks for anything, unless a text has made them."""

LIBRARIES = Path(nicegui.__file__).parent / 'elements' / 'mermaid' / 'dist'


class SmallWeb:
    """The server; as a context it does not outlive its block."""

    def __init__(self, on_bait: Callable[[str], None]) -> None:
        """`on_bait` is called with the path, in a thread of the server's."""
        self.page = ''
        """What it has at its root."""
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), handler(self, on_bait))
        self._thread = Thread(target=self._server.serve_forever, name='small web')
        self.host = f'127.0.0.1:{self._server.server_port}'

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def handler(web: SmallWeb, on_bait: Callable[[str], None]) -> type[BaseHTTPRequestHandler]:
    """What answers one request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith(BAIT):
                on_bait(self.path)
            library = LIBRARIES / Path(self.path).name
            if self.path == '/':
                self._send('text/html; charset=utf-8', web.page.encode())
            elif library.suffix == '.js' and library.is_file():
                self._send('text/javascript', library.read_bytes())
            else:
                self.send_error(404)

        def _send(self, content_type: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header('Content-Type', content_type)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            """Say nothing."""

    return Handler
