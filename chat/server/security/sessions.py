"""The session of a request: set by `SecurityMiddleware`, read by pages and routes."""

from collections.abc import MutableMapping
from typing import Any

from chat.sharing.access import Session, Visitor

SCOPE_KEY = 'parlour.session'


def put_session(scope: MutableMapping[str, Any], session: Session) -> None:
    """Store the session of a request in its scope."""
    scope[SCOPE_KEY] = session


def session_in(scope: MutableMapping[str, Any]) -> Session:
    """Return the session of a request.

    Raises:
        KeyError: If it has not passed the middleware. Then it must not be answered.
    """
    return scope[SCOPE_KEY]


def visitor_in(scope: MutableMapping[str, Any]) -> Visitor:
    """Return the visitor of a request."""
    return session_in(scope).visitor
