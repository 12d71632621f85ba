"""Requests and sockets that are under way, by their session, so that they can be ended from here."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress

from starlette.types import Message, Receive, Send

from chat.serve.guard.frames import is_sound

log = logging.getLogger(__name__)

POLICY_VIOLATION = 1008
"""The code with which a socket is closed: RFC 6455, 7.4.1."""

End = Callable[[], Awaitable[None]]


class OpenRequests:
    """Knows how to end each of them."""

    def __init__(self) -> None:
        self._ends: defaultdict[str, set[End]] = defaultdict(set)

    @property
    def sessions(self) -> frozenset[str]:
        """The ids of the sessions that have a request or a socket under way."""
        return frozenset(self._ends)

    def count(self, session_id: str) -> int:
        return len(self._ends.get(session_id, ()))

    async def end(self, session_id: str) -> None:
        """End all of a session; when this returns nothing more is sent to it."""
        await asyncio.gather(*(end() for end in list(self._ends.get(session_id, ()))))

    @contextmanager
    def kept(self, session_id: str, end: End) -> Generator[None]:
        """Know it for as long as the block runs."""
        self._ends[session_id].add(end)
        try:
            yield
        finally:
            self._ends[session_id].discard(end)
            if not self._ends[session_id]:
                del self._ends[session_id]


class Socket:
    """One websocket; what comes is passed on at the pace that is allowed, and it can be ended."""

    def __init__(self, receive: Receive, send: Send, wait: Callable[[], Awaitable[None]]) -> None:
        self._receive = receive
        self._send = send
        self._wait = wait
        self._is_ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        await self._wait()
        if message['type'] == 'websocket.receive' and not self._is_ended and not is_sound(message):
            log.debug('A socket is closed: it sent a frame that no page sends')
            await self.end()
        return {'type': 'websocket.disconnect', 'code': POLICY_VIOLATION} if self._is_ended else message

    async def send(self, message: Message) -> None:
        if not self._is_ended:
            await self._send(message)

    async def end(self) -> None:
        if not self._is_ended:
            self._is_ended = True
            with suppress(OSError):  # the other side may have closed it meanwhile
                await self._send({'type': 'websocket.close', 'code': POLICY_VIOLATION})


class Exchange:
    """One request and its answer; to be made in the task that runs it."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._is_ended = False
        self.has_begun = False
        """Whether the browser has been sent anything of the answer."""
        self.has_left = False
        """Whether the browser no longer waits for the answer."""
        self._receive = receive
        self._send = send
        self._task = asyncio.current_task()

    async def receive(self) -> Message:
        message = await self._receive()
        self.has_left |= message['type'] == 'http.disconnect'
        return message

    async def send(self, message: Message) -> None:
        if not self._is_ended:
            self.has_begun = True
            await self._send(message)

    async def end(self) -> None:
        """Break off the answer: the browser sees a lost connection, or if nothing has come yet a refusal."""
        self._is_ended = True
        if self._task:
            self._task.cancel()
