"""Authentication: who sends a request, by the cookie of the browser or by a token."""

import hmac
from collections.abc import Callable, MutableMapping, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from nicegui import __version__
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.errors import InviteExpired
from chat.server.security.error_page import RequestRejected, render_page
from chat.server.security.rate_limit import WrongLinkLimit
from chat.server.security.request_head import (
    HEAD_KEY,
    LOOPBACK_NAMES,
    SESSION_KEY,
    RequestHead,
    url_host,
)
from chat.sharing.access import Guest, Owner, Session, Visitor, hash_of, new_secret
from chat.sharing.invites import InviteAuthenticator, now_in_utc
from chat.sharing.sharing import ENDED_PATH
from chat.sign_in_proxy import SignInProxy

JOIN_PATH = '/join/'
"""The path prefix of a token; the page to which it redirects has no token in its URL."""

INSTANCE_PATHS = ('/healthz', '/front')
"""Paths for a second start on the same folder, which has no token; they reveal and change nothing."""

COOKIE_LIFETIME = timedelta(days=30)
"""How long a browser keeps the cookie of an invite without an expiry."""

PAGE_RESOURCE_PATHS = (f'/_nicegui/{__version__}/', '/_nicegui/client/', '/assets/')
"""Path prefixes of the static resources of every page."""


def put_session(scope: MutableMapping[str, Any], session: Session) -> None:
    """Store the session of a request in its scope."""
    scope[SESSION_KEY] = session


def session_in(scope: MutableMapping[str, Any]) -> Session:
    """Return the session of a request.

    Raises:
        KeyError: If it has not passed the middleware. Then it must not be answered.
    """
    return scope[SESSION_KEY]


def visitor_in(scope: MutableMapping[str, Any]) -> Visitor:
    """Return the visitor of a request."""
    return session_in(scope).visitor


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

    @property
    def proxy(self) -> SignInProxy | None:
        """Who says who sends a request; `None` if the listener finds it out by itself."""
        ...

    async def authenticate(self, head: RequestHead) -> AuthenticatedRequest | Response:
        """Return the session of a request, or a response to it.

        Raises:
            RequestRejected: If it is not authenticated, or not authorized for this path.
        """
        ...


class Authentication:
    """Passes on the requests that the authenticator admits, with their session."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self.app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head: RequestHead = scope[HEAD_KEY]
        if head.problem:
            raise head.problem
        admitted = await self._authenticator.authenticate(head)
        if isinstance(admitted, Response):
            await admitted(scope, receive, send)
            return
        put_session(scope, admitted.session)
        await self.app(scope, receive, _with_cookie(send, admitted.cookie) if admitted.cookie else send)


def _with_cookie(send: Send, cookie: str) -> Send:
    """Wrap `send` to set a cookie with a page."""

    async def send_with_cookie(message: Message) -> None:
        if message['type'] == 'http.response.start':
            headers = MutableHeaders(scope=message)
            if headers.get('content-type', '').startswith('text/html'):
                headers.append('set-cookie', cookie)
        await send(message)

    return send_with_cookie


class LocalAuthenticator:
    """Admits every browser at this computer, and gives each a cookie that identifies it."""

    proxy = None

    def __init__(self, *, host: str | None, port: int | None, user: str = '') -> None:
        """`None` if the listener is another app's, and so what it is called."""
        self._user = user
        self.names: Set[str] | None = None if host is None else LOOPBACK_NAMES | {url_host(host)}
        self._cookie = cookie_name(port)

    async def authenticate(self, head: RequestHead) -> AuthenticatedRequest | Response:
        if known := head.cookies.get(self._cookie):
            return AuthenticatedRequest(session=_owner(known, head, self._user))
        fresh = new_secret()
        response = set_cookie(Response(), self._cookie, fresh, head)
        return AuthenticatedRequest(
            session=_owner(fresh, head, self._user), cookie=response.headers['set-cookie']
        )


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
        session = _owner(head.cookies.get(self._cookie, ''), head)
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
        return set_cookie(redirect_to(f'{head.prefix}/'), self._cookie, secret, head)

    def _is_program(self, head: RequestHead) -> bool:
        scheme, _, token = head.headers.get('authorization', '').partition(' ')
        return head.path == '/chat/' and scheme.lower() == 'bearer' and self._is_token(token)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(errors='replace'), self._token.encode())


