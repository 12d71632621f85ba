"""Authentication at the owner's listener: by a cookie that identifies the browser, or by a token."""

import hmac
from collections.abc import Set
from dataclasses import dataclass
from typing import Protocol

from starlette.responses import RedirectResponse, Response

from chat.server.security.error_page import RequestRejected
from chat.server.security.origin import LOOPBACK_NAMES, url_host
from chat.server.security.request_head import RequestHead
from chat.sharing.access import Owner, Session
from chat.sharing.tokens import hash_of, new_secret

JOIN_PATH = '/join/'
"""The path prefix of a token; the page to which it redirects has no token in its URL."""

INSTANCE_PATHS = ('/healthz', '/front')
"""Paths for a second start on the same folder, which has no token; they reveal and change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatedRequest:
    """A request that is authenticated."""

    session: Session
    cookie: str = ''
    """The `Set-Cookie` header for a browser without a cookie."""


class Authenticator(Protocol):
    """Authenticates the requests of one listener."""

    @property
    def names(self) -> Set[str] | None:
        """What browsers call the listener: names, IPv4 and [IPv6] addresses; `None` if another app says."""
        ...

    async def authenticate(self, head: RequestHead) -> AuthenticatedRequest | Response:
        """Return the session of a request, or a response to it.

        Raises:
            RequestRejected: If it is not authenticated, or not authorized for this path.
        """
        ...


class LocalAuthenticator:
    """Admits every browser at this computer, and gives each a cookie that identifies it."""

    def __init__(self, *, host: str | None, port: int | None) -> None:
        """`None` if the listener is another app's, and so what it is called."""
        self.names: Set[str] | None = None if host is None else LOOPBACK_NAMES | {url_host(host)}
        self._cookie = cookie_name(port)

    async def authenticate(self, head: RequestHead) -> AuthenticatedRequest | Response:
        if known := head.cookie(self._cookie):
            return AuthenticatedRequest(session=_owner(known))
        fresh = new_secret()
        return AuthenticatedRequest(session=_owner(fresh), cookie=cookie_header(self._cookie, fresh, head))


class TokenAuthenticator(LocalAuthenticator):
    """Admits only those with the launch token: other users of this computer may not be the owner."""

    def __init__(self, *, host: str | None, port: int | None, token: str) -> None:
        super().__init__(host=host, port=port)
        self._token = token
        self._known_cookies: set[str] = set()
        """The ids of the sessions that sent the token."""

    async def authenticate(self, head: RequestHead) -> AuthenticatedRequest | Response:
        if head.path.startswith(JOIN_PATH):
            return self._accept_token(head)
        session = _owner(head.cookie(self._cookie))
        if session.id in self._known_cookies or head.path in INSTANCE_PATHS or self._is_program(head):
            return AuthenticatedRequest(session=session)
        raise RequestRejected(
            401,
            'Open the address that Parlour printed at start, or restart Parlour to open a signed-in page. '
            'Programs send the token in that address as a bearer token.',
            title='Sign-in required',
        )

    def _accept_token(self, head: RequestHead) -> Response:
        if not self._is_token(head.path.removeprefix(JOIN_PATH)):
            raise RequestRejected(403, 'Restart Parlour to open a new one.', title='This address has expired')
        secret = new_secret()
        self._known_cookies.add(hash_of(secret))
        return redirect_to(f'{head.prefix}/', cookie_header(self._cookie, secret, head))

    def _is_program(self, head: RequestHead) -> bool:
        scheme, _, token = head.headers.get('authorization', '').partition(' ')
        return head.path == '/chat/' and scheme.lower() == 'bearer' and self._is_token(token)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(errors='replace'), self._token.encode())


def owner_authenticator(host: str | None, port: int | None, token: str) -> LocalAuthenticator:
    """For whoever is at this computer, or for who has the token, if there is one."""
    return (
        TokenAuthenticator(host=host, port=port, token=token)
        if token
        else LocalAuthenticator(host=host, port=port)
    )


def cookie_name(port: int | None) -> str:
    """Cookies do not know ports, so that of each Parlour has a name of its own."""
    return 'parlour' if port is None else f'parlour-{port}'


def cookie_header(name: str, value: str, head: RequestHead, *, seconds: int | None = None) -> str:
    """Return a cookie that no script can read; it ends with the browser unless `seconds` are given."""
    lasting = f'; Max-Age={seconds}' if seconds is not None else ''
    secure = '; Secure' if head.scheme == 'https' else ''
    return f'{name}={value}; Path={head.prefix}/; HttpOnly; SameSite=Lax{secure}{lasting}'


def redirect_to(path: str, cookie: str) -> Response:
    """Return a redirect to one of our pages, with a cookie."""
    return RedirectResponse(path, 303, {'Set-Cookie': cookie, 'Cache-Control': 'no-store'})


def _owner(secret: str) -> Session:
    return Session(id=hash_of(secret), visitor=Owner())
