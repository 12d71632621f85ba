"""The session of a request: put there by the guard, read by the pages and routes behind it."""

from collections.abc import MutableMapping
from typing import Any

from chat.sharing.access import Session, Visitor

SCOPE_KEY = 'parlour.session'


def put_session(scope: MutableMapping[str, Any], session: Session) -> None:
    """Say whose request this is."""
    scope[SCOPE_KEY] = session


def session_in(scope: MutableMapping[str, Any]) -> Session:
    """The session of a request.

    Raises:
        KeyError: If no guard has looked at it. Then nobody may answer it.
    """
    return scope[SCOPE_KEY]


def visitor_in(scope: MutableMapping[str, Any]) -> Visitor:
    """Who asks."""
    return session_in(scope).visitor
