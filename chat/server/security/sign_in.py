"""Who a sign-in proxy says it is, and which requests need nobody to say it."""

from collections.abc import Iterator, Sequence

from chat.errors import UserNameRefused
from chat.server.security.error_page import RequestRejected
from chat.sign_in_proxy import SignInProxy, checked_user_name, is_loopback

OPEN_PATHS = frozenset({'/healthz', '/ready'})
"""What a balancer asks; it says nothing of anybody, and needs no user."""

OPERATORS_PATHS = frozenset({'/metrics'})
"""What needs no user either, but is answered to trusted proxies and to this computer alone."""


def needs_user(path: str) -> bool:
    """Return whether somebody must have signed in who asks for this."""
    return path not in OPEN_PATHS | OPERATORS_PATHS


def sender_problems(
    path: str, peer: str, claims: Sequence[bytes], proxy: SignInProxy
) -> Iterator[RequestRejected]:
    """Yield why a request is not answered to whoever sends it.

    Args:
        path: What is asked for.
        peer: The address that it comes from.
        claims: What the headers say in which a proxy says who it is.
        proxy: Who is believed.
    """
    is_from_proxy = proxy.is_at(peer)
    if path in OPEN_PATHS or (path in OPERATORS_PATHS and (is_from_proxy or is_loopback(peer))):
        return
    if not is_from_proxy:
        yield _sign_in(f'Open {proxy.public_url} and sign in there.')
    elif not claims:
        yield _sign_in('Nobody is signed in. Load this page again.')
    elif not user_named_by(claims):
        yield RequestRejected(400, str(UserNameRefused()), title='Nobody is called so')


def user_named_by(claims: Sequence[bytes]) -> str:
    """Return the name that these headers say; '' if they say none, or something that is none."""
    try:
        [claim] = claims
        return checked_user_name(claim.decode())
    except (ValueError, UserNameRefused):
        return ''


def _sign_in(sentence: str) -> RequestRejected:
    return RequestRejected(401, sentence, title='Sign-in required')
