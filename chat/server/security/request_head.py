"""The head of a request: read once and strictly, before anything else.

It is checked against request smuggling, DNS rebinding and requests that pages of others send.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.server.security.error_page import RequestRejected
from chat.server.security.sign_in import OPEN_PATHS, needs_user, sender_problems, user_named_by
from chat.sign_in_proxy import SignInProxy, is_loopback

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
"""Prefixes of proxy headers. They are removed: a trusted proxy is believed who it is, and nothing else."""

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
    """Where another app or a proxy has put this one, such as `/ai`; empty if it stands alone."""
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
    user: str = ''
    """Who has signed in at the proxy, if there is one."""
    problem: RequestRejected | None = field(default=None, compare=False)
    """Why the request is rejected; then nothing else here may be trusted."""


class HeadCheck:
    """Reads the head, and passes it on in the scope: also one with a problem, for the page that says so."""

    def __init__(self, app: ASGIApp, names: Set[str] | None, proxy: SignInProxy | None) -> None:
        """`names` are those by which browsers may call us; `None` if another app or `proxy` checks that."""
        self.app = app
        self._names = names
        self._proxy = proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[HEAD_KEY] = read_head(scope, self._names, self._proxy)
        await self.app(scope, receive, send)


def read_head(scope: Scope, names: Set[str] | None, proxy: SignInProxy | None = None) -> RequestHead:
    """Read and check the head of a request; remove the headers of proxies from its scope."""
    raw: list[tuple[bytes, bytes]] = scope['headers']
    connection = scope.get('client') or ('', 0)
    claims = _take_claims(scope, proxy) if proxy else []
    headers = Headers(raw=[item for item in scope['headers'] if not item[0].startswith(PROXY_HEADERS)])
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
        connection=connection,
        headers=headers,
        cookies=cookie_parser('; '.join(headers.getlist('cookie'))),
        origin=proxy.public_url.origin if proxy else f'{scheme}://{host}',
        host_name=match[1] if match else '',
        is_local=is_loopback(connection[0])
        and bool(match)
        and match[1] in LOOPBACK_NAMES
        and len(raw) == len(headers.raw),
        user=user_named_by(claims) if claims else '',
    )
    problems = _form_problems(head, raw)
    if proxy is None:
        problems = chain(problems, _host_problems(head, names), _origin_problems(head))
    else:
        problems = chain(problems, sender_problems(head.path, connection[0], claims, proxy))
        if needs_user(head.path):
            problems = chain(problems, _address_problems(head, host, proxy), _origin_problems(head))
    return replace(head, problem=next(problems, None))


def _take_claims(scope: Scope, proxy: SignInProxy) -> list[bytes]:
    """Take out of a scope what says who it is, and have it say where the proxy is.

    Return what is to be believed of it: nothing that comes from elsewhere.
    """
    name = proxy.user_header.encode()
    claims = [value for header, value in scope['headers'] if header == name]
    scope['headers'] = [item for item in scope['headers'] if item[0] != name]
    is_secure, is_socket = proxy.public_url.scheme == 'https', scope['type'] == 'websocket'
    scope['scheme'] = ('wss' if is_secure else 'ws') if is_socket else proxy.public_url.scheme
    if scope['path'] == proxy.public_url.path:
        scope['path'] += '/'
    if scope['path'].startswith(f'{proxy.public_url.path}/'):
        scope['root_path'] = proxy.public_url.path
    return claims if proxy.is_at((scope.get('client') or ('', 0))[0]) else []


def url_host(address: str) -> str:
    """Return an IP address as it is written in URLs."""
    return f'[{address}]' if ':' in address else address


def _path_below(scope: Scope) -> str:
    path, prefix = scope['path'], scope.get('root_path', '')
    return path.removeprefix(prefix) if path.startswith(f'{prefix}/') else path


def _form_problems(head: RequestHead, raw: Sequence[tuple[bytes, bytes]]) -> Iterator[RequestRejected]:
    """Yield what is wrong with the form of a head, the worst first."""
    if len(raw) > MAX_HEADERS or sum(len(name) + len(value) for name, value in raw) > MAX_HEAD_BYTES:
        yield RequestRejected(431, 'The request has too many headers.')
    once = [name for name, _ in raw if name not in REPEATABLE_HEADERS]
    if len(set(once)) < len(once) or set(once) >= LENGTH_HEADERS:
        yield RequestRejected(400, 'The request repeats a header that may occur only once.')
    if head.method not in ALLOWED_METHODS:
        yield RequestRejected(405, 'This method is not supported here.')


def _host_problems(head: RequestHead, names: Set[str] | None) -> Iterator[RequestRejected]:
    """Yield what is wrong with where a request wants to go."""
    if head.path in OPEN_PATHS and 'host' not in head.headers:
        return  # balancers ask by HTTP/1.0, and browsers always say it
    if not head.host_name:
        yield RequestRejected(400, 'This request does not say where it wants to go.')
    # A page elsewhere can let its own name lead to this computer (DNS rebinding); the name is then not ours.
    if names is not None and head.host_name not in names:
        yield RequestRejected(
            421, 'Parlour is not available under this name. Use the address that it printed.'
        )


def _address_problems(head: RequestHead, host: str, proxy: SignInProxy) -> Iterator[RequestRejected]:
    """Yield why it is not the public address that a request was sent to, as far as the proxy tells."""
    if host != proxy.public_url.host:
        yield RequestRejected(
            421, f'Parlour is at {proxy.public_url}, and the proxy has to pass on what browsers send as Host.'
        )
    if head.prefix != proxy.public_url.path:
        yield RequestRejected(404, 'Page not found.')


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
