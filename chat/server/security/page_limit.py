"""How many pages a browser may have open: each is kept in memory until it is gone."""

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from nicegui import Client
from starlette.types import Scope

from chat.server.security.error_page import RequestRejected
from chat.server.security.request_head import RequestHead
from chat.server.security.sessions import session_in
from chat.sharing.access import Guest, Session

MAX_OWNER_PAGES = 64
"""More tabs than anybody tells apart, and each takes about a megabyte here."""

LEFT = 16
"""Of those that were left, the last stay in memory in case that they come back; others are loaded anew."""

MAX_GUEST_PAGES = 16
"""A guest has one chat to look at, and may reload it as often as they like."""

NON_PAGE_PATHS = ('/_nicegui/', '/assets/', '/files/', '/chat/', '/healthz', '/front', '/favicon.ico')
"""Beginnings of the addresses that lead to no page."""

SCOPE_KEY = 'parlour.making'


class PageLimit:
    """Counts the pages of each session, those that are being made among them.

    A page that was left does not count. It is waited for, but not when as many were left later as are kept.
    """

    def __init__(self) -> None:
        self._pending: Counter[str] = Counter()

    @contextmanager
    def counting(self, scope: Scope, head: RequestHead, session: Session) -> Generator[None]:
        """Count a page for as long as the block makes it, if it makes one.

        Raises:
            Refused: If the session has as many as it may; none of them is closed for it.
        """
        if head.path.startswith(NON_PAGE_PATHS):
            yield
            return
        most = MAX_GUEST_PAGES if isinstance(session.visitor, Guest) else MAX_OWNER_PAGES
        pages = _pages(session)
        left = [page for page in pages if _is_left(page)]
        if len(pages) - len(left) + self._pending[session.id] >= most:
            raise RequestRejected(429, 'This browser has too many pages open here. Close some of them.')
        for page in left[:-LEFT]:
            forget(page)
        scope[SCOPE_KEY] = making = [True]
        self._pending[session.id] += 1
        try:
            yield
        finally:
            making.clear()
            self._pending -= Counter([session.id])


def _pages(session: Session) -> list[Client]:
    """Pages that are made already, the oldest first."""
    return [page for page in Client.instances.values() if _belongs(page.request.scope, session)]


def _belongs(scope: Scope, session: Session) -> bool:
    return session_in(scope).id == session.id and not scope.get(SCOPE_KEY)


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
