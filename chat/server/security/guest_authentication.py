"""Authentication and authorization of guests at the network listener."""

from collections.abc import Callable, Set
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from nicegui import __version__
from starlette.responses import Response

from chat.errors import InviteExpired
from chat.server.security.authentication import (
    JOIN_PATH,
    AuthenticatedRequest,
    cookie_header,
    cookie_name,
    redirect_to,
)
from chat.server.security.error_page import RequestRejected, render_page
from chat.server.security.rate_limit import FailureLimiter, TokenBucket
from chat.server.security.request_head import RequestHead
from chat.sharing.access import Guest, Session
from chat.sharing.interfaces import ENDED_PATH, InviteAuthenticator
from chat.sharing.invite_registry import now_in_utc

MAX_FAILURES_PER_MINUTE = 20
"""Wrong tokens per minute from one address; then even a valid one is refused until the minute ends."""

COOKIE_LIFETIME = timedelta(days=30)
"""How long a browser keeps the cookie of an invite without an expiry."""

PAGE_RESOURCE_PATHS = (f'/_nicegui/{__version__}/', '/_nicegui/client/', '/assets/')
"""Path prefixes of the static resources of every page."""

PAGE_COST = 10
"""The cost of a page in the rate limit of requests, since building one is expensive."""


class GuestAuthenticator:
    """Admits browsers with a valid token, then identifies them by their cookie; rejects everything else."""

    def __init__(
        self,
        invites: InviteAuthenticator,
        *,
        names: Set[str],
        port: int,
        on_admitted: Callable[[RequestHead], None],
        clock: Callable[[], datetime] = now_in_utc,
    ) -> None:
        """`on_admitted` is told of each request that is let in."""
        self.names: Set[str] | None = names
        self._invites = invites
        self._cookie = cookie_name(port)
        self._on_admitted = on_admitted
        self._clock = clock
        self._failures = FailureLimiter(MAX_FAILURES_PER_MINUTE)
        self._requests = TokenBucket(burst=400, per_second=100)

    async def authenticate(self, head: RequestHead) -> AuthenticatedRequest | Response:
        if head.kind == 'http' and head.path == ENDED_PATH:
            return render_page(
                'Sharing has ended', 'This chat is no longer shared. Ask for a new link to come back.'
            )
        if head.kind == 'http' and head.path.startswith(JOIN_PATH):
            return await self._join(head)
        session = self._invites.session(head.cookie(self._cookie))
        if session is None:
            was_here = bool(head.cookie(self._cookie))
            title = 'Sharing has ended' if was_here else 'You need a link'
            raise RequestRejected(
                401, 'Open the link that you were given, or ask for a new one.', title=title
            )
        _validate_reach(head, session)
        self._on_admitted(head)
        await self._requests.wait(session.id, PAGE_COST if head.path.startswith('/c/') else 1)
        return AuthenticatedRequest(session=session)

    async def _join(self, head: RequestHead) -> Response:
        peer = _rate_limit_key(head.peer)
        if not self._failures.is_allowed(peer):
            raise RequestRejected(
                429,
                'Too many wrong links were opened from your address. Wait a minute.',
                title='Too many attempts',
            )
        if head.method != 'GET':
            raise RequestRejected(405, 'Open this link in a browser.')
        try:
            joined = await self._invites.join(head.path.removeprefix(JOIN_PATH), head.cookie(self._cookie))
        except InviteExpired as error:
            self._failures.record_failure(peer)
            raise RequestRejected(410, str(error), title='This link no longer works') from None
        left = joined.invite.time_left(self._clock()) or COOKIE_LIFETIME
        cookie = cookie_header(self._cookie, joined.secret, head, seconds=int(left.total_seconds()) + 1)
        return redirect_to(head.prefix + joined.invite.path, cookie)


def _validate_reach(head: RequestHead, session: Session) -> None:
    """Check that a guest requests only their conversation or the resources of its page.

    Raises:
        RequestRejected: If not.
    """
    match session.visitor:
        case Guest() as guest:
            if not _is_reachable(guest, head):
                raise RequestRejected(
                    403, 'Your link is for another chat.', title='This is not shared with you'
                )
        case _:
            pass


def _is_reachable(guest: Guest, head: RequestHead) -> bool:
    if head.kind == 'websocket':
        return True  # websockets have a single path, where each event is checked
    if head.method == 'POST':
        return head.path in ('/files', '/files/') and guest.permission == 'write'
    is_read = head.method in ('GET', 'HEAD')
    is_file = head.path.startswith('/files/') and head.path.count('/') == 2 and not head.path.endswith('/')
    is_part = is_file or head.path == '/favicon.ico' or head.path.startswith(PAGE_RESOURCE_PATHS)
    return is_read and (is_part or head.path == f'/c/{guest.conversation_id}')


def _rate_limit_key(peer: str) -> str:
    """Return the part of a peer's address that identifies a household: of IPv6 the first half."""
    try:
        address = ip_address(peer)
    except ValueError:
        return peer
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else peer
