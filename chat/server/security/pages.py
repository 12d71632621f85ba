"""The open pages of each browser: how many there may be, whose they are, and the memory that they take."""

import asyncio
import gc
from collections import Counter
from collections.abc import Generator, Set
from contextlib import contextmanager

from nicegui import Client
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.nicegui_compat import forget, is_left
from chat.server.security.error_page import RequestRejected
from chat.server.security.request_head import HEAD_KEY, SESSION_KEY, RequestHead
from chat.sharing.access import Guest, Session

MAX_OWNER_PAGES = 64
"""More tabs than anybody needs; each takes about a megabyte here."""

MAX_GUEST_PAGES = 16
"""A guest has one chat, and may reload it as often as they like."""

MAX_LEFT_PAGES = 16
"""Of those that were left, the last stay in memory in case that they come back; others are loaded anew."""

NON_PAGE_PATHS = (
    '/_nicegui/',
    '/assets/',
    '/files/',
    '/print/',
    '/chat/',
    '/healthz',
    '/ready',
    '/metrics',
    '/front',
    '/favicon.ico',
)
"""Path prefixes that are no pages."""

CLIENT_PATH = '/_nicegui/client/'
"""The path prefix of routes that NiceGUI creates for a single client."""

PENDING_KEY = 'parlour.pending-page'
"""Where the scope of a request says that its page is still being built."""

QUIET_TIME = 10.0
"""Seconds without the end of a page after which garbage is collected.

That holds up everybody, by up to 30 ms for each page. Where pages come and go all the time, Python collects
by itself.
"""

MANY_PAGES = 100
"""Pages after which a full garbage collection leaves those out that are there: for a thousand it takes two
seconds, in which nobody is served."""


class PageLimit:
    """Counts the pages of each session, including those that are being built.

    A page that was left does not count. It is waited for, but not when as many were left later as are kept.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._pending: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head: RequestHead = scope[HEAD_KEY]
        session: Session = scope[SESSION_KEY]
        if head.path.startswith(CLIENT_PATH) and not is_page_of(head.path.split('/')[3], session):
            raise RequestRejected(404, 'Page not found.')
        if head.kind == 'websocket' or head.path.startswith(NON_PAGE_PATHS):
            await self.app(scope, receive, send)
            return
        with self._counting(scope, session):
            await self.app(scope, receive, send)

    @contextmanager
    def _counting(self, scope: Scope, session: Session) -> Generator[None]:
        """Count a page while the block builds it.

        Raises:
            RequestRejected: If the session has reached its limit; none of its pages is closed.
        """
        limit = MAX_GUEST_PAGES if isinstance(session.visitor, Guest) else MAX_OWNER_PAGES
        pages = _complete_pages(session)
        left = [page for page in pages if is_left(page)]
        if len(pages) - len(left) + self._pending[session.id] >= limit:
            raise RequestRejected(429, 'This browser has too many pages open here. Close some of them.')
        for page in left[:-MAX_LEFT_PAGES]:
            forget(page)
        scope[PENDING_KEY] = pending = [True]
        self._pending[session.id] += 1
        try:
            yield
        finally:
            pending.clear()
            self._pending -= Counter([session.id])


def is_page_of(client_id: object, session: Session) -> bool:
    """Return whether the page was served to this session."""
    client = Client.instances.get(client_id) if isinstance(client_id, str) else None
    return client is not None and _session_id(client) == session.id


def pages_of(session_ids: Set[str]) -> list[Client]:
    """Return all pages that were served to these sessions, the oldest first."""
    return [page for page in Client.instances.values() if _session_id(page) in session_ids]


class PageMemory:
    """Collects garbage when pages were deleted.

    All that belongs to a page refers to itself in circles. Python looks for those as others are made: when
    the last page was closed, they would stay for as long as nobody comes.
    """

    def __init__(self, quiet_time: float = QUIET_TIME, many_pages: int = MANY_PAGES) -> None:
        self._quiet_time = quiet_time
        self._many_pages = many_pages
        self._left_out = 0
        """How many pages there were when those were left out of collections, if they are."""
        self._ended = 0
        """How many were deleted since the last collection."""
        self._planned: asyncio.TimerHandle | None = None

    def leave_out_many(self) -> None:
        """Leave the pages out of garbage collections if many were opened since that was done."""
        if (count := len(Client.instances)) >= self._left_out + self._many_pages:
            gc.freeze()
            self._left_out = count

    def collect_soon(self) -> None:
        """Collect the garbage of a page that is being deleted, when no other has been for a while."""
        self._ended += 1
        if self._planned:
            self._planned.cancel()
        self._planned = asyncio.get_running_loop().call_later(self._quiet_time, self._collect)

    def _collect(self) -> None:
        if self._left_out:
            if self._ended < len(Client.instances) // 4:  # to go through all for a few is not worth it
                return
            gc.unfreeze()
        gc.collect()
        self._ended = 0
        if self._left_out:
            gc.freeze()
            self._left_out = len(Client.instances)


def _session_id(page: Client) -> str:
    session: Session = page.request.scope[SESSION_KEY]
    return session.id


def _complete_pages(session: Session) -> list[Client]:
    """Return the pages of a session that are built, the oldest first."""
    return [page for page in pages_of({session.id}) if not page.request.scope.get(PENDING_KEY)]
