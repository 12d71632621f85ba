"""How many pages a browser may have open: each is kept in memory until it is gone."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from nicegui import Client
from starlette.types import Scope

from chat.serve.guard.head import Head
from chat.serve.guard.refusal import Refused
from chat.serve.guard.sessions import session_in
from chat.share.visitor import Guest, Session

OF_OWNER = 64
"""More tabs than anybody tells apart, and each takes about a megabyte here."""

OF_GUEST = 16
"""A guest has one chat to look at; some reload often, and a page that was left counts for two minutes."""

NO_PAGES = ('/_nicegui/', '/assets/', '/files/', '/chat/', '/healthz', '/front', '/favicon.ico')
"""Beginnings of the addresses that lead to no page."""

MAKING = 'parlour.making'


class OpenPages:
    """Counts the pages of each session, those that are being made among them."""

    def __init__(self) -> None:
        self._making: Counter[str] = Counter()

    @contextmanager
    def made(self, scope: Scope, head: Head, session: Session) -> Generator[None]:
        """Count a page for as long as the block makes it, if it makes one.

        Raises:
            Refused: If the session has as many as it may; none of them is closed for it.
        """
        if head.path.startswith(NO_PAGES):
            yield
            return
        most = OF_GUEST if isinstance(session.visitor, Guest) else OF_OWNER
        if _pages(session) + self._making[session.id] >= most:
            raise Refused(429, 'This browser has too many pages open here. Close some of them.')
        scope[MAKING] = making = [True]
        self._making[session.id] += 1
        try:
            yield
        finally:
            making.clear()
            self._making -= Counter([session.id])


def _pages(session: Session) -> int:
    """Pages that are made already."""
    scopes = (page.request.scope for page in Client.instances.values())
    return sum(session_in(scope).id == session.id and not scope.get(MAKING) for scope in scopes)
