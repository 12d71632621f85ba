"""How the provider speaks a reply into a connection."""

import asyncio
import time
from asyncio import StreamWriter
from collections.abc import Mapping
from typing import Any, assert_never

from tests.support import wire
from tests.support.replies import Reply


async def write_reply(reply: Reply, body: Mapping[str, Any], writer: StreamWriter) -> None:
    """Write the response to the request with this body, as far as the reply goes.

    A response that is not streamed knows no gates but the first, and ends as it should or not at all.
    """
    if reply.before:
        await reply.before.hold()
    if reply.status != 200 or reply.body:
        writer.write(wire.whole(reply.status, reply.body, {**wire.JSON_TYPE, **reply.headers}))
    elif body.get('stream'):
        await _stream(reply, body, writer)
    elif reply.ending == 'done':
        writer.write(wire.whole(200, wire.completion(reply)))
    await writer.drain()


async def _stream(reply: Reply, body: Mapping[str, Any], writer: StreamWriter) -> None:
    writer.write(wire.head(200, {**wire.STREAM_TYPE, **reply.headers}))
    writer.write(wire.event(wire.delta({'role': 'assistant', 'content': ''})))
    for count, piece in enumerate(reply.pieces):
        await _hold(reply, count)
        reply.sent.append(time.time())
        writer.write(wire.event(wire.delta({'content': piece} if isinstance(piece, str) else piece)))
        await writer.drain()
        await asyncio.sleep(reply.pause)
    await _hold(reply, len(reply.pieces))
    if reply.calls:
        writer.write(wire.event(wire.delta(wire.tool_calls(reply))))
    writer.write(_end(reply, body))


async def _hold(reply: Reply, count: int) -> None:
    if gate := reply.gates.get(count):
        await gate.hold()


def _end(reply: Reply, body: Mapping[str, Any]) -> bytes:
    """The rest of a stream, in one piece: who has read `[DONE]` may close, and that is no early closing."""
    match reply.ending:
        case 'cut':
            return b''
        case 'malformed':
            return wire.event('{"id": "chatcmpl-1", "choices": [{"delta": {"con') + wire.END_OF_STREAM
        case 'error':
            return wire.event(wire.error('The server had an error while answering.')) + wire.END_OF_STREAM
        case 'done':
            end = wire.event(wire.delta({}, wire.finish_reason(reply)))
            if 'include_usage' in (body.get('stream_options') or ()):
                end += wire.event(wire.usage_delta(reply))
            return end + wire.event('[DONE]') + wire.END_OF_STREAM
        case _:
            assert_never(reply.ending)
