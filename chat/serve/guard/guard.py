"""The guard around everything that is served."""

import asyncio

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.serve.guard.body import MEGABYTE, check_length, run_limited
from chat.serve.guard.door import Admission, Door
from chat.serve.guard.head import Head, check_head, head_of
from chat.serve.guard.nonce import new_nonce
from chat.serve.guard.open_pages import OpenPages
from chat.serve.guard.open_requests import Exchange, OpenRequests, Socket
from chat.serve.guard.origin import check_host, check_origin
from chat.serve.guard.pace import Pace
from chat.serve.guard.policy import FILES, dressed
from chat.serve.guard.refusal import Refused
from chat.serve.guard.sessions import put_session
from chat.serve.guard.socket_events import is_page_of
from chat.share.visitor import Session

SOCKETS = '/_nicegui_ws/'
"""Where sockets lead, and nothing else."""

PAGES = '/_nicegui/client/'
"""Before the id of a page, in the addresses that NiceGUI makes for that page alone."""

MOST_BYTES = 2 * MEGABYTE
"""Of the body of a request; the longest prompt fits several times."""

MOST_BYTES_OF_FILE = 20 * MEGABYTE
"""Of a file that is attached; a larger one is refused before that, in better words."""

WITHOUT_BODY = ('GET', 'HEAD', 'OPTIONS')
"""A connection on which any other method was refused ends: nobody reads what may still come of its body."""

MOST_AT_ONCE = 256
"""Requests and sockets of one session; a page has one socket, and a few requests while it is loaded."""


class Guard:
    """Lets a request through to the app if it is sound and the door lets it in.

    A plain ASGI class, since Starlette's base class for middlewares does not see sockets.
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app  # NiceGUI looks for its own app behind attributes of this name
        self.open = OpenRequests()
        self._door = door
        self._pages = OpenPages()
        self._events = Pace(burst=200, per_second=50)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] == 'lifespan':
            await self.app(scope, receive, send)
            return
        head, nonce = head_of(scope), new_nonce(scope)
        try:
            admitted = await self._admit(head, scope)
            if isinstance(admitted, Admission):
                send_dressed = dressed(send, head, nonce, admitted.cookie)
                await self._run(scope, receive, send_dressed, head, admitted.session)
                return
        except Refused as refused:
            admitted = refused.answer(as_page=head.wants_page)
            if head.kind == 'http' and head.method not in WITHOUT_BODY:
                admitted.headers['Connection'] = 'close'
        except asyncio.CancelledError:  # its session or its listener has ended: nobody waits for an answer
            return
        await admitted(scope, receive, dressed(send, head, nonce))

    async def _admit(self, head: Head, scope: Scope) -> Admission | Response:
        check_head(scope)
        check_host(head, self._door.names)
        check_origin(head)
        admitted = await self._door.admit(head)
        if isinstance(admitted, Admission):
            put_session(scope, admitted.session)
            _check_path(head, admitted.session)
        return admitted

    async def _run(self, scope: Scope, receive: Receive, send: Send, head: Head, session: Session) -> None:
        if self.open.count(session.id) >= MOST_AT_ONCE:
            raise Refused(429, 'This browser has too many pages open here. Close some of them.')
        if head.kind == 'websocket':
            socket = Socket(receive, send, lambda: self._events.wait(session.id))
            with self.open.kept(session.id, socket.end):
                await self.app(scope, socket.receive, socket.send)
            return
        limit = MOST_BYTES_OF_FILE if head.path == FILES else MOST_BYTES
        check_length(head, limit)
        exchange = Exchange(receive, send)
        try:
            with self._pages.made(scope, head, session), self.open.kept(session.id, exchange.end):
                await run_limited(self.app, scope, exchange.receive, exchange.send, limit)
        except asyncio.CancelledError:
            if exchange.has_begun:
                raise
            raise Refused(401, 'This has ended. Ask for a new link.') from None
        except RuntimeError:  # Starlette's middlewares, of an answer that nobody waits for
            if not exchange.has_left:
                raise


def _check_path(head: Head, session: Session) -> None:
    """See that sockets lead where sockets lead, and that what belongs to a page is asked for by its browser.

    Raises:
        Refused: If not.
    """
    if (head.kind == 'websocket') != head.path.startswith(SOCKETS):
        raise Refused(400, 'Connections are opened elsewhere.')
    if head.path.startswith(PAGES) and not is_page_of(head.path.split('/')[3], session):
        raise Refused(404, 'There is no such page here.')
