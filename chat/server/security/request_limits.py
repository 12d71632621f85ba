"""Limits of requests: how many a browser may have at once, how long their bodies are, and their end."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.immediate_frames import guard
from chat.server.security.csp import FILES_PATH
from chat.server.security.error_page import RequestRejected
from chat.server.security.rate_limit import TokenBucket
from chat.server.security.request_head import HEAD_KEY, SESSION_KEY, RequestHead
from chat.server.security.websocket import is_valid_frame
from chat.sharing.access import Owner, Session

log = logging.getLogger(__name__)

SOCKET_PATH = '/_nicegui_ws/'
"""The path of websockets."""

POLICY_VIOLATION_CODE = 1008
GOING_AWAY_CODE = 1001
"""Close codes of websockets: RFC 6455, 7.4.1."""

MEGABYTE_BYTES = 1024 * 1024

MAX_BODY_BYTES = 2 * MEGABYTE_BYTES
"""Bytes of a request body; the longest prompt fits several times."""

MAX_UPLOAD_BYTES = 20 * MEGABYTE_BYTES
"""Bytes of an upload; the app refuses a smaller size already, in better words."""

IMPORT_PATH = '/import/'
"""Where the owner uploads chats of other programs."""

MAX_IMPORT_BYTES = 4096 * MEGABYTE_BYTES
"""Bytes of a file to import, which goes to the disk as it arrives."""

MAX_CONCURRENT_REQUESTS = 256
"""Concurrent requests and websockets of one session; a page has one websocket, and few requests."""

Abort = Callable[[], Awaitable[None]]


class ActiveRequests:
    """Tracks the requests and websockets of every session."""

    def __init__(self) -> None:
        self._aborts: defaultdict[str, set[Abort]] = defaultdict(set)

    @property
    def sessions(self) -> frozenset[str]:
        """The ids of the sessions with an active request or websocket."""
        return frozenset(self._aborts)

    def count(self, session_id: str) -> int:
        return len(self._aborts.get(session_id, ()))

    async def abort(self, session_id: str) -> None:
        """Abort all of a session; when this returns, nothing more is sent to it."""
        await asyncio.gather(*(end() for end in list(self._aborts.get(session_id, ()))))

    @contextmanager
    def track(self, session_id: str, abort: Abort) -> Generator[None]:
        """Track a request for as long as the block runs."""
        self._aborts[session_id].add(abort)
        try:
            yield
        finally:
            self._aborts[session_id].discard(abort)
            if not self._aborts[session_id]:
                del self._aborts[session_id]


class RequestLimits:
    """Passes on what a session may send, and registers it so that it can be aborted."""

    def __init__(self, app: ASGIApp, active: ActiveRequests, socket_lifetime: float | None) -> None:
        """`socket_lifetime` is the time after which a websocket ends, so that its page asks for another."""
        self.app = app
        self._active = active
        self._socket_lifetime = socket_lifetime
        self._events = TokenBucket(burst=200, per_second=50)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head: RequestHead = scope[HEAD_KEY]
        session: Session = scope[SESSION_KEY]
        if (head.kind == 'websocket') != head.path.startswith(SOCKET_PATH):
            raise RequestRejected(400, 'WebSocket connections use another address.')
        if self._active.count(session.id) >= MAX_CONCURRENT_REQUESTS:
            raise RequestRejected(429, 'This browser asks for too much at once. Close some of its pages.')
        if head.kind == 'websocket':
            socket = ActiveSocket(receive, send, lambda: self._events.wait(session.id))
            guard(scope, lambda: not socket.is_ended)
            with (
                self._active.track(session.id, socket.abort),
                socket.ended_before_start(),
                socket.ended_after(self._socket_lifetime),
            ):
                await self.app(scope, socket.receive, socket.send)
            return
        limit = _body_limit(head.path, session)
        _validate_length(head, limit)
        request = ActiveRequest(receive, send)
        try:
            with self._active.track(session.id, request.abort):
                await _run_with_body_limit(self.app, scope, request.receive, request.send, limit)
        except asyncio.CancelledError:
            if request.has_started:
                raise
            raise RequestRejected(401, 'Sharing has ended. Ask for a new link.') from None
        except RuntimeError:  # raised by Starlette's middlewares if the client is gone
            if not request.is_complete:
                raise


class ActiveSocket:
    """One websocket: passes messages on at the allowed rate, and can be aborted.

    Create it in the task that runs it.
    """

    def __init__(self, receive: Receive, send: Send, wait: Callable[[], Awaitable[None]]) -> None:
        self._receive = receive
        self._send = send
        self._wait = wait
        self.is_ended = False
        """Whether nothing is sent any more."""
        self._has_started = False
        """Whether the app has heard of it; until then it waits for its rate."""
        self._task = asyncio.current_task()

    @contextmanager
    def ended_before_start(self) -> Generator[None]:
        """End the block without an error if the socket was aborted before the app has heard of it."""
        try:
            yield
        except asyncio.CancelledError:
            if self._has_started or not self.is_ended:
                raise

    @contextmanager
    def ended_after(self, seconds: float | None) -> Generator[None]:
        """End the socket when it has been open for so long; a page that is still there asks for another."""
        if seconds is None:
            yield
            return
        ending = asyncio.create_task(self._end_after(seconds), name='end a socket in time')
        try:
            yield
        finally:
            ending.cancel()

    async def _end_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.abort(GOING_AWAY_CODE)

    async def receive(self) -> Message:
        self._has_started = True
        message = await self._receive()
        await self._wait()
        if message['type'] == 'websocket.receive' and not self.is_ended and not is_valid_frame(message):
            log.debug('A socket is closed: it sent a frame that no page sends')
            await self.abort()
        return {'type': 'websocket.disconnect', 'code': POLICY_VIOLATION_CODE} if self.is_ended else message

    async def send(self, message: Message) -> None:
        if not self.is_ended:
            await self._send(message)

    async def abort(self, code: int = POLICY_VIOLATION_CODE) -> None:
        if not self.is_ended:
            self.is_ended = True
            with suppress(OSError):  # the peer may have closed it meanwhile
                await self._send({'type': 'websocket.close', 'code': code})
            if self._task and not self._has_started:
                self._task.cancel()


class ActiveRequest:
    """One request and its response; create it in the task that runs it."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._is_ended = False
        self.has_started = False
        """Whether any part of the response was sent."""
        self.is_complete = False
        """Whether the browser no longer waits for the response."""
        self._receive = receive
        self._send = send
        self._task = asyncio.current_task()

    async def receive(self) -> Message:
        message = await self._receive()
        self.is_complete |= message['type'] == 'http.disconnect'
        return message

    async def send(self, message: Message) -> None:
        if not self._is_ended:
            self.has_started = True
            await self._send(message)

    async def abort(self) -> None:
        """Abort the response: the browser sees a lost connection or, if nothing was sent yet, a refusal."""
        self._is_ended = True
        if self._task:
            self._task.cancel()