class GuestAuthenticator:
    """Admits browsers with a valid token, then identifies them by their cookie; rejects everything else."""

    proxy = None

    def __init__(
        self,
        invites: InviteAuthenticator,
        *,
        names: Set[str],
        port: int,
        on_admitted: Callable[[RequestHead], None],
    ) -> None:
        """`on_admitted` is told of each request that is let in."""
        self.names: Set[str] | None = names
        self._invites = invites
        self._cookie = cookie_name(port)
        self._on_admitted = on_admitted
        self._wrong_links = WrongLinkLimit()

    async def authenticate(self, head: RequestHead) -> AuthenticatedRequest | Response:
        if head.kind == 'http' and head.path == ENDED_PATH:
            return render_page(
                'Sharing has ended', 'This chat is no longer shared. Ask for a new link to come back.'
            )
        if head.kind == 'http' and head.path.startswith(JOIN_PATH):
            return await self._join(head)
        secret = head.cookies.get(self._cookie, '')
        session = self._invites.session(secret)
        if session is None:
            title = 'Sharing has ended' if secret else 'You need a link'
            raise RequestRejected(
                401, 'Open the link that you were given, or ask for a new one.', title=title
            )
        if isinstance(session.visitor, Guest) and not _is_reachable(session.visitor, head):
            raise RequestRejected(403, 'Your link is for another chat.', title='This is not shared with you')
        self._on_admitted(head)
        return AuthenticatedRequest(session=session)

    async def _join(self, head: RequestHead) -> Response:
        peer = head.connection[0]
        self._wrong_links.check(peer)
        if head.method != 'GET':
            raise RequestRejected(405, 'Open this link in a browser.')
        token = head.path.removeprefix(JOIN_PATH)
        try:
            joined = await self._invites.join(token, head.cookies.get(self._cookie, ''))
        except InviteExpired as error:
            self._wrong_links.record(peer)
            raise RequestRejected(410, str(error), title='This link no longer works') from None
        left = joined.invite.time_left(now_in_utc()) or COOKIE_LIFETIME
        response = redirect_to(head.prefix + joined.invite.path)
        return set_cookie(response, self._cookie, joined.secret, head, seconds=int(left.total_seconds()) + 1)


def owner_authenticator(host: str | None, port: int | None, token: str, user: str = '') -> LocalAuthenticator:
    """Return the one for whoever is at this computer, or for who has the token, if there is one.

    `user` is who that is, of those who use a database.
    """
    if token:
        return TokenAuthenticator(host=host, port=port, token=token)
    return LocalAuthenticator(host=host, port=port, user=user)


def cookie_name(port: int | None) -> str:
    """Return the name of our cookie: cookies do not know ports, so that of each Parlour has its own."""
    return 'parlour' if port is None else f'parlour-{port}'


def set_cookie(
    response: Response, name: str, value: str, head: RequestHead, *, seconds: int | None = None
) -> Response:
    """Set a cookie that no script can read; it ends with the browser unless `seconds` are given."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=f'{head.prefix}/',
        secure=head.scheme == 'https',
        httponly=True,
        samesite='lax',
    )
    return response


def redirect_to(path: str) -> Response:
    """Return a redirect to one of our pages."""
    return RedirectResponse(path, 303, {'Cache-Control': 'no-store'})


def _owner(secret: str, head: RequestHead, user: str = '') -> Session:
    """Return a session of the owner; nobody of a team is at the computer, whose folders are not theirs."""
    return Session(id=hash_of(secret), visitor=Owner(is_at_computer=head.is_local and not user, user=user))


def _is_reachable(guest: Guest, head: RequestHead) -> bool:
    """Return whether a guest may request this: their chat, its files and the resources of its page."""
    if head.kind == 'websocket':
        return True  # websockets have a single path, where each event is checked
    if head.method == 'POST':
        return head.path in ('/files', '/files/') and guest.permission == 'write'
    is_read = head.method in ('GET', 'HEAD')
    is_file = head.path.startswith('/files/') and head.path.count('/') == 2 and not head.path.endswith('/')
    is_part = is_file or head.path == '/favicon.ico' or head.path.startswith(PAGE_RESOURCE_PATHS)
    return is_read and (is_part or head.path == f'/c/{guest.conversation_id}')
