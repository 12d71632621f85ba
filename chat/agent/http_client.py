"""HTTP clients for servers of models; they repair streamed answers before anybody reads them."""

import asyncio
import re
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, Protocol

import httpx2

from chat.agent.probed_connections import probe_connection
from chat.agent.request_counts import CONNECTION, MODEL_REQUESTS
from chat.agent.wire.chat_completions import ChatCompletionsRepair
from chat.agent.wire.events import Event, EventParser
from chat.agent.wire.joined_deltas import TEXT_DELTA, joined
from chat.agent.wire.other_protocols import AnthropicRepair, GoogleRepair, ResponsesRepair
from chat.certificates import ssl_context
from chat.errors import ModelMissing, ServerMoved

PrepareRequest = Callable[[httpx2.Request], Awaitable[None]]

METHOD_KEEPING_REDIRECTS = {301: 308, 302: 307}
"""A redirected POST stays a POST, which it would not with these two statuses."""


def make_client(
    *,
    is_local: bool,
    timeout: httpx2.Timeout | float,
    prepare: PrepareRequest | None = None,
    is_counted: bool = False,
) -> httpx2.AsyncClient:
    """Make a client with the certificates and, unless the server is local, the proxies of the environment.

    Args:
        is_local: Whether the server is on this computer; no proxy can reach that.
        timeout: For each step, in seconds.
        prepare: Called with each request before it is sent.
        is_counted: Whether its requests count as those to models.

    Raises:
        ModelMissing: If the proxy or the certificate file of the environment cannot be used.
    """
    try:
        return (_CountingClient if is_counted else httpx2.AsyncClient)(
            verify=ssl_context(),
            trust_env=not is_local,
            timeout=timeout,
            follow_redirects=True,
            event_hooks={
                'request': [probe_connection, *([prepare] if prepare else [])],
                'response': [restrict_redirects, repair_response],
            },
        )
    except ImportError as error:
        raise ModelMissing(
            'The environment names a SOCKS proxy (ALL_PROXY or HTTPS_PROXY), and the Python package for that '
            'is not installed. Install it with: pip install socksio'
        ) from error
    except (ValueError, httpx2.InvalidURL) as error:
        raise ModelMissing(
            'The proxy that the environment names (ALL_PROXY, HTTPS_PROXY or HTTP_PROXY) cannot be used. '
            'It must begin with http://, https:// or socks5://.'
        ) from error
    except (OSError, ssl.SSLError) as error:
        raise ModelMissing(
            'The certificates that SSL_CERT_FILE or SSL_CERT_DIR name cannot be read. '
            'Correct that, and start Parlour again.'
        ) from error


class _CountingClient(httpx2.AsyncClient):
    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        MODEL_REQUESTS.sent += 1
        try:
            response = await super().send(request, **options)
        except httpx2.TransportError:
            MODEL_REQUESTS.failed[CONNECTION] += 1
            raise
        if not response.is_success:
            MODEL_REQUESTS.failed[str(response.status_code)] += 1
        return response


async def restrict_redirects(response: httpx2.Response) -> None:
    """Follow a redirect within the same server, or to its encrypted address, and no other.

    Raises:
        ServerMoved: If it sends elsewhere: keys and questions are meant for the server that was named.
    """
    if not response.has_redirect_location:
        return
    here = response.request.url
    try:
        there = here.join(response.headers['location'])
    except httpx2.InvalidURL:
        there = httpx2.URL('http://an.unreadable.address')
    is_same = (here.scheme, here.port) == (there.scheme, there.port)
    if here.host != there.host or not (is_same or (here.scheme, there.scheme) == ('http', 'https')):
        raise ServerMoved(
            f'The server at {here.host} redirects to {there.scheme}://{there.netloc.decode()}. '
            'If that is right, use that address in Parlour.'
        )
    response.status_code = METHOD_KEEPING_REDIRECTS.get(response.status_code, response.status_code)


STREAMED_PATTERN = re.compile(rb'"stream"\s*:\s*true')
"""Matches the body of a request; in a prompt each quotation mark has a backslash before it."""

REPAIR_BY_PATH: Mapping[str, Callable[[], 'StreamRepair']] = {
    '/chat/completions': ChatCompletionsRepair,
    '/responses': ResponsesRepair,
    '/messages': AnthropicRepair,
}
"""Repairs by the end of the path."""

EVENT_INTERVAL, MAX_EVENT_INTERVAL = 0.05, 0.2
"""Seconds in which what comes is one event, from the first word on; and those where there is much to do.

Pages are told less often.
"""

LATENESS_FACTOR = 4
"""These seconds are at least so many times as long as the event loop was late."""

MIN_WAIT = 0.001
"""Seconds from which on what was read had not come yet; all that had is read without a pause."""

MAX_CHUNKS = 64
"""Chunks that may have come and wait to be read; one has 64 KB at most."""

MAX_READ_BYTES = 32 * 1024
"""Bytes that are read before others get their turn, if they are in more than one chunk."""

ENCODING_HEADERS = ('content-encoding', 'content-length', 'transfer-encoding')


class StreamRepair(Protocol):
    """Repairs the stream of one answer in some protocol."""

    is_over: bool
    """Whether the server has ended the answer, for whatever reason."""

    def repaired(self, event: Event) -> Iterator[Event]:
        """Yield what is to be read in place of an event."""
        ...


