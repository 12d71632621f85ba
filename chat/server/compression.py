"""Compression of responses; what browsers keep for a year is read and compressed once for all of them."""

from functools import partial
from http import HTTPStatus
from math import inf
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_KEPT_BYTES = 2_000_000
"""Of all responses that are kept: four times what a first visit loads."""

IS_WHOLE = 'parlour.is_whole_response'
"""Key of the scope."""

CONDITIONS = ('range', 'if-none-match', 'if-modified-since')
"""Headers of requests that may be answered with less than all."""


class CompressOnce(GZipMiddleware):
    """Compresses as its parent does, and keeps what never changes: a first visit loads a dozen files."""

    def __init__(self, app: ASGIApp, *, unchanging: tuple[str, ...]) -> None:
        """Keep what is below the paths `unchanging`: it stays as it is for as long as the process runs."""
        super().__init__(partial(_run_whole, app))
        self._unchanging = unchanging
        self._kept = dict[str, list[Message]]()
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._path_to_keep(scope)
        if not path:
            await super().__call__(scope, receive, send)
        elif kept := self._kept.get(path):
            for message in kept:
                await send(_copied(message))
        else:
            sent: list[Message] = []

            async def note(message: Message) -> None:
                sent.append(_copied(message))
                await send(message)

            await super().__call__(scope, receive, note)
            if scope[IS_WHOLE]:
                self._keep(path, sent)

    def _path_to_keep(self, scope: Scope) -> str:
        if scope['type'] != 'http' or scope['method'] != 'GET' or scope['query_string']:
            return ''
        path: str = scope['path'].removeprefix(scope.get('root_path', ''))
        headers = Headers(scope=scope)
        is_for_all = 'gzip' in headers.get('accept-encoding', '') and not any(
            map(headers.__contains__, CONDITIONS)
        )
        return path if is_for_all and path.startswith(self._unchanging) else ''

    def _keep(self, path: str, sent: list[Message]) -> None:
        start, *body = sent
        size = sum(len(message['body']) for message in body)
        is_for_all = start['status'] == HTTPStatus.OK and 'set-cookie' not in Headers(raw=start['headers'])
        if is_for_all and path not in self._kept and self._size + size <= MAX_KEPT_BYTES:
            self._kept[path] = sent
            self._size += size


async def _run_whole(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run an app, and note in the scope whether it has sent all that it announced.

    Middleware ends a response early, as if that were all, when its browser goes away.
    """
    missing = inf

    async def count(message: Message) -> None:
        nonlocal missing
        if message['type'] == 'http.response.start':
            missing = float(Headers(raw=message['headers']).get('content-length', 'inf'))
        else:
            missing -= len(message.get('body', b''))
        await send(message)

    await app(scope, receive, count)
    scope[IS_WHOLE] = missing == 0


def _copied(message: Message) -> dict[str, Any]:
    """Return a message whose headers others may add to."""
    return {**message, 'headers': [*message['headers']]} if 'headers' in message else {**message}
