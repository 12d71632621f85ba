"""Active requests and websockets by session, so that they can be aborted."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress

from starlette.types import Message, Receive, Send

from chat.server.security.websocket_frames import is_valid_frame

log = logging.getLogger(__name__)

POLICY_VIOLATION_CODE = 1008
"""The close code of a websocket: RFC 6455, 7.4.1."""

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


class ActiveSocket:
    """One websocket: passes messages on at the allowed rate, and can be aborted."""

    def __init__(self, receive: Receive, send: Send, wait: Callable[[], Awaitable[None]]) -> None:
        self._receive = receive
        self._send = send
        self._wait = wait
        self._is_ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        await self._wait()
        if message['type'] == 'websocket.receive' and not self._is_ended and not is_valid_frame(message):
            log.debug('A socket is closed: it sent a frame that no page sends')
            await self.abort()
        return {'type': 'websocket.disconnect', 'code': POLICY_VIOLATION_CODE} if self._is_ended else message

    async def send(self, message: Message) -> None:
        if not self._is_ended:
            await self._send(message)

    async def abort(self) -> None:
        if not self._is_ended:
            self._is_ended = True
            with suppress(OSError):  # the peer may have closed it meanwhile
                await self._send({'type': 'websocket.close', 'code': POLICY_VIOLATION_CODE})


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
