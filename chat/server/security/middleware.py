"""The ASGI middleware that checks every request and websocket."""

import asyncio

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.server.security.active_requests import ActiveRequest, ActiveRequests, ActiveSocket
from chat.server.security.authentication import AuthenticatedRequest, Authenticator
from chat.server.security.body_limit import MEGABYTE_BYTES, run_with_body_limit, validate_length
from chat.server.security.csp import FILES_PATH, with_security_headers
from chat.server.security.csp_nonce import new_nonce
from chat.server.security.error_page import RequestRejected
from chat.server.security.origin import validate_host, validate_origin
from chat.server.security.page_limit import PageLimit
from chat.server.security.rate_limit import TokenBucket
from chat.server.security.request_head import RequestHead, parse_head, validate_head
from chat.server.security.sessions import put_session
from chat.server.security.websocket import is_page_of
from chat.sharing.access import Session

SOCKET_PATH = '/_nicegui_ws/'
"""The path of websockets."""

CLIENT_PATH = '/_nicegui/client/'
"""The path prefix of routes that NiceGUI creates for a single client."""

MAX_BODY_BYTES = 2 * MEGABYTE_BYTES
"""Bytes of a request body; the longest prompt fits several times."""

MAX_UPLOAD_BYTES = 20 * MEGABYTE_BYTES
"""Bytes of an upload; the app refuses a smaller size already, in better words."""

BODYLESS_METHODS = ('GET', 'HEAD', 'OPTIONS')
"""After refusing any other method the connection is closed, since its body is not read."""

MAX_CONCURRENT_REQUESTS = 256
"""Concurrent requests and websockets of one session; a page has one websocket, and few requests."""


class SecurityMiddleware:
    """Passes a request on to the app if it is valid and the authenticator admits it.

    A plain ASGI class, since Starlette's `BaseHTTPMiddleware` ignores websockets.
    """

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self.app = app  # NiceGUI looks for its own app behind attributes of this name
        self.active = ActiveRequests()
        self._authenticator = authenticator
        self._pages = PageLimit()
        self._events = TokenBucket(burst=200, per_second=50)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] == 'lifespan':
            await self.app(scope, receive, send)
            return
        head, nonce = parse_head(scope), new_nonce(scope)
        try:
            admitted = await self._authenticate(head, scope)
            if isinstance(admitted, AuthenticatedRequest):
                send_dressed = with_security_headers(send, head, nonce, admitted.cookie)
                await self._run(scope, receive, send_dressed, head, admitted.session)
                return
        except RequestRejected as refused:
            admitted = refused.response(as_page=head.wants_page)
            if head.kind == 'http' and head.method not in BODYLESS_METHODS:
                admitted.headers['Connection'] = 'close'
        except asyncio.CancelledError:  # its session or listener has ended: nobody waits for a response
            return
        await admitted(scope, receive, with_security_headers(send, head, nonce))

    async def _authenticate(self, head: RequestHead, scope: Scope) -> AuthenticatedRequest | Response:
        validate_head(scope)
        validate_host(head, self._authenticator.names)
        validate_origin(head)
        admitted = await self._authenticator.authenticate(head)
        if isinstance(admitted, AuthenticatedRequest):
            put_session(scope, admitted.session)
            _validate_path(head, admitted.session)
        return admitted

    async def _run(
        self, scope: Scope, receive: Receive, send: Send, head: RequestHead, session: Session
    ) -> None:
        if self.active.count(session.id) >= MAX_CONCURRENT_REQUESTS:
            raise RequestRejected(429, 'This browser has too many pages open here. Close some of them.')
        if head.kind == 'websocket':
            socket = ActiveSocket(receive, send, lambda: self._events.wait(session.id))
            with self.active.track(session.id, socket.abort):
                await self.app(scope, socket.receive, socket.send)
            return
        limit = MAX_UPLOAD_BYTES if head.path == FILES_PATH else MAX_BODY_BYTES
        validate_length(head, limit)
        exchange = ActiveRequest(receive, send)
        try:
            with self._pages.counting(scope, head, session), self.active.track(session.id, exchange.abort):
                await run_with_body_limit(self.app, scope, exchange.receive, exchange.send, limit)
        except asyncio.CancelledError:
            if exchange.has_started:
                raise
            raise RequestRejected(401, 'Sharing has ended. Ask for a new link.') from None
        except RuntimeError:  # raised by Starlette's middlewares if the client is gone
            if not exchange.is_complete:
                raise


def _validate_path(head: RequestHead, session: Session) -> None:
    """Check that websockets use their path, and that routes of a client are requested by its own browser.

    Raises:
        RequestRejected: If not.
    """
    if (head.kind == 'websocket') != head.path.startswith(SOCKET_PATH):
        raise RequestRejected(400, 'WebSocket connections use another address.')
    if head.path.startswith(CLIENT_PATH) and not is_page_of(head.path.split('/')[3], session):
        raise RequestRejected(404, 'Page not found.')