def _body_limit(path: str, session: Session) -> int:
    if path == IMPORT_PATH and isinstance(session.visitor, Owner):
        return MAX_IMPORT_BYTES
    return MAX_UPLOAD_BYTES if path == FILES_PATH else MAX_BODY_BYTES


def _validate_length(head: RequestHead, limit: int) -> None:
    """Check that a request does not announce more bytes than the limit.

    Raises:
        RequestRejected: If it does.
    """
    announced = head.headers.get('content-length', '0')
    if not (announced.isascii() and announced.isdigit()):
        raise RequestRejected(400, 'The request has no valid Content-Length.')
    if len(announced) > len(str(limit)) or int(announced) > limit:
        raise _too_large(limit)


async def _run_with_body_limit(app: ASGIApp, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
    """Run the app on a request, and stop reading its body at the limit.

    Raises:
        RequestRejected: If more arrived before the response began. A response to half a body is not sent.
    """
    received = 0
    has_begun = False

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get('body', b''))
        if received > limit:
            raise _too_large(limit)
        return message

    async def send_unless_rejected(message: Message) -> None:
        nonlocal has_begun
        if received <= limit or has_begun:
            has_begun = True
            await send(message)

    try:
        await app(scope, receive_limited, send_unless_rejected)
    except Exception:
        if received <= limit:
            raise
    if received > limit and not has_begun:
        raise _too_large(limit)


def _too_large(limit: int) -> RequestRejected:
    return RequestRejected(
        413, f'This is too large: at most {limit // MEGABYTE_BYTES} MB can be sent at once.'
    )