async def repair_response(response: httpx2.Response) -> None:
    """Repair a response, if it is a streamed answer.

    Events without data and keep-alives are left out. Errors and whole answers become events, and values of a
    wrong type are coerced.

    Raises:
        httpx2.RemoteProtocolError: From the stream of the response, if that ends before the answer is over.
    """
    answer = await _repair_for(response.request) if response.is_success else None
    if answer is None:
        return
    sent = httpx2.Response(
        response.status_code,
        headers=response.headers,
        stream=response.stream,
        request=response.request,
        extensions=response.extensions,
    )
    for name in ENCODING_HEADERS:  # what is read from here on is decoded
        response.headers.pop(name, None)
    response.headers['content-type'] = 'text/event-stream'
    response.stream = RepairedStream(sent, answer)


class RepairedStream(httpx2.AsyncByteStream):
    """The repaired events of a response: the first at once, then those that have come in a moment together.

    They are read by a task of its own, which ends with it.
    """

    def __init__(self, sent: httpx2.Response, answer: StreamRepair) -> None:
        self._source = sent
        self._repair = answer
        self._chunks = deque[bytes]()
        """What has come and was not read."""
        self._has_come, self._is_taken = asyncio.Event(), asyncio.Event()
        self._receiving: asyncio.Task[None] | None = None
        self._failure: httpx2.HTTPError | None = None
        self._interval = 0.0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        reader = EventParser()
        self._receiving = receiving = asyncio.create_task(self._receive())
        try:
            while await self._is_more_to_read(receiving):
                come = reader.feed(self._take())
                for events in self._repaired(come):
                    yield events
                if not self._interval and any(TEXT_DELTA.search(event.data) for event in come):
                    self._interval = EVENT_INTERVAL
                if self._interval and not self._chunks and not receiving.done():
                    await self._wait_for_more(receiving)
            for events in self._repaired(reader.finish()):
                yield events
            await self._raise_failure(receiving)
        finally:
            await self._stop_receiving()
        if not self._repair.is_over:
            MODEL_REQUESTS.failed[CONNECTION] += 1
            raise httpx2.RemoteProtocolError('the stream ended before the answer was over')

    async def aclose(self) -> None:
        await self._stop_receiving()
        await self._source.aclose()

    async def _wait_for_more(self, receiving: asyncio.Task[None]) -> None:
        """Let words gather, for longer if the event loop is busy."""
        begun = monotonic()
        await asyncio.wait({receiving}, timeout=self._interval)
        late = monotonic() - begun - self._interval
        self._interval = min(max(EVENT_INTERVAL, LATENESS_FACTOR * late), MAX_EVENT_INTERVAL)

    async def _receive(self) -> None:
        begun = monotonic()
        try:
            async for chunk in self._source.aiter_bytes():
                self._chunks.append(chunk)
                self._has_come.set()
                if self._interval and monotonic() - begun > MIN_WAIT:
                    await asyncio.sleep(self._interval / 4)  # to read several at once is cheaper, too
                begun = monotonic()
                if len(self._chunks) > MAX_CHUNKS:
                    self._is_taken.clear()
                    await self._is_taken.wait()
        except httpx2.HTTPError as error:
            self._failure = error  # for who reads, if anybody still does
            MODEL_REQUESTS.failed[CONNECTION] += isinstance(error, httpx2.TransportError)
        finally:
            self._has_come.set()

    async def _raise_failure(self, receiving: asyncio.Task[None]) -> None:
        """Raise what has ended the stream, if that was not its end."""
        if receiving.cancelled():
            raise httpx2.ReadError('the stream was closed')
        if self._failure:
            raise self._failure
        await receiving

    async def _is_more_to_read(self, receiving: asyncio.Task[None]) -> bool:
        """Wait until something has come; return whether it has before the end."""
        while not self._chunks and not receiving.done():
            self._has_come.clear()
            await self._has_come.wait()
        return bool(self._chunks)

    def _take(self) -> bytes:
        """Take what has come, but no more than others can wait for."""
        taken, length = list[bytes](), 0
        while self._chunks and length < MAX_READ_BYTES:
            taken.append(self._chunks.popleft())
            length += len(taken[-1])
        self._is_taken.set()
        return b''.join(taken)

    async def _stop_receiving(self) -> None:
        if self._receiving:
            self._receiving.cancel()
            await asyncio.gather(self._receiving, return_exceptions=True)

    def _repaired(self, events: Iterable[Event]) -> Iterator[bytes]:
        """Yield what is to be read in place of events: all at once, unless others cannot wait for so much."""
        taken = b''
        for event in joined(events):
            taken += b''.join(piece.encoded for piece in self._repair.repaired(event))
            if len(taken) > MAX_READ_BYTES:
                yield taken
                taken = b''
        if taken:
            yield taken


async def _repair_for(request: httpx2.Request) -> StreamRepair | None:
    """Return what repairs the response to a request; `None` if it asks for no streamed answer."""
    path = request.url.path
    if ':streamGenerateContent' in path:
        return GoogleRepair()
    repair = next((REPAIR_BY_PATH[end] for end in REPAIR_BY_PATH if path.endswith(end)), None)
    # One that was sent on has its body as a stream only; JSON can be read again.
    return repair() if repair and STREAMED_PATTERN.search(await request.aread()) else None
