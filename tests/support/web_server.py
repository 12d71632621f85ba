"""A server of the web on loopback, and the guard that takes it for one that is public."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

from chat.web_fetch import WebFetcher

HOST = 'pictures.example'
"""The name under which the guard finds the server."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is at an address."""

    body: bytes = b''
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class WebServer:
    """Answers with what is at each path; as a context it ends with its block."""

    def __init__(self, pages: Mapping[str, Page] | None = None) -> None:
        self.pages: dict[str, Page] = dict(pages or {})
        self.requests: list[tuple[str, dict[str, str]]] = []
        """The paths that were asked for, each with its headers."""
        self.forms: list[str] = []
        """What was sent to them."""
        self._server = ThreadingHTTPServer(('127.0.0.1', 0), self._handler())
        self.port = self._server.server_port
        self.url = f'http://{HOST}:{self.port}'

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def fetcher(self, *, addresses: Sequence[str] = ('127.0.0.1',), timeout: float = 20.0) -> WebFetcher:
        """Return a guard that knows this server, and takes its port of 127.0.0.1 for public."""

        async def resolve(name: str) -> Sequence[str]:
            if name != HOST:
                raise OSError(name)
            return addresses

        return WebFetcher(resolve=resolve, allowed=frozenset({('127.0.0.1', self.port)}), timeout=timeout)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                web.forms.append(self.rfile.read(int(self.headers['content-length'])).decode())
                self.do_GET()

            def do_GET(self) -> None:
                web.requests.append(
                    (self.path, {name.lower(): value for name, value in self.headers.items()})
                )
                page = web.pages.get(self.path, Page(status=404))
                self.send_response(page.status)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
                """Say nothing."""

        return Handler
