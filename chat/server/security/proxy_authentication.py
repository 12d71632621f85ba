"""Authentication by a sign-in proxy in front of a node."""

from collections.abc import Set

from starlette.responses import Response

from chat.server.security.authentication import AuthenticatedRequest
from chat.server.security.request_head import RequestHead
from chat.sharing.access import Owner, Session, hash_of
from chat.sign_in_proxy import SignInProxy


class ProxyAuthenticator:
    """Admits those of whom a trusted proxy says who they are; `read_head` has rejected all others.

    All browsers of a user are one session: there is no cookie of ours.
    """

    names: Set[str] | None = None

    def __init__(self, proxy: SignInProxy) -> None:
        self.proxy: SignInProxy | None = proxy

    async def authenticate(self, head: RequestHead) -> AuthenticatedRequest | Response:
        """Return the session of a user, or one of nobody for what needs none."""
        who = f'user {head.user}' if head.user else f'peer {head.connection[0]}'
        return AuthenticatedRequest(session=Session(id=hash_of(who), visitor=Owner(user=head.user)))
