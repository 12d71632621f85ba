"""The head of a request: parsed once and strictly, before anything else."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import cookie_parser
from starlette.types import Scope

from chat.server.security.error_page import RequestRejected

MAX_HEADERS = 100
MAX_HEAD_BYTES = 32 * 1024
"""Bytes of all headers together, including the cookies of everything that ever ran on localhost."""

REPEATABLE_HEADERS = frozenset(
    {b'accept', b'accept-encoding', b'accept-language', b'cache-control', b'connection', b'cookie'}
)
"""Headers that may be repeated; repeating any other one is an attempt at request smuggling."""

LENGTH_HEADERS = frozenset({b'content-length', b'transfer-encoding'})
"""Two conflicting ways to give the length of a body (request smuggling)."""

ALLOWED_METHODS = frozenset({'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'})

PROXY_HEADERS = (b'forwarded', b'x-forwarded-', b'x-real-ip', b'x-original-', b'x-rewrite-', b'x-http-method')
"""Prefixes of proxy headers. No proxy is trusted, so these headers are removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHead:
    """The parts of a request that the security checks use."""

    kind: str
    """`http` or `websocket`."""
    scheme: str
    """`http` or `https`, for sockets as well."""
    method: str
    path: str
    """As our routes know it, without the prefix."""
    prefix: str
    """Where another app has put this one, such as `/ai`; empty if it stands alone."""
    connection: tuple[str, int]
    """The address and the port of the peer."""
    headers: Mapping[str, str]
    """By lower-case name."""

    @property
    def peer(self) -> str:
        """The address of the peer."""
        return self.connection[0]

    @property
    def host(self) -> str:
        return self.headers.get('host', '').lower()

    @property
    def origin(self) -> str:
        """The origin of our own pages; `host` must have been validated."""
        return f'{self.scheme}://{self.host}'

    @property
    def wants_page(self) -> bool:
        """Whether the response is for a person and not for a program."""
        return 'text/html' in self.headers.get('accept', '')

    def cookie(self, name: str) -> str:
        """Return the value of a cookie; empty if there is none."""
        return cookie_parser(self.headers.get('cookie', '')).get(name, '')


def parse_head(scope: Scope) -> RequestHead:
    """Parse the head of a request, without proxy headers."""
    return RequestHead(
        kind=scope['type'],
        scheme='https' if scope['scheme'] in ('https', 'wss') else 'http',
        method=scope.get('method', 'GET'),
        path=_path_below(scope),
        prefix=scope.get('root_path', ''),
        connection=scope.get('client') or ('', 0),
        headers=_merged_headers(_without_proxy_headers(scope)),
    )


def _path_below(scope: Scope) -> str:
    path, prefix = scope['path'], scope.get('root_path', '')
    return path.removeprefix(prefix) if path.startswith(f'{prefix}/') else path


def validate_head(scope: Scope) -> None:
    """Check the size of the head, its method, and that no header is repeated that may occur only once.

    Proxy headers are removed from the scope.

    Raises:
        RequestRejected: If something is wrong.
    """
    raw: list[tuple[bytes, bytes]] = scope['headers']
    if len(raw) > MAX_HEADERS or sum(len(name) + len(value) for name, value in raw) > MAX_HEAD_BYTES:
        raise RequestRejected(431, 'The request has too many headers.')
    once = [name for name, _ in raw if name not in REPEATABLE_HEADERS]
    if len(set(once)) < len(once) or set(once) >= LENGTH_HEADERS:
        raise RequestRejected(400, 'The request repeats a header that may occur only once.')
    if scope.get('method', 'GET') not in ALLOWED_METHODS:
        raise RequestRejected(405, 'This method is not supported here.')
    scope['headers'] = _without_proxy_headers(scope)


def _without_proxy_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in scope['headers'] if not name.startswith(PROXY_HEADERS)]


def _merged_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode('latin-1'), value.decode('latin-1')
        headers[key] = f'{headers[key]}; {text}' if key in headers else text
    return headers
