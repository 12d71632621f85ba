"""The head of a request: read once and strictly, before anything else.

It is checked against request smuggling, DNS rebinding and requests that pages of others send.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address, ip_address

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.server.security.error_page import RequestRejected

HEAD_KEY = 'parlour.head'
"""Where the head is in the scope of a request."""

SESSION_KEY = 'parlour.session'
"""Where its session is, once it is authenticated."""

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

LOOPBACK_NAMES = frozenset({'localhost', '127.0.0.1', '[::1]'})
"""Loopback host names; a tunnel may forward any local port to ours."""

HOST_PATTERN = re.compile(r'([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?')


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
    headers: Headers
    """Without those of proxies."""
    cookies: Mapping[str, str]
    origin: str
    """The origin of our own pages, unless there is a problem with the host."""
    host_name: str
    """The host without its port; empty if it is malformed."""
    is_local: bool
    """Whether it comes from this computer, to a name that only this computer has, and through no proxy."""
    problem: RequestRejected | None = field(default=None, compare=False)
    """Why the request is rejected; then nothing else here may be trusted."""


class HeadCheck:
    """Reads the head, and passes it on in the scope: also one with a problem, for the page that says so."""

    def __init__(self, app: ASGIApp, names: Set[str] | None) -> None:
        """`names` are those by which browsers may call us; `None` if another app has checked that."""
        self.app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[HEAD_KEY] = read_head(scope, self._names)
        await self.app(scope, receive, send)


def read_head(scope: Scope, names: Set[str] | None) -> RequestHead:
    """Read and check the head of a request; remove the headers of proxies from its scope."""
    raw: list[tuple[bytes, bytes]] = scope['headers']
    headers = Headers(raw=[(name, value) for name, value in raw if not name.startswith(PROXY_HEADERS)])
    scope['headers'] = headers.raw
    scheme = 'https' if scope['scheme'] in ('https', 'wss') else 'http'
    host = headers.get('host', '').lower()
    match = HOST_PATTERN.fullmatch(host)
    head = RequestHead(
        kind=scope['type'],
        scheme=scheme,
        method=scope.get('method', 'GET'),
        path=_path_below(scope),
        prefix=scope.get('root_path', ''),
        connection=scope.get('client') or ('', 0),
        headers=headers,
        cookies=cookie_parser('; '.join(headers.getlist('cookie'))),
        origin=f'{scheme}://{host}',
        host_name=match[1] if match else '',
        is_local=_is_loopback(scope)
        and bool(match)
        and match[1] in LOOPBACK_NAMES
        and len(raw) == len(headers.raw),
    )
    return replace(head, problem=next(_problems_of(head, raw, names), None))


def url_host(address: str) -> str:
    """Return an IP address as it is written in URLs."""
    return f'[{address}]' if ':' in address else address


def _is_loopback(scope: Scope) -> bool:
    """Return whether the peer is at this computer; that of an outer app may have no address."""
    peer = (scope.get('client') or ('', 0))[0]
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _path_below(scope: Scope) -> str:
    path, prefix = scope['path'], scope.get('root_path', '')
    return path.removeprefix(prefix) if path.startswith(f'{prefix}/') else path


def _problems_of(
    head: RequestHead, raw: Sequence[tuple[bytes, bytes]], names: Set[str] | None
) -> Iterator[RequestRejected]:
    """Yield what is wrong with a head, the worst first."""
    if len(raw) > MAX_HEADERS or sum(len(name) + len(value) for name, value in raw) > MAX_HEAD_BYTES:
        yield RequestRejected(431, 'The request has too many headers.')
    once = [name for name, _ in raw if name not in REPEATABLE_HEADERS]
    if len(set(once)) < len(once) or set(once) >= LENGTH_HEADERS:
        yield RequestRejected(400, 'The request repeats a header that may occur only once.')
    if head.method not in ALLOWED_METHODS:
        yield RequestRejected(405, 'This method is not supported here.')
    if not head.host_name:
        yield RequestRejected(400, 'This request does not say where it wants to go.')
    # A page elsewhere can let its own name lead to this computer (DNS rebinding); the name is then not ours.
    if names is not None and head.host_name not in names:
        yield RequestRejected(
            421, 'Parlour is not available under this name. Use the address that it printed.'
        )
    yield from _origin_problems(head)


def _origin_problems(head: RequestHead) -> Iterator[RequestRejected]:
    """Yield what is wrong if a page of others has sent this request; a link clicked there is fine."""
    origin = head.headers.get('origin')
    if head.kind == 'websocket' and origin is None:
        yield RequestRejected(403, 'Only pages of Parlour may open a connection.')
    is_foreign = origin not in (None, head.origin)
    is_from_elsewhere = head.headers.get('sec-fetch-site', 'none') not in ('same-origin', 'none')
    if is_foreign or (is_from_elsewhere and not _is_navigation(head)):
        yield RequestRejected(403, 'This request came from another website.')


def _is_navigation(head: RequestHead) -> bool:
    """Return whether it is a top-level navigation to one of our pages."""
    return (
        head.method in ('GET', 'HEAD')
        and head.headers.get('sec-fetch-mode') == 'navigate'
        and head.headers.get('sec-fetch-dest') == 'document'
    )
