"""How many pages a browser may have open: each is kept in memory until it is gone."""

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from nicegui import Client
from starlette.types import Scope

from chat.serve.guard.head import Head
from chat.serve.guard.refusal import Refused
from chat.serve.guard.sessions import session_in
from chat.share.visitor import Guest, Session

OF_OWNER = 64
"""More tabs than anybody tells apart, and each takes about a megabyte here."""

LEFT = 16
"""Of those that were left, the last stay in memory in case that they come back; others are loaded anew."""

OF_GUEST = 16
"""A guest has one chat to look at, and may reload it as often as they like."""

NO_PAGES = ('/_nicegui/', '/assets/', '/files/', '/chat/', '/healthz', '/front', '/favicon.ico')
"""Beginnings of the addresses that lead to no page."""

MAKING = 'parlour.making'


class OpenPages:
    """Counts the pages of each session, those that are being made among them.

    A page that was left does not count. It is waited for, but not when as many were left later as are kept.
    """

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
        pages = _pages(session)
        left = [page for page in pages if _is_left(page)]
        if len(pages) - len(left) + self._making[session.id] >= most:
            raise Refused(429, 'This browser has too many pages open here. Close some of them.')
        for page in left[:-LEFT]:
            forget(page)
        scope[MAKING] = making = [True]
        self._making[session.id] += 1
        try:
            yield
        finally:
            making.clear()
            self._making -= Counter([session.id])


def _pages(session: Session) -> list[Client]:
    """Pages that are made already, the oldest first."""
    return [page for page in Client.instances.values() if _belongs(page.request.scope, session)]


def _belongs(scope: Scope, session: Session) -> bool:
    return session_in(scope).id == session.id and not scope.get(MAKING)


def _is_left(page: Client) -> bool:
    """Whether it was connected, and is only kept for the case that it comes back."""
    return not page.has_socket_connection and bool(_deletions(page))


def forget(page: Client) -> None:
    """Delete a page that was left now, not when its time is over."""
    for deletion in _deletions(page).values():
        deletion.cancel()
    page.delete()


def _deletions(page: Any) -> dict[str, asyncio.Task[None]]:
    """What waits to delete the page; NiceGUI 3.18 tells it to nobody."""
    return page._delete_tasks  # noqa: SLF001
