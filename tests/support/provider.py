"""A provider of language models on loopback that answers what the test tells it."""

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import RLock, Thread
from typing import Any, Self

from tests.support import openai_wire
from tests.support.gates import Signal
from tests.support.replies import Reply, unknown_model
from tests.support.request_rules import RequestRules
from tests.support.sse_writer import write_reply
from tests.support.timeouts import WAIT_TIMEOUT

STRICT_RULES = RequestRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request for an answer."""

    body: dict[str, Any]
    """The request as parsed JSON: model, messages, tools …"""
    headers: Mapping[str, str]
    """By name in lower case."""


def echo(exchange: Exchange) -> Reply:
    """Answer in a little markdown how many messages came."""
    count = len(exchange.body['messages'])
    return Reply(pieces=['I got ', f'**{count}** ', f'message{"s" * (count != 1)}.'])


class Provider:
    """An OpenAI-compatible server in a thread of its own.

    A test uses it as `with` or `async with`, reads it and tells it what to answer from any thread or loop.
    Every connection carries one request, so a client that goes away is seen at once.
    """

    def __init__(self, port: int = 0, *, rules: RequestRules = STRICT_RULES) -> None:
        """Listen on this port once it runs; 0 for any.

        What it is too strict for it refuses, and the next reply waits.
        """
        self._rules_at_first = rules
        self.url = ''
        """The base URL, once it runs."""
        self._port = port
        self._lock = RLock()  # `when` may ask for `requests`
        self._begin()
        self._speaking = 0
        """How many answers are being given."""
        self._started = Signal()
        self._stopping = Signal()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name='provider')

    def _begin(self) -> None:
        self.rules = self._rules_at_first
        """What it refuses."""
        self.otherwise: Callable[[Exchange], Reply] = echo
        """What it answers when no reply is left."""
        self.models = [openai_wire.MODEL]
        """The names it lists."""
        self.models_status = 200
        """The status of that list; with another one it says that it is loading a model."""
        self.tells: Mapping[str, Any] = {}
        """What its list says of each model besides, such as `meta`."""
        self.key: str | None = None
        """The only key with which it lists them, if it wants one."""
        self.title = unknown_model()
        """What it answers when it is asked for a title, which counts as no other request does."""
        self.titled: list[Exchange] = []
        """The requests for a title so far."""
        self._replies = deque[Reply]()
        self._given: list[Reply] = []
        self._exchanges: list[Exchange] = []
        self._closings: list[Exchange] = []
        self._waiting: list[tuple[Callable[[], bool], Signal]] = []

    # What a test says

    def reply(self, *replies: Reply) -> None:
        """Add answers for the next requests, one each."""
        with self._lock:
            self._replies.extend(replies)

    def always_reply(self, reply: Reply) -> None:
        """Give this answer whenever no other is left."""
        self.otherwise = lambda _: reply

    # What a test sees

    @property
    def exchanges(self) -> list[Exchange]:
        """All requests for an answer so far."""
        with self._lock:
            return self._exchanges.copy()

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The bodies of all requests for an answer so far."""
        return [exchange.body for exchange in self.exchanges]

    @property
    def closed(self) -> list[Exchange]:
        """Those whose client closed its connection before the answer was complete."""
        with self._lock:
            return self._closings.copy()

    async def wait_for_requests(self, count: int, timeout: float = WAIT_TIMEOUT) -> None:  # noqa: ASYNC109
        """Wait until that many requests have come in all."""
        await self.when(lambda: len(self._exchanges) >= count).wait(timeout)

    async def wait_for_closed(self, count: int = 1, timeout: float = WAIT_TIMEOUT) -> None:  # noqa: ASYNC109
        """Wait until that many clients in all have closed before their answer was complete."""
        await self.when(lambda: len(self._closings) >= count).wait(timeout)

    def when(self, holds: Callable[[], bool]) -> Signal:
        """A signal for the first moment at which `holds`; asked after each request and each closing."""
        signal = Signal()
        with self._lock:
            self._waiting.append((holds, signal))
            self._check_signals()
        return signal

    # Life

    async def reset(self) -> None:
        """Let every answer that is held come to its end, then be as new for the next test.

        Raises:
            TimeoutError: If an answer is still being given after `WAIT_TIMEOUT`.
        """
        with self._lock:
            held = [*self._replies, *self._given]
        for reply in held:
            for gate in filter(None, (reply.before, *reply.gates.values())):
                gate.release()
        await self.when(lambda: not self._speaking).wait()
        with self._lock:
            self._begin()

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait_blocking()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    async def __aenter__(self) -> Self:
        self._thread.start()
        await self._started.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)

    async def _serve(self) -> None:
        handlers = set[asyncio.Task[None]]()

        def accept(reader: StreamReader, writer: StreamWriter) -> None:
            handler = asyncio.create_task(self._handle(reader, writer))
            handlers.add(handler)
            handler.add_done_callback(handlers.discard)

        server = await asyncio.start_server(accept, '127.0.0.1', self._port)
        address = server.sockets[0].getsockname()
        self.url = f'http://127.0.0.1:{address[1]}/v1'
        self._started.set()
        await self._stopping.wait(timeout=3600)
        await until_answered(*address)  # and so all that came before are accepted, which asyncio would lose
        server.close()
        for handler in handlers.copy():
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)

    async def _handle(self, reader: StreamReader, writer: StreamWriter) -> None:
        # A client may go away at any moment, even before it has asked.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                await self._respond(await openai_wire.read_request(reader), reader, writer)
                writer.close()
            finally:
                if not writer.is_closing():
                    writer.transport.abort()
                await writer.wait_closed()

    async def _respond(
        self, request: openai_wire.Request, reader: StreamReader, writer: StreamWriter
    ) -> None:
        match request.method, request.path:
            case 'GET', '/v1/models' if self.key and request.headers['authorization'] != f'Bearer {self.key}':
                writer.write(openai_wire.whole(401, '{"error": {"message": "Incorrect API key provided."}}'))
            case 'GET', '/v1/models' if self.models_status != 200:
                writer.write(openai_wire.whole(self.models_status, '{"error": {"message": "Loading model"}}'))
            case 'GET', '/v1/models':
                writer.write(openai_wire.whole(200, openai_wire.models(self.models, self.tells)))
            case 'POST', _:  # other providers have other addresses
                await self._answer(request, reader, writer)
            case _:
                writer.write(openai_wire.whole(404, '{"error": {"message": "There is no such address."}}'))

    async def _answer(self, request: openai_wire.Request, reader: StreamReader, writer: StreamWriter) -> None:
        exchange = Exchange(body=json.loads(request.body), headers=request.headers)
        speaking = asyncio.create_task(write_reply(self._record_exchange(exchange), exchange.body, writer))
        gone = asyncio.create_task(reader.read())  # ends when the client closes: it has nothing more to say
        self._count(1)
        try:
            await asyncio.wait({speaking, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not speaking.done() or isinstance(speaking.exception(), ConnectionError):
                self._record_closing(exchange)
            else:
                await speaking
        finally:
            speaking.cancel()
            gone.cancel()
            await asyncio.gather(speaking, gone, return_exceptions=True)
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._speaking += more
            self._check_signals()

    def _record_exchange(self, exchange: Exchange) -> Reply:
        with self._lock:
            if openai_wire.asks_for_title(exchange.body):
                self.titled.append(exchange)
                self._check_signals()
                return self.title
            self._exchanges.append(exchange)
            self._check_signals()
            if refused := self.rules.refusal(exchange.body):
                return refused
            reply = self._replies.popleft() if self._replies else self.otherwise(exchange)
            self._given.append(reply)
            return reply

    def _record_closing(self, exchange: Exchange) -> None:
        with self._lock:
            self._closings.append(exchange)
            self._check_signals()

    def _check_signals(self) -> None:
        for waiting in self._waiting.copy():
            holds, signal = waiting
            if holds():
                signal.set()
                self._waiting.remove(waiting)


async def until_answered(host: str, port: int) -> None:
    """Ask a server for something that is not there."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b'GET / HTTP/1.1\r\n\r\n')
    await reader.read()
    writer.close()
    await writer.wait_closed()
