"""Limit the open pages of a browser: each is held in memory until it is closed."""

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
"""More tabs than anybody needs; each takes about a megabyte here."""

LEFT = 16
"""Of those that were left, the last stay in memory in case that they come back; others are loaded anew."""

MAX_GUEST_PAGES = 16
"""A guest has one chat, and may reload it as often as they like."""

NON_PAGE_PATHS = ('/_nicegui/', '/assets/', '/files/', '/chat/', '/healthz', '/front', '/favicon.ico')
"""Path prefixes that are no pages."""

SCOPE_KEY = 'parlour.making'


class PageLimit:
    """Counts the pages of each session, including those that are being built.

    A page that was left does not count. It is waited for, but not when as many were left later as are kept.
    """

    def __init__(self) -> None:
        self._pending: Counter[str] = Counter()

    @contextmanager
    def counting(self, scope: Scope, head: RequestHead, session: Session) -> Generator[None]:
        """Count a page while the block builds it, if it is a request for one.

        Raises:
            RequestRejected: If the session has reached its limit; none of its pages is closed.
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
    """Return the pages that are built, the oldest first."""
    return [page for page in Client.instances.values() if _belongs(page.request.scope, session)]


def _belongs(scope: Scope, session: Session) -> bool:
    return session_in(scope).id == session.id and not scope.get(SCOPE_KEY)


def _is_left(page: Client) -> bool:
    """Return whether it was connected, and is only kept for a reconnect."""
    return not page.has_socket_connection and bool(_deletions(page))


def forget(page: Client) -> None:
    """Delete a page that was left now, not when its time is over."""
    for deletion in _deletions(page).values():
        deletion.cancel()
    page.delete()


def _deletions(page: Any) -> dict[str, asyncio.Task[None]]:
    """Return the pending deletion tasks of a page; NiceGUI 3.18 has no public access to them."""
    return page._delete_tasks  # noqa: SLF001
