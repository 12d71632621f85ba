"""A hook for HTTP clients that repairs streamed answers before the packages of providers read them."""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Protocol

import httpx2

from chat.agent.wire.chat_completions import ChatCompletionsRepair
from chat.agent.wire.events import Event, EventParser
from chat.agent.wire.other_protocols import AnthropicRepair, GoogleRepair, ResponsesRepair

STREAMED_PATTERN = re.compile(rb'"stream"\s*:\s*true')
"""Matches the body of a request; in a prompt each quotation mark has a backslash before it."""

REPAIR_BY_PATH: Mapping[str, Callable[[], 'StreamRepair']] = {
    '/chat/completions': ChatCompletionsRepair,
    '/responses': ResponsesRepair,
    '/messages': AnthropicRepair,
}
"""Repairs by the end of the path."""

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
    """The repaired events of a response."""

    def __init__(self, sent: httpx2.Response, answer: StreamRepair) -> None:
        self._source = sent
        self._repair = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        reader = EventParser()
        async for chunk in self._source.aiter_bytes():
            if events := self._repaired(reader.feed(chunk)):
                yield events
        if events := self._repaired(reader.finish()):
            yield events
        if not self._repair.is_over:
            raise httpx2.RemoteProtocolError('the stream ended before the answer was over')

    async def aclose(self) -> None:
        await self._source.aclose()

    def _repaired(self, events: Iterable[Event]) -> bytes:
        return b''.join(piece.encoded for event in events for piece in self._repair.repaired(event))


async def _repair_for(request: httpx2.Request) -> StreamRepair | None:
    """Return what repairs the response to a request; `None` if it asks for no streamed answer."""
    path = request.url.path
    if ':streamGenerateContent' in path:
        return GoogleRepair()
    repair = next((REPAIR_BY_PATH[end] for end in REPAIR_BY_PATH if path.endswith(end)), None)
    # One that was sent on has its body as a stream only; JSON can be read again.
    return repair() if repair and STREAMED_PATTERN.search(await request.aread()) else None
