"""Which requests come from a browser at this computer: those may choose a folder of it."""

import pytest
from starlette.types import Scope

from chat.server.security.authentication import AuthenticatedRequest, owner_authenticator
from chat.server.security.request_head import read_head
from chat.sharing.access import Owner


def scope(peer: str | None, host: str, *headers: tuple[str, str]) -> Scope:
    raw = [(name.encode(), value.encode()) for name, value in (('host', host), *headers)]
    client = (peer, 50000) if peer is not None else None
    return {'type': 'http', 'scheme': 'http', 'method': 'GET', 'path': '/', 'headers': raw, 'client': client}


@pytest.mark.parametrize(
    ('peer', 'host', 'headers', 'is_local'),
    [
        ('127.0.0.1', '127.0.0.1:8080', (), True),
        ('::1', '[::1]:8080', (), True),
        ('::ffff:127.0.0.1', 'localhost', (), True),
        ('192.168.1.7', '127.0.0.1:8080', (), False),
        ('127.0.0.1', 'parlour.example', (), False),
        ('127.0.0.1', '192.168.1.5:8080', (), False),
        ('127.0.0.1', 'localhost', (('x-forwarded-for', '192.168.1.7'),), False),
        ('127.0.0.1', 'localhost', (('forwarded', 'for=192.168.1.7'),), False),
        (None, 'localhost', (), False),
        ('testclient', 'localhost', (), False),
    ],
)
def test_only_what_surely_comes_from_this_computer_counts(
    peer: str | None, host: str, headers: tuple[tuple[str, str], ...], is_local: bool
) -> None:
    """Also behind an app of somebody else's, which lets in others and may lie behind a proxy."""
    assert read_head(scope(peer, host, *headers), None).is_local is is_local


async def test_at_a_database_nobody_is_at_the_computer() -> None:
    """Its folders are not for the tools of a team, also where one person alone uses it."""
    head = read_head(scope('127.0.0.1', '127.0.0.1:8080'), None)
    for user in ('', 'anna'):
        admitted = await owner_authenticator('127.0.0.1', 8080, '', user).authenticate(head)
        assert isinstance(admitted, AuthenticatedRequest)
        visitor = admitted.session.visitor
        assert isinstance(visitor, Owner)
        assert (visitor.user, visitor.is_at_computer) == (user, not user)
