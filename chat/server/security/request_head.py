"""The head of a request: read once, strictly, before anything is done with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import cookie_parser
from starlette.types import Scope

from chat.server.security.error_page import RequestRejected

MAX_HEADERS = 100
MAX_HEAD_BYTES = 32 * 1024
"""Of all headers together; the cookies of everything that ever ran on localhost are among them."""

REPEATABLE_HEADERS = frozenset(
    {b'accept', b'accept-encoding', b'accept-language', b'cache-control', b'connection', b'cookie'}
)
"""Headers that may come more than once; of any other a second one means that somebody is being misled."""

LENGTH_HEADERS = frozenset({b'content-length', b'transfer-encoding'})
"""Two ways to say where a body ends, which two readers may take for two ends."""

ALLOWED_METHODS = frozenset({'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'})

PROXY_HEADERS = (b'forwarded', b'x-forwarded-', b'x-real-ip', b'x-original-', b'x-rewrite-', b'x-http-method')
"""Beginnings of headers in which a proxy says who asks for what: there is none, so nobody is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHead:
    """What the guard decides by."""

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
    """The address and the port of the other side."""
    headers: Mapping[str, str]
    """By name in lower case."""

    @property
    def peer(self) -> str:
        """The address of the other side."""
        return self.connection[0]

    @property
    def host(self) -> str:
        return self.headers.get('host', '').lower()

    @property
    def origin(self) -> str:
        """The one origin whose pages are ours; `host` must have been checked."""
        return f'{self.scheme}://{self.host}'

    @property
    def wants_page(self) -> bool:
        """Whether a person will look at the answer, and not a program."""
        return 'text/html' in self.headers.get('accept', '')

    def cookie(self, name: str) -> str:
        """The value of a cookie; empty if there is none."""
        return cookie_parser(self.headers.get('cookie', '')).get(name, '')


def parse_head(scope: Scope) -> RequestHead:
    """Read the head of a request, without what a proxy would have added."""
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
    """See that a request is no larger than those of browsers, and says nothing twice that is said once.

    What nobody behind the guard should believe is taken out of the scope.

    Raises:
        Refused: If something is wrong.
    """
    raw: list[tuple[bytes, bytes]] = scope['headers']
    if len(raw) > MAX_HEADERS or sum(len(name) + len(value) for name, value in raw) > MAX_HEAD_BYTES:
        raise RequestRejected(431, 'This request has more headers than any browser sends.')
    once = [name for name, _ in raw if name not in REPEATABLE_HEADERS]
    if len(set(once)) < len(once) or set(once) >= LENGTH_HEADERS:
        raise RequestRejected(400, 'This request says something twice.')
    if scope.get('method', 'GET') not in ALLOWED_METHODS:
        raise RequestRejected(405, 'This is not possible here.')
    scope['headers'] = _without_proxy_headers(scope)


def _without_proxy_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in scope['headers'] if not name.startswith(PROXY_HEADERS)]


def _merged_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode('latin-1'), value.decode('latin-1')
        headers[key] = f'{headers[key]}; {text}' if key in headers else text
    return headers
